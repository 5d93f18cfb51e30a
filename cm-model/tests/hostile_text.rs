//! The corpus of hostile texts, and texts made at random, through every exit there is.
//!
//! An exit that is added to `EXITS` is tried here; only the classes of the corpus that aim at it are named below.

#![allow(clippy::unwrap_used, reason = "a test may fail by it")]

use std::collections::BTreeSet;
use std::path::Path;

use cm_model::text::{EXITS, HostText, completion, csv, json, log, mail, prometheus, terminal};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Hostile {
    class: String,
    name: String,
    text: String,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
    json: String,
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn corpus() -> Vec<Hostile> {
    serde_json::from_str(&fixture("texts.json")).unwrap()
}

/// What every exit promises of every text.
fn check(text: &str) {
    let text = HostText::new(text);
    for exit in EXITS {
        let written = (exit.write)(&text);
        assert!((exit.harmless)(&written), "{} lets harm out: {text:?} became {written:?}", exit.name);
        // A byte becomes at most `⟨10ffff⟩` or `\u{10ffff}`, a sign an entity: no exit lets a text grow without bound.
        let bound = text.raw().len() * 12 + 2;
        assert!(written.len() <= bound, "{} lets {text:?} grow to {} bytes", exit.name, written.len());
    }
    check_exact(text.raw());
    check_steady(text.raw());
    for columns in [0, 1, 2, 7, 40, 400] {
        let fitted = terminal::fitted(&text, columns);
        assert!(terminal::columns(&fitted) <= columns, "{text:?} in {columns} columns became {fitted:?}");
    }
    assert!(terminal::columns(&mail::header(&text)) <= mail::MOST_HEADER_COLUMNS);
}

/// The exits that promise it give the same text back, each read by the rules of its place.
fn check_exact(text: &str) {
    assert_eq!(serde_json::from_str::<String>(&json::string(text)).unwrap(), text);
    assert_eq!(read_label(&prometheus::label(text)), text);
    assert_eq!(read_log_value(&log::value(text)), text);
}

/// Going out twice by the same exit changes nothing more, where what is written is plain text again.
fn check_steady(text: &str) {
    for exit in [terminal::line::<str>, csv::cell::<str>, mail::header::<str>, mail::body::<str>] {
        let once = exit(text).into_owned();
        assert_eq!(exit(&once), once, "{text:?}");
    }
}

/// Prometheus' three escapes, then our codes for the invisible.
fn read_label(written: &str) -> String {
    let mut label = String::new();
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => label.push(match rest.next() {
                Some('n') => '\n',
                Some(c @ ('\\' | '"')) => c,
                other => panic!("Prometheus knows no escape {other:?}"),
            }),
            '⟨' => label.push(code_point(rest.by_ref().take_while(|&c| c != '⟩'))),
            c => label.push(c),
        }
    }
    label
}

fn read_log_value(written: &str) -> String {
    let Some(inner) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return written.to_owned();
    };
    let mut value = String::new();
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        value.push(match rest.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('x') => code_point(rest.by_ref().take(2)),
            Some('u') => code_point(rest.by_ref().skip(1).take_while(|&c| c != '}')),
            Some(c @ ('\\' | '"')) => c,
            other => panic!("a log value knows no escape {other:?}"),
        });
    }
    value
}

fn code_point(digits: impl Iterator<Item = char>) -> char {
    let digits: String = digits.collect();
    char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
}

/// One word by the rules that bash, zsh, fish and sh share.
fn read_word(written: &str) -> String {
    let mut word = String::new();
    let mut quoted = false;
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        match c {
            '\'' => quoted = !quoted,
            '\\' if !quoted => word.extend(rest.next()),
            c => word.push(c),
        }
    }
    word
}

#[test]
fn no_hostile_text_does_harm_by_any_exit() {
    for hostile in corpus() {
        check(&hostile.text);
    }
}

#[test]
fn every_character_there_is_comes_out_harmless() {
    // The planes left out are private or hold nothing; their ends are here.
    let all: Vec<char> =
        ('\0'..='\u{3ffff}').chain('\u{e0000}'..='\u{e01ff}').chain('\u{10ff00}'..=char::MAX).collect();
    for some in all.chunks(512) {
        // A letter between them, so that no mark hides behind the flood of the ones before it.
        let text: String = some.iter().flat_map(|&c| ['a', c]).collect();
        let written = terminal::line(&text);
        assert!((terminal::EXIT.harmless)(&written), "among U+{:04X} and what follows: {written}", u32::from(some[0]));
    }
}

