use super::*;
use std::fs;
use std::os::unix::fs::symlink;

struct Made(tempfile::TempDir);

impl Made {
    /// A box with these files.
    fn with(files: &[(&str, &str)]) -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let path = made.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        made
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn machine(&self) -> Machine {
        Machine::in_a_box(self.path()).unwrap()
    }
}

#[test]
fn nothing_in_a_box_leads_out_of_it() {
    let outside = Made::with(&[("secret", "outside"), ("dir/name", "")]);
    let made = Made::with(&[("etc/real", "inside"), ("proc/x", "")]);
    let out = outside.path();
    symlink(out.join("secret"), made.path().join("absolute")).unwrap();
    let up = format!("{}{}", "../".repeat(30), out.join("secret").strip_prefix("/").unwrap().display());
    symlink(&up, made.path().join("upwards")).unwrap();
    symlink(out.join("dir"), made.path().join("dir")).unwrap();
    symlink("/etc/real", made.path().join("proc/link")).unwrap();
    symlink("../../../../etc/real", made.path().join("proc/deep")).unwrap();

    let machine = made.machine();
    for path in ["/absolute", "/upwards", &*format!("/{up}"), "/dir/name"] {
        assert!(machine.read(path).unwrap_err().is_not_there(), "{path}");
    }
    assert!(machine.exists("/absolute") && !machine.exists("/dir/name"), "a link is there, what is behind it is not");
    assert!(machine.list("/dir").unwrap_err().is_not_there());
    assert_eq!(machine.read("/proc/link").unwrap(), "inside");
    assert_eq!(machine.read("/proc/deep").unwrap(), "inside");
    assert_eq!(machine.link("/proc/link").unwrap(), "/etc/real");
    assert_eq!(machine.link_name("/proc/link").as_deref(), Some("real"));
}

#[test]
fn a_pipe_in_a_box_holds_nobody_up() {
    let made = Made::with(&[("proc/x", "")]);
    let pipe = made.path().join("proc/stat");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let error = made.machine().read("/proc/stat").unwrap_err();
    assert!(matches!(error.cause, Cause::NotPlain), "{error}");
    assert!(made.machine().read("/proc").is_err());
}

#[test]
fn what_is_read_is_bounded_and_said_in_plain_words() {
    let made =
        Made::with(&[("big", &"x".repeat(MOST_BYTES + 1)), ("full", &"x".repeat(MOST_BYTES)), ("zero", "\0 7 \n")]);
    fs::write(made.path().join("raw"), b"a\xffb").unwrap();
    let machine = made.machine();
    assert_eq!(machine.read("/big").unwrap_err().to_string(), format!("/big: it is larger than {MOST_BYTES} bytes"));
    assert_eq!(machine.read("/full").unwrap().len(), MOST_BYTES);
    assert_eq!(machine.head("/big", 10).unwrap(), "x".repeat(10));
    assert_eq!(machine.read("/raw").unwrap(), "a\u{fffd}b");
    assert_eq!(machine.number::<u8>("/zero"), Some(7));
    assert_eq!(machine.read("/none").unwrap_err().to_string(), "/none: it is not there");
    let names: Vec<_> = machine.list("/").unwrap();
    assert_eq!(names, ["big", "full", "raw", "zero"]);
}

#[test]
fn what_a_box_cannot_hold_is_never_taken_from_this_machine() {
    let bare = Made::with(&[("proc/x", "")]);
    assert!(matches!(bare.machine().capacity("/"), Err(Uncounted::NotInABox)));
    let text = r#"{"/": {"bsize": 4096, "blocks": 10, "bfree": 5, "bavail": 4, "files": 7, "ffree": 3}}"#;
    let held = Made::with(&[("statfs.json", text)]);
    let capacity = held.machine().capacity("/").unwrap();
    assert_eq!((capacity.blocks, capacity.ffree), (10, 3));
    assert!(matches!(held.machine().capacity("/tmp"), Err(Uncounted::NotInABox)));
    let garbled = Made::with(&[("statfs.json", "[]")]);
    assert!(matches!(Machine::in_a_box(garbled.path()).unwrap_err().cause, Cause::Garbled { .. }));
}

#[test]
fn a_later_state_lies_over_the_first() {
    let made = Made::with(&[
        ("proc/stat", "first"),
        ("proc/loadavg", "stays"),
        ("later/after_s", "2.5\n"),
        ("later/proc/stat", "second"),
        ("later/proc/new", ""),
    ]);
    let (later, span) = made.machine().later().unwrap();
    assert_eq!(span, Duration::from_millis(2500));
    assert_eq!(later.read("/proc/stat").unwrap(), "second");
    assert_eq!(later.read("/proc/loadavg").unwrap(), "stays");
    assert_eq!(later.list("/proc").unwrap(), ["loadavg", "new", "stat"]);
    for text in ["0", "-1", "nan", "1e300", "x", ""] {
        let made = Made::with(&[("later/after_s", text)]);
        assert!(made.machine().later().is_none(), "{text:?}");
    }
}

#[test]
fn this_machine_can_be_read() {
    let machine = Machine::itself();
    assert!(machine.is_itself() && machine.later().is_none());
    assert!(machine.read("/proc/self/stat").unwrap().len() > 10);
    assert!(machine.list("/proc/self").unwrap().contains(&"stat".to_owned()));
    assert!(machine.capacity("/").is_ok());
    assert!(machine.read("/proc/no/such").unwrap_err().is_not_there());
}
