use super::*;
use crate::key::Chord;
use proptest::prelude::*;

fn keys(text: &str) -> Vec<Typed> {
    text.split_whitespace().map(|key| Typed::Key(Chord::parse(key).unwrap().presses()[0])).collect()
}

#[test]
fn keys_of_many_terminals_are_understood() {
    for (bytes, expected) in [
        (&b"q"[..], "q"),
        (b"gG", "g G"),
        ("ä€".as_bytes(), "ä €"),
        (b"\r\t\x7f", "enter tab backspace"),
        (b"\x03\x1a", "ctrl-c ctrl-z"),
        (b"\x1b[A\x1bOB", "up down"),
        (b"\x1b[1;5C\x1b[1;2D", "ctrl-right shift-left"),
        (b"\x1b[5~\x1b[6~\x1b[1~\x1b[4~", "pageup pagedown home end"),
        (b"\x1b[Z", "shift-tab"),
        (b"\x1bOP\x1b[11~\x1b[[A\x1b[24~", "f1 f1 f1 f12"),
        (b"\x1bx", "alt-x"),
        (b"\x1b\x1b[A", "esc up"),
        (b"\x1b[?1;2c", ""),
        (b"\x1b[I\x1b[O", ""),
        (b"\x1bP1$r0m\x1b\\x", "x"),
        (b"\xffa\xc3(", "a ("),
    ] {
        assert_eq!(Reader::default().feed(bytes), keys(expected), "{bytes:?}");
    }
}

#[test]
fn an_escape_alone_is_in_doubt_until_nothing_follows() {
    let mut reader = Reader::default();
    assert_eq!(reader.feed(b"\x1b"), []);
    assert!(reader.is_in_doubt());
    assert_eq!(reader.settle(), keys("esc").pop());
    assert!(!reader.is_in_doubt());
    assert_eq!(reader.feed(b"\x1b["), []);
    assert_eq!(reader.settle(), keys("alt-[").pop());
    assert_eq!(reader.feed(b"\x1b"), []);
    assert_eq!(reader.feed(b"[A"), keys("up"));
}

#[test]
fn an_escape_with_nothing_behind_it_is_a_key_at_once() {
    let mut reader = Reader::default();
    assert_eq!(reader.feed(b"j\x1b"), keys("j"));
    assert_eq!(reader.pause(), keys("esc").pop());
    assert!(reader.is_in_doubt());
    assert_eq!(reader.settle(), None);
    assert!(!reader.is_in_doubt());
    assert_eq!(reader.feed(b"[A"), keys("[ A"), "a moment later these are keys");
    for begun in [&b""[..], b"\x1b[", b"\x1b]11;", b"\x1b[200~\x1b"] {
        let mut reader = Reader::default();
        reader.feed(begun);
        assert_eq!(reader.pause(), None, "{begun:?}");
    }
}

#[test]
fn a_sequence_that_comes_in_pieces_is_mistaken_once_at_most_and_never_typed() {
    for (rest, meant) in [("[A", "up"), ("OB", "down"), ("[5~", "pageup"), ("]x\x07", "")] {
        let mut reader = Reader::default();
        reader.feed(b"\x1b");
        assert_eq!(reader.pause(), keys("esc").pop());
        assert_eq!(reader.feed(rest.as_bytes()), keys(meant), "{rest:?}");
        reader.feed(b"\x1b");
        assert_eq!(reader.pause(), None, "from then on time tells");
        assert!(reader.is_in_doubt());
        assert_eq!(reader.feed(rest.as_bytes()), keys(meant), "{rest:?}");
        reader.feed(b"\x1b");
        assert_eq!(reader.settle(), keys("esc").pop());
    }
}

#[test]
fn the_answer_about_the_background_loses_no_key() {
    let mut reader = Reader::default();
    let mut typed = reader.feed(b"j\x1b]11;rgb:ffff/ff");
    typed.extend(reader.feed(b"ff/ffff\x1b\\k"));
    assert_eq!(typed, [keys("j"), vec![Typed::Background(Theme::Light)], keys("k")].concat());
    for (answer, theme) in
        [("rgb:1e/1e/2e", Some(Theme::Dark)), ("rgba:ffff/ffff/ffff/ffff", Some(Theme::Light)), ("x", None)]
    {
        let typed = Reader::default().feed(format!("\x1b]11;{answer}\x07").as_bytes());
        assert_eq!(typed, theme.map(Typed::Background).into_iter().collect::<Vec<_>>(), "{answer}");
    }
}

#[test]
fn pasted_text_is_no_keys_however_it_comes_in_pieces() {
    let bytes = b"a\x1b[200~q\r\x1b[A\x1b[201~b";
    for piece in 1..bytes.len() {
        let mut reader = Reader::default();
        let typed: Vec<Typed> = bytes.chunks(piece).flat_map(|piece| reader.feed(piece)).collect();
        let expected = [keys("a"), vec![Typed::Paste("q\r\x1b[A".to_owned())], keys("b")].concat();
        assert_eq!(typed, expected, "{piece}");
    }
}

#[test]
fn the_mouse_is_understood() {
    for (bytes, expected) in [
        (&b"\x1b[<0;3;4M"[..], Some(Mouse::Click { x: 2, y: 3 })),
        (b"\x1b[<0;3;4m", None),
        (b"\x1b[<16;3;4M", Some(Mouse::Click { x: 2, y: 3 })),
        (b"\x1b[<32;300;4M", Some(Mouse::Drag { x: 299, y: 3 })),
        (b"\x1b[<64;1;1M", Some(Mouse::WheelUp)),
        (b"\x1b[<65;1;1M", Some(Mouse::WheelDown)),
        (b"\x1b[<2;1;1M", None),
        (b"\x1b[<0;99999999999;1M", Some(Mouse::Click { x: 0, y: 0 })),
        (b"\x1b[<0;99999;1M", None),
    ] {
        assert_eq!(
            Reader::default().feed(bytes),
            expected.map(Typed::Mouse).into_iter().collect::<Vec<_>>(),
            "{bytes:?}"
        );
    }
}

#[test]
fn a_sequence_without_end_is_given_up() {
    let mut reader = Reader::default();
    reader.feed(b"\x1b]52;");
    for _ in 0..100 {
        reader.feed(&[b'x'; 1_000]);
    }
    assert!(reader.bytes.len() <= LONGEST + 1_000);
    let mut reader = Reader::default();
    reader.feed(b"\x1b[200~");
    for _ in 0..100 {
        reader.feed(&[b'x'; 10_000]);
    }
    assert!(matches!(&reader.feed(PASTE_END)[..], [Typed::Paste(text)] if text.len() == LONGEST_PASTE));
}

proptest! {
    #[test]
    fn bytes_mean_the_same_in_any_pieces(bytes in prop::collection::vec(prop_oneof![
        any::<u8>(), Just(0x1b), Just(b'['), Just(b'O'), Just(b'<'), Just(b';'), Just(b'~'), Just(b'M'), b'0'..=b'9',
    ], 0..60), cut in 0_usize..60) {
        let whole = Reader::default().feed(&bytes);
        let mut reader = Reader::default();
        let (one, other) = bytes.split_at(cut.min(bytes.len()));
        let mut pieces = reader.feed(one);
        pieces.extend(reader.feed(other));
        prop_assert_eq!(whole, pieces);
    }
}
