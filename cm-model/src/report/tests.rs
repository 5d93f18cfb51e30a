use super::read::{Malformed, body};
use super::*;

const SMART: &str = r#"{"status":"ok","drives":[{"name":"nvme0n1","temperature_c":56,"wear_level":4.0,"kind":"nvme"}],"summary":{},"issues":[],"timestamp":1766000000}"#;

fn smart(text: &str) -> Result<SmartReport, Malformed> {
    body(text.as_bytes())
}

#[test]
fn a_report_reads_back_as_it_was_written() {
    let report = Report::read(Api::Smart, SMART.as_bytes()).unwrap();
    assert_eq!(Report::read(Api::Smart, &report.write()).unwrap(), report);
}

#[test]
fn what_is_newer_or_older_than_us_is_read() {
    let newer = SMART.replace("\"status\":\"ok\"", "\"status\":\"splendid\",\"moon\":{\"phase\":[1,{}]}");
    assert_eq!(smart(&newer).unwrap().status, Status::Unknown);
    let older = r#"{"status":"OK","drives":[{"name":"sda","temperature_c":null}],"summary":{},"issues":[],"timestamp":1766000000.5,"pools":null}"#;
    let report = smart(older).unwrap();
    assert_eq!(report.status, Status::Ok);
    assert_eq!(report.drives[0].temperature_c, None);
    assert!(smart(&format!("\u{feff}{SMART}")).is_ok(), "a byte-order mark is passed over");
}

#[test]
fn a_refusal_names_the_place_and_the_cause() {
    let cases: [(&str, &str); 10] = [
        ("", "empty"),
        ("<!doctype html><form>", "web page"),
        ("hello", "not JSON"),
        (&SMART[..60], "not JSON"),
        (r#"{"status":"ok"}"#, "missing field `drives`"),
        ("[]", "at the top level"),
        (&SMART.replace("56", "\"warm\""), "drives[0].temperature_c"),
        (&SMART.replace("56", "1e300"), "no temperature"),
        (&SMART.replace("56", "NaN"), "not JSON"),
        (&SMART.replace("\"issues\":[]", "\"issues\":[],\"issues\":[]"), "duplicate field"),
    ];
    for (text, expected) in cases {
        let said = smart(text).unwrap_err().to_string();
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn size_depth_and_number_are_bounded() {
    assert_eq!(smart(&" ".repeat(read::MOST_BYTES + 1)), Err(Malformed::TooLarge));
    let deep =
        |levels: usize| SMART.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(levels), "]".repeat(levels)), 1);
    assert!(smart(&deep(read::MOST_LEVELS - 1)).is_ok());
    assert_eq!(smart(&deep(read::MOST_LEVELS)), Err(Malformed::TooDeep));
    assert_eq!(smart(&deep(100_000)), Err(Malformed::TooDeep));
    assert_eq!(body::<SmartReport>(b"\xff\xfe"), Err(Malformed::NotUtf8 { at: 0 }));
    let crowd = vec![r#"{"name":"x"}"#; read::MOST_ENTRIES + 1].join(",");
    let said = smart(&SMART.replace("\"drives\":[", &format!("\"drives\":[{crowd},"))).unwrap_err().to_string();
    assert!(said.contains("more than 4096 entries"), "{said}");
}

#[test]
fn brackets_inside_strings_do_not_count_as_depth() {
    let said = SMART.replace("nvme0n1", &format!("{}\\\"{}", "[".repeat(100), "{".repeat(100)));
    assert!(smart(&said).is_ok());
}
