//! No JSON whatever panics, and whatever is read is read back the same from what we write of it.
//!
//! Reports are made by hand twice over: the recorded answers with any of their values exchanged for another one, and
//! text that is hardly JSON.

use std::path::Path;

use cm_model::report::{Api, Report};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any JSON, with a liking for what stands at the edge of something.
fn any_json() -> impl Strategy<Value = Value> {
    let edge = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-0.0),
        json!(-1),
        json!(0.1),
        json!(1e-300),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(9_007_199_254_740_993_u64),
        json!(1_766_000_000.123_456),
        json!(253_402_300_800_i64),
        json!(""),
        json!("ok"),
        json!("running"),
        json!("\u{0}\u{1b}[2J\u{202e}"),
        json!("ä".repeat(3000)),
        json!([]),
        json!({}),
    ]);
    let leaf = prop_oneof![4 => edge, 1 => any::<f64>().prop_map(|n| json!(n)), 1 => any::<i64>().prop_map(|n| json!(n)), 1 => "\\PC{0,20}".prop_map(|text| json!(text))];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[a-z_]{0,12}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn full(api: Api) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/api/{api}/full.json"));
    let text = std::fs::read(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    serde_json::from_slice(&text).expect("a recorded answer is JSON")
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Exchanges the value at a place, counted from the outside in.
fn exchange(value: &mut Value, place: &mut usize, other: &Value) {
    if *place == 0 {
        *value = other.clone();
        *place = usize::MAX;
        return;
    }
    *place -= 1;
    match value {
        Value::Array(list) => list.iter_mut().for_each(|entry| exchange(entry, place, other)),
        Value::Object(fields) => fields.values_mut().for_each(|field| exchange(field, place, other)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_report_with_any_values_exchanged_is_refused_or_reads_back_as_written(
        api in prop::sample::select(&Api::ALL[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 0..4),
    ) {
        let mut body = full(api);
        for (place, other) in changes {
            let mut place = place.index(count(&body));
            exchange(&mut body, &mut place, &other);
        }
        let text = body.to_string();
        match Report::read(api, text.as_bytes()) {
            Ok(report) => {
                let written = report.write();
                let again = Report::read(api, &written);
                prop_assert_eq!(again.as_ref(), Ok(&report));
                prop_assert_eq!(again.map(|again| again.write()), Ok(written));
            }
            Err(fault) => prop_assert!(!fault.to_string().is_empty()),
        }
    }

    #[test]
    fn any_json_is_read_or_refused(api in prop::sample::select(&Api::ALL[..]), body in any_json()) {
        let _ = Report::read(api, body.to_string().as_bytes());
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        api in prop::sample::select(&Api::ALL[..]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        cut in any::<prop::sample::Index>(),
        patch in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let _ = Report::read(api, &bytes);
        let mut answer = full(api).to_string().into_bytes();
        for (place, byte) in patch {
            let place = place.index(answer.len());
            answer[place] = byte;
        }
        let _ = Report::read(api, &answer);
        let _ = Report::read(api, &answer[..cut.index(answer.len())]);
    }
}
