//! Recording while the dashboard runs: which fleets are recorded, into which file, and how what a person should know of
//! it stands on the screen. How it is done is known in `cm_core::engine`.

use std::path::PathBuf;

use cm_agent::{Machine, WatchOptions};
use cm_core::clock::SystemClock;
use cm_core::config::Dashboard;
use cm_core::engine::{News, Notice, Options, Recorder};
use cm_core::fleet::{Freshness, Member};
use cm_core::store::Holder;

use crate::gather::SourceKind;
use crate::state::State;

/// Whether what is seen is recorded: what is real, all of it, and if the owner wants it. Who looks at one host alone would
/// keep a program that watches all of them from recording.
pub(crate) const fn is_wanted(dashboard: &Dashboard, kind: SourceKind, is_all: bool) -> bool {
    dashboard.history.record && is_all && matches!(kind, SourceKind::Configured | SourceKind::ThisMachine)
}

/// Begins to record into a file; why it cannot be begun.
pub(crate) fn begin(
    path: PathBuf,
    members: Vec<Member>,
    freshness: Freshness,
    dashboard: &Dashboard,
) -> Result<Recorder, String> {
    let machine = Machine::itself();
    let boot = machine
        .line("/proc/sys/kernel/random/boot_id")
        .ok_or("the history is not recorded: this machine does not tell which start of it this is")?;
    let options = Options {
        path,
        holder: Holder { name: format!("cm-tui (process {})", std::process::id()), boot },
        watcher: WatchOptions::own_name(&machine),
        members,
        freshness,
        policy: dashboard.retention(),
        judging: None,
    };
    Recorder::start(options, SystemClock).map_err(|error| format!("the history is not recorded: {error}"))
}

/// The next notice; for ever none where nothing is recorded.
pub(crate) async fn notice(recorder: &mut Option<Recorder>) -> Notice {
    let next = match recorder {
        Some(recorder) => recorder.notice().await,
        None => None,
    };
    match next {
        Some(notice) => notice,
        None => std::future::pending().await,
    }
}

/// Puts a notice on the screen. What is wrong stands there for as long as it is so; that all is well is not worth a word.
pub(crate) fn tell(state: &mut State, notice: &Notice) {
    let text = match notice.code() {
        Some(code) => format!("{notice} ({code})"),
        None => notice.to_string(),
    };
    match notice.what {
        News::Records => state.trouble_recording = None,
        News::Trouble { .. } => {
            state.trouble_recording = Some(text.clone());
            state.say(text);
        }
        News::Follows { .. } | News::Over { .. } => {
            state.trouble_recording = None;
            state.say(text);
        }
        News::ClockSet { .. } => state.say(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_real_fleet_as_a_whole_is_recorded_and_only_where_the_owner_wants_it() {
        let mut dashboard = Dashboard::default();
        for (kind, is_all, wanted) in [
            (SourceKind::Configured, true, true),
            (SourceKind::ThisMachine, true, true),
            (SourceKind::Configured, false, false),
            (SourceKind::Demo, true, false),
            (SourceKind::Replay, true, false),
        ] {
            assert_eq!(is_wanted(&dashboard, kind, is_all), wanted, "{kind:?}");
        }
        dashboard.history.record = false;
        assert!(!is_wanted(&dashboard, SourceKind::Configured, true));
    }
}
