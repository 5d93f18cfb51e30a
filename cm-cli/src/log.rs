//! What `--log-level` tells on stderr: one line an event, `level=info what="round" answers=15`. Values go out through the log's exit.

use std::fmt::Write as _;
use std::io::Write;

use cm_core::clock::Now;
use cm_core::fleet::Fleet;
use cm_core::text::log::value;
use cm_core::unit::human;

use crate::request::Level;

/// Tells of one round: at `warn` what failed, at `info` the round, at `debug` each answer too.
pub(crate) fn round(to: &mut dyn Write, most: Option<Level>, fleet: &Fleet, now: Now) {
    let Some(most) = most else { return };
    let mut lines = String::new();
    let (mut answers, mut failures) = (0, 0);
    for host in fleet.hosts() {
        for &api in &host.member.apis {
            let Some(state) = host.api(api) else { continue };
            let head = format!("host={} api={api}", host.member.host.id);
            if let Some(failing) = state.failing() {
                failures += 1;
                let (code, why) = (failing.failure.code(), failing.failure.to_string());
                let times = failing.times;
                line(
                    &mut lines,
                    most,
                    Level::Warn,
                    &format!("what=failure {head} code={code} times={times} why={}", value(&why)),
                );
            } else if let Some(good) = state.last_good() {
                answers += 1;
                let took = human::short(good.took.as_secs_f64() * 1000.0);
                line(&mut lines, most, Level::Debug, &format!("what=answer {head} took_ms={took}"));
            }
        }
    }
    let hosts = fleet.hosts().len();
    let at = now.wall.secs();
    line(
        &mut lines,
        most,
        Level::Info,
        &format!("what=round at={at} hosts={hosts} answers={answers} failures={failures}"),
    );
    // A log that cannot be written is no reason to stop.
    let _ = to.write_all(lines.as_bytes());
}

fn line(lines: &mut String, most: Level, level: Level, text: &str) {
    let word = match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
    };
    if level <= most {
        writeln!(lines, "level={word} {text}").expect("a String takes everything");
    }
}