#[test]
fn every_exit_calls_raw_attacks_on_its_place_harmful() {
    let aimed_at: &[(&str, &[&str])] = &[
        ("terminal", &["control", "escape", "direction", "invisible", "look"]),
        ("log", &["control", "line"]),
        ("csv", &["formula"]),
        ("json", &["data", "escape"]),
        ("html", &["markup", "direction"]),
        ("mail header", &["line"]),
        ("mail body", &["line"]),
        ("chat", &["chat"]),
        ("prometheus", &["prometheus", "escape"]),
        ("dbus", &["markup"]),
        ("completion", &["shell"]),
    ];
    let corpus = corpus();
    for exit in EXITS {
        let Some((_, classes)) = aimed_at.iter().find(|(name, _)| *name == exit.name) else {
            panic!("name here the classes of fixtures/hostile/ that aim at the exit `{}`", exit.name);
        };
        for class in *classes {
            let caught = corpus.iter().any(|hostile| hostile.class == *class && !(exit.harmless)(&hostile.text));
            assert!(caught, "`harmless` of {} finds nothing wrong with any raw text of {class}", exit.name);
        }
    }
}

#[test]
fn the_corpus_is_as_its_readme_says() {
    let file = fixture("texts.json");
    assert!(file.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "texts.json is plain ASCII");
    let corpus = corpus();
    assert!(corpus.len() >= 60);
    let names: BTreeSet<_> = corpus.iter().map(|hostile| &hostile.name).collect();
    assert_eq!(names.len(), corpus.len(), "names are unique");
    let readme = fixture("README.md");
    for hostile in &corpus {
        assert!(readme.contains(&format!("| `{}` |", hostile.class)), "README.md explains the class {}", hostile.class);
    }
}

#[test]
fn what_can_be_no_text_is_refused() {
    let refused: Vec<Refused> = serde_json::from_str(&fixture("refused.json")).unwrap();
    assert!(refused.len() > 3);
    for broken in refused {
        assert!(serde_json::from_str::<HostText>(&broken.json).is_err(), "{}", broken.name);
    }
}

#[test]
fn names_of_exits_are_unique() {
    let names: BTreeSet<_> = EXITS.iter().map(|exit| exit.name).collect();
    assert_eq!(names.len(), EXITS.len());
}

/// Pieces that attacks are made of, and ordinary ones between them.
fn pieces() -> impl Strategy<Value = String> {
    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "a", "word", " ", ",", ";", "|", "\"", "'", "\\", "=", "+", "-", "@", "\t", "\r", "\n", ".", "<", ">", "&", "amp;",
        "!channel", "everyone", "*", "_", "`", "[", "](", "http://", ":", "/", "#", "$(", "\0", "\u{1b}[", "\u{9b}", "\u{7f}",
        "\u{202e}", "\u{2066}", "\u{200b}", "\u{200d}", "\u{fe0f}", "\u{fe0e}", "\u{feff}", "\u{301}", "\u{20dd}", "\u{2028}",
        "\u{a0}", "\u{3000}", "\u{e0041}", "\u{e0100}", "👨", "👩", "❤", "🏽", "🇩", "漢", "é", "ا", "ل", "ש", "한",
        "\u{1100}", "\u{1161}", "＝", "⟨", "⟩", "…", "=?", "?=", "1\u{fe0f}\u{20e3}",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_whatever_does_harm(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn no_mixture_of_attacks_does_harm(text in pieces()) {
        check(&text);
    }

    #[test]
    fn plain_words_pass_every_exit_unharmed(text in "[A-Za-z0-9]{1,12}( [A-Za-z0-9]{1,12}){0,4}") {
        for exit in EXITS {
            let written = (exit.write)(&HostText::new(text.as_str()));
            prop_assert!(written.contains(&text), "{}: {}", exit.name, written);
        }
    }

    #[test]
    fn printable_ascii_goes_to_a_terminal_as_it_is(text in "[ -~]{0,60}") {
        prop_assert_eq!(terminal::line(&text), text.as_str());
    }

    #[test]
    fn a_shell_reads_a_printable_name_as_it_is(text in "[ -,.-~][ -~]{0,40}") {
        prop_assert_eq!(read_word(&completion::word(&text)), text);
    }

    #[test]
    fn two_texts_never_come_alike_out_of_an_exact_exit(one in pieces(), other in pieces()) {
        prop_assume!(one != other);
        prop_assert_ne!(json::string(&one), json::string(&other));
        prop_assert_ne!(prometheus::label(&one), prometheus::label(&other));
        prop_assert_ne!(log::value(&one), log::value(&other));
    }
}
