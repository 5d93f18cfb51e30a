//! The last self-test, from where each protocol keeps it.

use cm_model::report::smart::SelfTest;
use cm_model::unit::Hours;
use serde_json::Value;

use super::json::{at, hours, list, number};

/// Its result, and the power-on hours at which it ran.
pub(super) fn read(document: &Value, power_on: Option<Hours>) -> (Option<SelfTest>, Option<Hours>) {
    let told = ata(document, power_on).or_else(|| nvme(document)).or_else(|| scsi(document));
    told.map_or((None, None), |(result, hours)| (Some(result), hours))
}

fn ata(document: &Value, power_on: Option<Hours>) -> Option<(SelfTest, Option<Hours>)> {
    let log =
        at(document, "ata_smart_self_test_log/extended").or_else(|| at(document, "ata_smart_self_test_log/standard"));
    let newest = log.and_then(|log| list(log, "table").first());
    let ran = newest.and_then(|entry| hours(entry, "lifetime_hours")).map(|hours| unwrapped(hours, power_on));
    // The drive's own status tells of one under way before its log does.
    let status = number(document, "ata_smart_data/self_test/status/value");
    if status.is_some_and(|status| (240.0..=255.0).contains(&status)) {
        return Some((SelfTest::Running, ran));
    }
    match newest {
        Some(entry) => Some((ata_result(number(entry, "status/value")?), ran)),
        None => log.map(|_| (SelfTest::Never, None)),
    }
}

/// The upper four bits of the status byte (ACS-4, 9.6).
fn ata_result(status: f64) -> SelfTest {
    match status {
        0.0..16.0 => SelfTest::Passed,
        16.0..48.0 => SelfTest::Aborted,
        48.0..144.0 => SelfTest::Failed,
        240.0..256.0 => SelfTest::Running,
        _ => SelfTest::Unknown,
    }
}

/// The log keeps hours in 16 bits: on a drive older than 65,535 hours they have begun again. The test is taken for as late as
/// the drive's age allows.
fn unwrapped(hours: Hours, power_on: Option<Hours>) -> Hours {
    const ROUND: f64 = 65_536.0;
    let rounds = power_on.map_or(0.0, |age| ((age.get() - hours.get()) / ROUND).floor().max(0.0));
    Hours::saturating(hours.get() + rounds * ROUND)
}

fn nvme(document: &Value) -> Option<(SelfTest, Option<Hours>)> {
    let log = at(document, "nvme_self_test_log")?;
    if number(log, "current_self_test_operation/value").is_some_and(|operation| operation > 0.0) {
        return Some((SelfTest::Running, None));
    }
    let Some(newest) = list(log, "table").first() else { return Some((SelfTest::Never, None)) };
    let result = match number(newest, "self_test_result/value")? {
        0.0 => SelfTest::Passed,
        5.0..=7.0 => SelfTest::Failed,
        _ => SelfTest::Aborted,
    };
    Some((result, hours(newest, "power_on_hours")))
}

/// The results of SPC-5's self-test log (7.3.21): 1 and 2 were stopped, 3 to 7 found something.
fn scsi(document: &Value) -> Option<(SelfTest, Option<Hours>)> {
    let newest = at(document, "scsi_self_test_0")?;
    let result = match number(newest, "result/value")? {
        0.0 => SelfTest::Passed,
        1.0..=2.0 => SelfTest::Aborted,
        3.0..=7.0 => SelfTest::Failed,
        15.0 => SelfTest::Running,
        _ => SelfTest::Unknown,
    };
    Some((result, hours(newest, "power_on_time/hours")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ata_log(status: u8, hours: u32) -> Value {
        let entry = json!({ "status": { "value": status }, "lifetime_hours": hours });
        json!({ "ata_smart_self_test_log": { "standard": { "table": [entry], "count": 1 } } })
    }

    #[test]
    fn each_protocol_tells_its_newest_result() {
        let running = json!({ "ata_smart_data": { "self_test": { "status": { "value": 241 } } } });
        let nvme = |operation: u8, table: Value| json!({ "nvme_self_test_log": { "current_self_test_operation": { "value": operation }, "table": table } });
        for (document, expected) in [
            (ata_log(0, 100), Some((SelfTest::Passed, Some(100.0)))),
            (ata_log(0x19, 100), Some((SelfTest::Aborted, Some(100.0)))),
            (ata_log(0x73, 100), Some((SelfTest::Failed, Some(100.0)))),
            (ata_log(0xf3, 100), Some((SelfTest::Running, Some(100.0)))),
            (running, Some((SelfTest::Running, None))),
            (json!({ "ata_smart_self_test_log": { "standard": { "count": 0 } } }), Some((SelfTest::Never, None))),
            (json!({ "ata_smart_data": { "self_test": { "status": { "value": 0 } } } }), None),
            (nvme(1, json!([])), Some((SelfTest::Running, None))),
            (nvme(0, json!([])), Some((SelfTest::Never, None))),
            (
                nvme(0, json!([{ "self_test_result": { "value": 7 }, "power_on_hours": 9 }])),
                Some((SelfTest::Failed, Some(9.0))),
            ),
            (
                json!({ "scsi_self_test_0": { "result": { "value": 0 }, "power_on_time": { "hours": 7 } } }),
                Some((SelfTest::Passed, Some(7.0))),
            ),
            (json!({}), None),
        ] {
            let (result, hours) = read(&document, None);
            assert_eq!(result.map(|result| (result, hours.map(Hours::get))), expected, "{document}");
        }
    }

    #[test]
    fn hours_that_began_again_are_taken_for_as_late_as_can_be() {
        for (hours, age, expected) in
            [(100, 83_425.0, 65_636.0), (17_000, 83_425.0, 82_536.0), (18_000, 83_425.0, 18_000.0), (10, 5.0, 10.0)]
        {
            let (_, told) = read(&ata_log(0, hours), Some(Hours::saturating(age)));
            assert_eq!(told.map(Hours::get), Some(expected), "{hours} at {age}");
        }
    }
}
