//! Properties of the language: what is printed reads back, nothing makes it panic, nothing takes long.

use proptest::prelude::*;

use super::block::{Block, blocks};
use super::expression::{Expr, Literal, Math, Order, What};
use super::quantity::{MEASURES, Measure};
use super::set::{BUILT_IN, RuleFile, RuleSet};
use super::{FUNCTIONS, Frame, LABELS, parse};
use crate::clock::WallTime;
use crate::host::{Host, HostId};
use crate::registry::Registry;

fn expr(what: What) -> Expr {
    Expr { what, span: 0..0 }
}

fn literal() -> impl Strategy<Value = Literal> {
    let units: Vec<&'static Measure> = MEASURES.iter().collect();
    let times: Vec<&'static Measure> = MEASURES.iter().filter(|measure| measure.is_time()).collect();
    let value = prop_oneof![(0..100_000_u32).prop_map(f64::from), (0..100_000_u32).prop_map(|v| f64::from(v) / 64.0)];
    (value, prop::option::of(prop::sample::select(units)), prop::option::of(prop::sample::select(times)))
        .prop_map(|(value, unit, per)| Literal { value, unit, per })
}

fn name() -> impl Strategy<Value = String> {
    let metrics = crate::catalogue::all().map(|entry| entry.metric.name.to_owned());
    let names: Vec<String> = metrics.chain(LABELS.iter().map(|label| label.name.to_owned())).collect();
    prop::sample::select(names)
}

fn any_expr() -> impl Strategy<Value = Expr> {
    let text = "[a-z*?\"\\\\{}# ]{0,8}".prop_map(|text| expr(What::Text(text.into())));
    let leaf = prop_oneof![
        literal().prop_map(|literal| expr(What::Number(literal))),
        text.clone(),
        any::<bool>().prop_map(|truth| expr(What::Truth(truth))),
        name().prop_map(|name| expr(What::Name(name.into()))),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let function = prop::sample::select(FUNCTIONS).prop_map(|function| function.name);
        prop_oneof![
            boxed.clone().prop_map(|inner| expr(What::Not(inner))),
            boxed.clone().prop_map(|inner| expr(What::Minus(inner))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| expr(What::All(parts))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| expr(What::Any(parts))),
            (prop::sample::select(&Order::ALL), boxed.clone(), boxed.clone())
                .prop_map(|((_, order), left, right)| expr(What::Compare(order, left, right))),
            (prop::sample::select(&Math::ALL), boxed.clone(), boxed.clone())
                .prop_map(|((_, math), left, right)| expr(What::Math(math, left, right))),
            (boxed, prop::collection::vec(text.clone(), 1..3)).prop_map(|(left, among)| expr(What::OneOf(left, among))),
            (function, prop::collection::vec(inner, 0..3))
                .prop_map(|(name, given)| expr(What::Call(name.into(), given))),
        ]
    })
}

/// Reads a file as far as it goes and judges with what is sound in it.
fn read_and_judge(text: String) {
    let registry = Registry::default();
    let (set, problems) = RuleSet::of(&[RuleFile { path: "own.rules".into(), text }], &registry);
    let _ = problems.to_string();
    let mut frame = Frame::new(WallTime::from_secs(1_766_000_000), std::time::Duration::ZERO);
    let host = frame.host(Host::new(HostId::new("srv01").expect("a name")));
    for judged in set.judge(&frame) {
        let _ = judged.body.finding(&frame, host);
    }
}

fn read(text: &str) -> Vec<Block> {
    let mut faults = Vec::new();
    let read = blocks(text, 0..text.len(), &mut faults);
    assert!(faults.is_empty(), "{faults:?} in\n{text}");
    read
}

#[test]
fn the_built_in_rules_read_back_as_they_are_printed() {
    let rules = read(BUILT_IN);
    let printed: String = rules.iter().map(ToString::to_string).collect();
    assert_eq!(read(&printed), rules);
}

#[test]
fn blocks_of_every_sort_read_back_as_they_are_printed() {
    let text = r#"rule a-1
  when drive.wear > 80 % and not service.running
  for 90s
  clear drive.wear < 70 % for 1h
  severity critical when drive.wear > 95 % else warning when drive.wear > 90 % else note
  critical when drive.spare < 5 %
  text "{{a}} \"{drive}\" \\ {avg(drive.wear, 36h)}"
  next "b"
  runbook "https://wiki.lan/a"
  tell night
  group power
  about reach
change a-1 for host "s*"
  clear for 500ms
off a-1 for role "lab"
on a-1
"#;
    let rules = read(text);
    assert_eq!(rules.len(), 4);
    let printed: String = rules.iter().map(ToString::to_string).collect();
    assert_eq!(read(&printed), rules, "{printed}");
}

proptest! {
    #[test]
    fn an_expression_reads_back_as_it_is_printed(expr in any_expr()) {
        let printed = expr.to_string();
        let mut faults = Vec::new();
        let read = parse::expression(&printed, 0..printed.len(), &mut faults);
        prop_assert!(faults.is_empty(), "{:?} in {}", faults, printed);
        prop_assert_eq!(read.expect("no fault"), expr, "{}", printed);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}") {
        read_and_judge(text);
    }

    #[test]
    fn no_rule_made_of_its_own_words_makes_it_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "rule", "change", "off", "on", "when", "for", "clear", "severity", "critical", "else", "text", "next", "\n",
            "a", "drive.wear", "service.state", "filesystem.read_only", "host", "and", "or", "not", "in", "(", ")", ",",
            "\"{drive}\"", "\"{", "}\"", "\"\"", "avg", "forecast", "bit", "gone", "drive", "70", "%", "5m", "C", ">",
            "==", "~", "-", "/", "*", "°C", "yes", "'", "=", "#", "about", "reach", "tell", "runbook",
        ]), 0..60),
    ) {
        read_and_judge(words.join(" "));
    }

    #[test]
    fn no_built_in_rule_with_a_slip_makes_it_panic(at in any::<prop::sample::Index>(), length in 0..12_usize, put in "(?s).{0,3}") {
        let start = BUILT_IN.floor_char_boundary(at.index(BUILT_IN.len()));
        let end = BUILT_IN.ceil_char_boundary((start + length).min(BUILT_IN.len()));
        let text = format!("{}{put}{}", &BUILT_IN[..start], &BUILT_IN[end..]);
        let (_, problems) = RuleSet::of(&[RuleFile { path: "own.rules".into(), text }], &Registry::default());
        let _ = problems.to_string();
    }

    #[test]
    fn an_expression_that_is_sound_is_judged(expr in any_expr()) {
        read_and_judge(format!("rule a\n  when {expr}\n  text \"x\"\n"));
    }
}
