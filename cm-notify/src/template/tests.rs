//! Templates as people write them, rightly and wrongly.

use cm_core::clock::WallTime;
use cm_core::outbox::{MessageId, Voice};
use cm_core::text::HostText;

use super::*;

fn filled(template: &str, form: Form, from: &str) -> String {
    let message = Message {
        id: MessageId::of(&["test"], 1),
        topic: Topic::Trial,
        thread: None,
        made: WallTime::from_secs(0),
        parts: Vec::new(),
        more: 0,
        may_repeat: false,
        from: HostText::new(from),
        audit: None,
    };
    let voice = Voice { now: WallTime::from_secs(0), local: &|_| String::new(), program: "cm-cli" };
    Template::new(template, form).unwrap().fill(&message, &message.sheet(voice), "cm-cli")
}

#[test]
fn a_place_is_filled_by_the_rules_of_its_form() {
    for (template, form, text) in [
        (r#"{"t": "{{title}}"}"#, Form::Json, r#"{"t": "a test from a\"b&c d"}"#),
        ("{{ title }} ({{status}})", Form::Plain, "a test from a\"b&c d (test)"),
        ("t={{title}}&s={{severity}}", Form::Form, "t=a+test+from+a%22b%26c+d&s=ok"),
        ("no place { } }}", Form::Plain, "no place { } }}"),
        ("{{host}}|{{urgency}}", Form::Plain, "|normal"),
    ] {
        assert_eq!(filled(template, form, "a\"b&c d"), text);
    }
    let whole = filled(r#"{"all": {{json}}}"#, Form::Json, "{{title}}");
    let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["all"]["from"], "{{title}}", "what fills a place is no template");
}

#[test]
fn what_is_wrong_with_a_template_is_told_when_it_is_read() {
    for (template, form, why) in [
        ("{{titel}}", Form::Plain, "{{titel}} is no place: {{title}} was probably meant"),
        ("{{xyzzy}}", Form::Plain, "{{xyzzy}} is no place: there are title, text"),
        ("ab {{title", Form::Plain, "begins at character 4 is not closed"),
        (r#"{"a": {{title}}}"#, Form::Json, "filled, the template is no JSON"),
        (r#"{"a": "{{title}}""#, Form::Json, "filled, the template is no JSON"),
        (&"x".repeat(LONGEST + 1), Form::Plain, "at most 16384 bytes"),
    ] {
        let fault = Template::new(template, form).unwrap_err().to_string();
        assert!(fault.contains(why), "{fault}");
    }
}

#[test]
fn the_form_is_told_by_the_end_of_the_name() {
    for (file, form) in [("a.json", Form::Json), ("a.txt", Form::Plain), ("a.form", Form::Form), ("a", Form::Json)] {
        assert_eq!(Form::of(Path::new(file)), form);
    }
}
