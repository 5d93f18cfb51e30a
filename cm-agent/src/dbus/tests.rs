use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use super::peer::{Peer, refusal, text_answer, written};
use super::*;

const AMPLE: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(1);

fn signal(name: &str, path: &str, text: &str) -> Vec<u8> {
    let mut body = Writer::default();
    body.text(text);
    peer::signal(":1.9", path, ["x.y", name], "s", &body)
}

fn with(peer: impl FnOnce(Peer) + Send + 'static) -> (Result<Bus, Broken>, JoinHandle<()>) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    let theirs = thread::spawn(move || peer(Peer::new(theirs)));
    (Bus::over(Socket::over(ours.into())), theirs)
}

fn ask(bus: &mut Bus, method: &str, limit: Duration) -> Result<Answer, CallError> {
    bus.call(&Call { to: "a.b", path: "/", interface: "x.y", method }, "", &Writer::default(), limit)
}

fn text(answer: &Answer) -> &str {
    answer.body.read("s").unwrap().text().unwrap()
}

#[test]
fn a_call_is_answered_and_signals_wait_until_they_are_asked_for() {
    let (bus, peer) = with(|mut peer| {
        peer.admit();
        let serial = peer.called("Get").serial;
        peer.send(&signal("New", "/a", "one"));
        peer.send(&text_answer(serial + 100, "for nobody"));
        peer.send(&text_answer(serial, "yes"));
    });
    let mut bus = bus.unwrap();
    assert_eq!(text(&ask(&mut bus, "Get", AMPLE).unwrap()), "yes");
    let Signals { list, lost } = bus.signals();
    assert_eq!((list.len(), lost), (1, false));
    assert_eq!((&*list[0].name, &*list[0].path, &*list[0].sender), ("New", "/a", ":1.9"));
    assert_eq!(list[0].body.read("s").unwrap().text(), Some("one"));
    assert_eq!(bus.signals(), Signals::default());
    peer.join().unwrap();
    assert!(matches!(bus.drain(), Err(Broken::Ended)));
}

#[test]
fn answers_come_in_any_order_and_to_whoever_waits() {
    let (bus, peer) = with(|mut peer| {
        peer.admit();
        let (one, two, three) = (peer.called("One").serial, peer.called("Two").serial, peer.called("Three").serial);
        peer.send(&text_answer(three, "3"));
        peer.send(&refusal(two, "org.freedesktop.DBus.Error.AccessDenied", "not for you"));
        peer.send(&text_answer(one, "1"));
    });
    let mut bus = bus.unwrap();
    let call = |method| Call { to: "a.b", path: "/", interface: "x.y", method };
    let [one, two, three] =
        ["One", "Two", "Three"].map(|method| bus.send(&call(method), "", &Writer::default()).unwrap());
    bus.forget(three);
    peer.join().unwrap();
    while let Ok(true) = bus.wait(SHORT) {}
    assert_eq!(text(&bus.answer(one).unwrap().unwrap()), "1");
    assert!(bus.answer(one).is_none() && bus.answer(three).is_none());
    let refused = bus.answer(two).unwrap().unwrap_err().to_string();
    assert_eq!(refused, "org.freedesktop.DBus.Error.AccessDenied: not for you");
}

#[test]
fn who_does_not_answer_is_not_waited_for() {
    let (bus, peer) = with(|mut peer| {
        peer.admit();
        let late = peer.called("Get").serial;
        peer.called("Again");
        peer.send(&text_answer(late, "too late"));
    });
    let mut bus = bus.unwrap();
    assert!(matches!(ask(&mut bus, "Get", SHORT), Err(CallError::Late { limit: SHORT })));
    assert!(ask(&mut bus, "Again", AMPLE).is_err(), "the late answer is not taken for this one's");
    peer.join().unwrap();
}

#[test]
fn an_open_file_comes_with_its_answer() {
    let (bus, peer) = with(|mut peer| {
        peer.admit();
        let serial = peer.called("Inhibit").serial;
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"held").unwrap();
        let mut answer = written(2, &[(8, "g", "h")], Some(serial), &[0; 4]);
        // The header's count of files, written in before its end.
        let fields = u32::from_le_bytes(answer[12..16].try_into().unwrap()) as usize;
        let mut head = Writer { bytes: answer[..16 + fields].to_vec() };
        head.align(8);
        head.bytes.push(9);
        head.signature("u");
        head.number(1);
        let length = u32::try_from(head.bytes.len() - 16).unwrap();
        head.bytes[12..16].copy_from_slice(&length.to_le_bytes());
        head.align(8);
        head.bytes.extend_from_slice(&[0; 4]);
        answer = head.bytes;
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        let files = [std::os::fd::AsFd::as_fd(&reader)];
        assert!(beside.push(SendAncillaryMessage::ScmRights(&files)));
        sendmsg(peer.stream(), &[std::io::IoSlice::new(&answer)], &mut beside, SendFlags::empty()).unwrap();
    });
    let mut bus = bus.unwrap();
    let answer = ask(&mut bus, "Inhibit", AMPLE).unwrap();
    let mut file = std::fs::File::from(answer.files.into_iter().next().unwrap());
    let mut held = String::new();
    peer.join().unwrap();
    file.read_to_string(&mut held).unwrap();
    assert_eq!(held, "held");
}

#[test]
fn a_flood_of_signals_is_told_as_lost_and_changes_of_one_object_count_once() {
    let (bus, peer) = with(|mut peer| {
        peer.admit();
        for _ in 0..1000 {
            peer.send(&signal("PropertiesChanged", "/a", "much"));
        }
        let serial = peer.called("Get").serial;
        peer.send(&text_answer(serial, ""));
        let serial = peer.called("Again").serial;
        for at in 0..=Signals::MOST {
            peer.send(&signal("New", &format!("/{at}"), ""));
        }
        peer.send(&text_answer(serial, ""));
    });
    let mut bus = bus.unwrap();
    ask(&mut bus, "Get", AMPLE).unwrap();
    let Signals { list, lost } = bus.signals();
    assert_eq!((list.len(), lost), (1, false));
    assert!(list[0].body.is_empty());
    ask(&mut bus, "Again", AMPLE).unwrap();
    assert_eq!(bus.signals(), Signals { list: Vec::new(), lost: true });
    peer.join().unwrap();
}

#[test]
fn who_is_not_let_in_is_told_so() {
    let cases: [(&'static [u8], &str); 4] = [
        (b"REJECTED EXTERNAL\r\n\r\n", "does not let this process in: REJECTED EXTERNAL"),
        (b"OK 01\r\nAGREE_UNIX_FD\r\nxxxxxxxxxxxxxxxxxxxx", "no D-Bus message"),
        (b"OK 01\r\n", "has ended the connection"),
        (&[b'a'; 4000], "without an end"),
    ];
    for (said, why) in cases {
        let (bus, peer) = with(move |peer| {
            let mut stream = peer.stream();
            let _ = stream.write_all(said);
            // Ends only once it has read all, so that what it said arrives.
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let error = ask(&mut bus.unwrap(), "Get", AMPLE).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        peer.join().unwrap();
    }
}

#[test]
fn a_bus_that_says_nothing_is_given_up_at_the_limit() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    let mut bus = Bus::over(Socket::over(ours.into())).unwrap();
    assert!(matches!(ask(&mut bus, "Get", SHORT), Err(CallError::Late { .. })));
    assert!(!bus.wait(SHORT).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Address::Path(folder.path().join("none"));
    assert!(matches!(Bus::begin(&nowhere), Err(Broken::Unreachable { .. })));
}
