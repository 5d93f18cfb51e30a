use std::io::{self, Write};

use cm_core::clock::{ManualClock, Now, WallTime};

use super::*;
use crate::request::{Output, Watch};

/// A reader that goes away once it has seen so many whole screens or documents.
struct Reader {
    seen: String,
    until: usize,
    marker: &'static str,
}

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.seen.push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let seen = self.seen.matches(self.marker).count();
        if seen >= self.until { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

/// Watches the made-up fleet every five seconds until the reader goes away; answers with what it saw and how long it took.
async fn watch(what: What, format: Format, out_is: Behind, marker: &'static str) -> (String, u64) {
    let mut reader = Reader { seen: String::new(), until: 3, marker };
    let clock = ManualClock::at(Now { wall: WallTime::from_secs(1_764_000_000), ..Now::default() });
    let mut errors = Vec::new();
    let mut surroundings = Surroundings {
        variables: &|name| (name == "LANG").then(|| "C.UTF-8".into()),
        clock: &clock,
        ahead_s: &|_| 0,
        user: 0,
        out: &mut reader,
        err: &mut errors,
        out_is,
        look_again: &|| out_is,
        err_is: Behind::File,
    };
    let every = Some(std::time::Duration::from_secs(5));
    let act = Act::Show(Show { what, problems: false, check: false, every, fields: Vec::new() });
    let Act::Show(one) = act.clone() else { unreachable!("it was just made") };
    let watch = Watch { from: crate::request::From::Demo, hosts: vec!["srv01".into()], groups: Vec::new() };
    let request = Request { act, watch, output: Output { format, ..Output::default() } };
    let start = tokio::time::Instant::now();
    let end = show(&one, &request, &mut surroundings).await;
    let Err(Stop::Output(error)) = end else { panic!("{end:?}") };
    assert!(is_gone(&error));
    (reader.seen, start.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_watch_on_a_terminal_draws_over_itself_at_the_interval() {
    let terminal = Behind::Terminal { columns: Some(80), rows: Some(6) };
    let (seen, took) = watch(What::Status, Format::Table, terminal, "\u{1b}[J").await;
    assert_eq!(took, 10, "the first at once, then one each interval");
    assert_eq!(seen.matches("\u{1b}[H").count(), 3);
    assert!(!seen.contains("\u{1b}[2J"), "a cleared screen flickers");
    let lines = seen.lines().filter(|line| line.contains("srv01"));
    assert!(lines.clone().count() == 3 && lines.into_iter().all(|line| line.ends_with("\u{1b}[K")));
}

#[tokio::test(start_paused = true)]
async fn a_watch_never_draws_more_lines_than_the_screen_has() {
    let terminal = Behind::Terminal { columns: Some(80), rows: Some(6) };
    let (seen, _) = watch(What::Services, Format::Table, terminal, "\u{1b}[J").await;
    let first = seen.split("\u{1b}[J").next().unwrap();
    assert_eq!(first.matches('\n').count(), 5);
    assert!(first.contains("and 13 more lines"), "{first}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_into_a_pipe_appends() {
    let (seen, _) = watch(What::Status, Format::Table, Behind::File, "1 host").await;
    assert!(!seen.contains('\u{1b}'));
    let (seen, took) = watch(What::Status, Format::Json, Behind::File, "\n").await;
    assert_eq!((seen.lines().count(), took), (3, 10), "a document a line");
    let (seen, _) = watch(What::Backups, Format::Csv, Behind::File, "srv01,").await;
    assert_eq!(seen.matches("last_success").count(), 1, "one header");
}
