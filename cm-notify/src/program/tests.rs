//! Programs that take what they are given, fail, talk without end, or never end.

use cm_core::clock::{ManualClock, Now};

use super::*;

/// A clock on which a second passes at each look.
#[derive(Debug, Default)]
struct Hurried(ManualClock);

impl Clock for Hurried {
    fn now(&self) -> Now {
        self.0.advance(Duration::from_secs(1));
        self.0.now()
    }
}

#[tokio::test]
async fn how_a_program_ends_says_whether_it_took_the_message() {
    for (script, told) in [
        ("read -r line; test \"$line\" = '{\"a\": 1}'", "delivered"),
        ("test \"$#\" = 1 && test \"$1\" = 'x; touch /y'", "delivered"),
        ("test -z \"$HOME$USER$MARKER\" && test \"$PWD\" = /", "delivered"),
        ("echo no such room >&2; exit 3", "sh (/bin/sh) failed: it ended with 3: no such room"),
        ("printf 'a\\033[2Jb'; exit 1", r"sh (/bin/sh) failed: it ended with 1: a\x1b[2Jb"),
        ("kill -9 $$", "sh (/bin/sh) failed: signal 9 ended it: it gave no reason"),
        ("while :; do echo talk; done", "sh (/bin/sh) failed: it said more than 64 KiB, and was ended"),
        ("sleep 1000", "whether sh (/bin/sh) took the message is not known: it took longer than 30 s, and was ended"),
    ] {
        let arguments = ["-c", script, "name", "x; touch /y"].map(str::to_owned).to_vec();
        // Talking takes real time, which a hurried clock would not give it.
        let clock: &dyn Clock = if script.contains("talk") { &ManualClock::default() } else { &Hurried::default() };
        let job = Job::new("sh", "/bin/sh", arguments, Allowance::default()).unwrap();
        let mut runs = false;
        let ended = job.run(b"{\"a\": 1}\n", Duration::from_mins(1), clock, || runs = true).await;
        assert!(runs, "{script}");
        assert_eq!(ended.map_or_else(|trouble| trouble.to_string(), |()| "delivered".to_owned()), told, "{script}");
    }
}

#[test]
fn a_program_is_there_and_named_wholly_or_not_used() {
    let job = |program| Job::new("x", program, Vec::new(), Allowance::default());
    assert!(job("/no/such/program").unwrap_err().is_not_there());
    assert!(job("./sh").is_err());
    assert!(job("/etc/passwd").is_err());
    assert!(job("sh").is_ok());
}

#[tokio::test]
async fn a_program_gets_no_more_memory_than_it_may_have() {
    let script = "exec 2>/dev/null; head -c 300000000 /dev/zero | tail -c 300000000 | wc -c; exit 5";
    for (memory, told) in [(64 << 20, "it ended with 5: 0"), (1 << 30, "it ended with 5: 300000000")] {
        let allowance = Allowance { memory, ..Allowance::default() };
        let job = Job::new("sh", "/bin/sh", ["-c", script].map(str::to_owned).to_vec(), allowance).unwrap();
        let ended = job.run(b"", Duration::from_mins(1), &ManualClock::default(), || {}).await;
        assert!(ended.unwrap_err().to_string().ends_with(told), "{memory}");
    }
}
