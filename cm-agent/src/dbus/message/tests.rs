use super::super::peer::written;
use super::*;
use proptest::prelude::*;

fn read(bytes: &[u8], piece: usize) -> Result<Vec<Message>, Garbled> {
    let mut incoming = Incoming::default();
    let mut messages = Vec::new();
    for bytes in bytes.chunks(piece) {
        incoming.push(bytes);
        while let Some(message) = incoming.next()? {
            messages.push(message);
        }
    }
    Ok(messages)
}

#[test]
fn messages_are_read_whole_however_they_arrive() {
    let mut body = Writer::default();
    body.text("hello");
    let signal = written(
        4,
        &[(1, "o", "/a"), (2, "s", "i.f"), (3, "s", "M"), (7, "s", ":1.2"), (8, "g", "s")],
        None,
        &body.bytes,
    );
    let answer = written(2, &[(8, "g", "s")], Some(7), &body.bytes);
    let both = [signal.clone(), answer, signal].concat();
    for piece in [1, 3, 16, 17, 1000] {
        let read = read(&both, piece).unwrap();
        let kinds: Vec<_> = read.iter().map(|message| (message.kind, message.answers)).collect();
        assert_eq!(kinds, [(Kind::Signal, None), (Kind::Answer, Some(7)), (Kind::Signal, None)], "{piece}");
        let first = &read[0];
        let told = (&*first.path, &*first.interface, &*first.name, &*first.sender);
        assert_eq!(told, ("/a", "i.f", "M", ":1.2"));
        assert_eq!(first.body.read("s").unwrap().text(), Some("hello"));
        assert!(first.body.read("u").is_none(), "another type");
    }
}

#[test]
fn our_own_calls_read_as_calls() {
    let call = Call { to: "a.b", path: "/p", interface: "i.f", method: "Do" };
    let read = read(&call.write(5, "s", &[1, 0, 0, 0, b'x', 0]), 7).unwrap();
    assert_eq!((read[0].kind, &*read[0].name, read[0].body.signature()), (Kind::Other, "Do", "s"));
    assert_eq!(read[0].body.read("s").unwrap().text(), Some("x"));
}

#[test]
fn what_is_too_large_is_gone_past_and_answers_all_the_same() {
    let large = written(2, &[(8, "g", "ay")], Some(3), &vec![1; MOST_BYTES + 5]);
    let small = written(2, &[], Some(4), &[]);
    for piece in [4096, 100_000, 4_000_000] {
        let read = read(&[large.clone(), small.clone()].concat(), piece).unwrap();
        let told: Vec<_> = read.iter().map(|message| (message.answers, message.cut, message.body.len())).collect();
        assert_eq!(told, [(Some(3), true, 0), (Some(4), false, 0)], "{piece}");
    }
}

#[test]
fn what_is_no_message_is_refused() {
    let whole = written(4, &[(1, "o", "/a")], None, &[]);
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    for (bytes, why) in [
        (with(0, b'x'), "order of bytes"),
        (with(1, 0), "header"),
        (with(3, 2), "version"),
        (with(15, 1), "beyond all bounds"),
        (with(7, 255), "beyond all bounds"),
        (with(20, 200), "header"),
    ] {
        let error = read(&bytes, 1000).unwrap_err();
        assert!(error.to_string().contains(why), "{error}: {bytes:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), piece in 1_usize..100) {
        let _ = read(&bytes, piece);
    }

    #[test]
    fn no_damage_to_a_message_panics(at in 0_usize..80, byte: u8, piece in 1_usize..100) {
        let mut bytes = written(4, &[(1, "o", "/a"), (2, "s", "i.f"), (3, "s", "M"), (8, "g", "s")], Some(1), b"\x01\0\0\0a\0");
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(messages) = read(&bytes, piece) {
            for message in messages {
                let _ = message.body.read("s").and_then(|mut reader| reader.text().map(str::len));
            }
        }
    }
}
