//! Collecting at intervals, for a server to answer from.
//!
//! Each API has an interval of its own: between two looks its body stays as it is, timestamp included, so that clients who
//! poll more often are told "unchanged". Looking happens on a thread of its own (`crate::lookout`), so that a device that hangs
//! holds up no answer. Each look that has ended, whatever it found, is the progress that the service manager is told of.
//! It does not know HTTP.

use std::sync::Arc;
use std::time::Duration;

use cm_model::clock::{Clock, MonoTime};
use cm_model::report::service::Going;
use cm_model::report::{Api, Report};
use tokio::time::{sleep, timeout};

use crate::collector::CollectOptions;
use crate::config::Collectors;
use crate::farewell::Farewell;
use crate::lookout::{Found, Lookout};
use crate::machine::Machine;
use crate::notify::Notify;
use crate::report::Agent;
use crate::serve::Snapshots;
use crate::watch::WatchOptions;

/// How long the machine is kept from shutting down or sleeping, so that somebody hears of it. logind waits for 5 s unless
/// told otherwise (`InhibitDelayMaxSec`), and front ends ask every 5 s.
const HOLD: Duration = Duration::from_secs(4);
/// How long it is kept once somebody has heard, for an answer to arrive and for others to ask.
const MOMENT: Duration = Duration::from_millis(500);

/// Collects what is switched on and sets it in `snapshots`, for ever. The first bodies are there after the first look;
/// a second one follows [`WatchOptions::GAP`] later, since rates need two.
///
/// A collector that hangs is given up and does not keep the manager's watchdog hungry: the kernel would not let go of its
/// thread for a new start of the program either.
pub async fn collect(
    machine: Machine,
    options: CollectOptions,
    collectors: &Collectors,
    snapshots: Arc<Snapshots>,
    notify: &Notify,
    clock: &dyn Clock,
) {
    let farewell = Farewell::new(machine.is_itself().then(|| options.bus.clone()));
    let lookout = Lookout::new(move || Agent::new(machine.clone(), &options));
    go_on(lookout, Schedule::new(collectors), snapshots, notify, farewell, clock).await;
}

async fn go_on(
    mut lookout: Lookout,
    mut schedule: Schedule,
    snapshots: Arc<Snapshots>,
    notify: &Notify,
    mut farewell: Farewell,
    clock: &dyn Clock,
) {
    let mut told_unreadable = false;
    set(lookout.look(clock.now(), schedule.all()).await, &snapshots, None, &mut told_unreadable);
    notify.progress(clock.now().mono, &status(&lookout));
    sleep(WatchOptions::GAP).await;
    loop {
        let now = clock.now();
        let due = schedule.take_due(now.mono);
        // With nothing due, a look at nothing shows that the thread that looks still takes orders.
        if !due.is_empty() || notify.is_hungry(now.mono) {
            set(lookout.look(now, due).await, &snapshots, farewell.going(), &mut told_unreadable);
            notify.progress(clock.now().mono, &status(&lookout));
        }
        let wait = schedule.wait(clock.now().mono);
        tokio::select! {
            () = sleep(notify.pace().map_or(wait, |pace| wait.min(pace))) => {}
            () = farewell.changed() => {
                let look = lookout.look(clock.now(), schedule.of(Api::Service)).await;
                set(look, &snapshots, farewell.going(), &mut told_unreadable);
                notify.progress(clock.now().mono, &status(&lookout));
                if farewell.going().is_some() {
                    until_told(&snapshots).await;
                    farewell.release();
                }
            }
        }
    }
}

/// Waits until somebody has been told what the machine is about to do, and a moment longer for whoever else asks; no longer
/// than logind waits.
async fn until_told(snapshots: &Snapshots) {
    if snapshots.offers(Api::Service) && timeout(HOLD, snapshots.when_told()).await.is_ok() {
        sleep(MOMENT).await;
    }
}

/// What `systemctl status` shows.
fn status(lookout: &Lookout) -> String {
    let stuck: Vec<_> = lookout.stuck().collect();
    if stuck.is_empty() { "collecting".to_owned() } else { format!("collecting; {} does not answer", stuck.join(", ")) }
}

fn set(found: Found, snapshots: &Snapshots, going: Option<Going>, told_unreadable: &mut bool) {
    for (api, mut report) in found {
        if let Ok(Report::Service(report)) = &mut report
            && going.is_some()
        {
            Arc::make_mut(report).going = going;
        }
        match report {
            Ok(report) => {
                snapshots.set(api, report.write());
                *told_unreadable &= api != Api::Service;
            }
            Err(error) => {
                // An old body would pass for the present.
                snapshots.clear(api);
                if !std::mem::replace(told_unreadable, true) {
                    tracing::warn!(%api, %error, "this machine cannot be read");
                }
            }
        }
    }
}

/// When each API is next to be collected.
#[derive(Debug)]
struct Schedule {
    due: Vec<(Api, Duration, MonoTime)>,
}

impl Schedule {
    fn new(collectors: &Collectors) -> Self {
        let entry = |api| (api, collectors.of(api).interval, MonoTime::default());
        Self { due: collectors.apis().into_iter().map(entry).collect() }
    }

    fn all(&self) -> Vec<Api> {
        self.due.iter().map(|(api, ..)| *api).collect()
    }

    /// One API, if it is collected at all.
    fn of(&self, api: Api) -> Vec<Api> {
        self.due.iter().map(|(api, ..)| *api).filter(|&other| other == api).collect()
    }

    /// The APIs that are due, each of which is due again one interval from now: what was missed while the machine was
    /// busy or asleep is not made up for.
    fn take_due(&mut self, now: MonoTime) -> Vec<Api> {
        let due = self.due.iter_mut().filter(|(_, _, at)| *at <= now);
        due.map(|(api, interval, at)| {
            *at = now.after(*interval);
            *api
        })
        .collect()
    }

    /// How long until the next one is due.
    fn wait(&self, now: MonoTime) -> Duration {
        self.due.iter().map(|(_, _, at)| at.since(now)).min().unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use super::*;
    use crate::config::Config;
    use crate::dbus::peer::{answer, refusal, serve, signal, text_answer};
    use crate::dbus::{Address, Writer};

    #[test]
    fn each_api_is_due_at_its_own_interval_and_nothing_is_made_up_for() {
        let mut collectors = Config::default().collectors;
        collectors.backup.enabled = false;
        collectors.smart.interval = Duration::from_mins(1);
        collectors.service.interval = Duration::from_secs(5);
        let mut schedule = Schedule::new(&collectors);
        let mut now = MonoTime::from_start(Duration::from_secs(1000));
        assert_eq!(schedule.take_due(now), [Api::Smart, Api::Service]);
        for _ in 0..11 {
            assert_eq!(schedule.wait(now), Duration::from_secs(5));
            now = now.after(schedule.wait(now));
            assert_eq!(schedule.take_due(now), [Api::Service]);
        }
        now = now.after(Duration::from_secs(5));
        assert_eq!(schedule.take_due(now), [Api::Smart, Api::Service]);
        now = now.after(Duration::from_hours(8));
        assert_eq!(schedule.take_due(now), [Api::Smart, Api::Service]);
        assert_eq!(schedule.wait(now), Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_machine_that_cannot_be_read_any_more_is_not_served_from_memory() {
        let snapshots = Snapshots::offering(&Api::ALL);
        snapshots.set(Api::Service, "{\"old\":true}");
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::in_a_box(folder.path()).unwrap();
        let mut lookout = Lookout::new(move || Agent::new(machine.clone(), &CollectOptions::default()));
        let found = lookout.look(cm_model::clock::Now::default(), Api::ALL.to_vec()).await;
        set(found, &snapshots, None, &mut false);
        assert!(snapshots.latest(Api::Service).is_none());
        assert!(snapshots.latest(Api::Smart).is_some());
    }

    #[tokio::test]
    async fn what_the_machine_is_about_to_do_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("proc")).unwrap();
        std::fs::write(folder.path().join("proc/meminfo"), "MemTotal: 4096 kB\nMemAvailable: 2048 kB\n").unwrap();
        let bus = folder.path().join("bus");
        let _connections = serve(&bus, |call| match &*call.method {
            "GetNameOwner" => text_answer(call.serial, ":1.3"),
            "Inhibit" => {
                let mut begins = Writer::default();
                begins.number(1);
                let name = ["org.freedesktop.login1.Manager", "PrepareForSleep"];
                let refused = refusal(call.serial, "org.freedesktop.DBus.Error.AccessDenied", "not for you");
                [refused, signal(":1.3", "/org/freedesktop/login1", name, "b", &begins)].concat()
            }
            _ => answer(call.serial, "", &Writer::default()),
        });
        let machine = Machine::in_a_box(folder.path()).unwrap();
        let lookout = Lookout::new(move || Agent::new(machine.clone(), &CollectOptions::default()));
        let mut collectors = Config::default().collectors;
        collectors.service.interval = Duration::from_hours(1);
        let snapshots = Arc::new(Snapshots::offering(&Api::ALL));
        let told = async {
            let is_told = |body: &[u8]| String::from_utf8_lossy(body).contains("\"going\":\"sleep\"");
            while !snapshots.latest(Api::Service).is_some_and(|snapshot| is_told(snapshot.plain())) {
                tokio::task::yield_now().await;
            }
        };
        let (notify, farewell) = (Notify::nobody(), Farewell::new(Some(Address::Path(bus))));
        let schedule = Schedule::new(&collectors);
        tokio::select! {
            () = go_on(lookout, schedule, Arc::clone(&snapshots), &notify, farewell, &cm_model::clock::SystemClock) => {}
            () = told => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_machine_is_held_until_somebody_has_heard_and_never_for_long() {
        let snapshots = Snapshots::offering(&Api::ALL);
        let begun = tokio::time::Instant::now();
        until_told(&snapshots).await;
        assert_eq!(begun.elapsed(), HOLD, "nobody asks");
        let begun = tokio::time::Instant::now();
        let ask = async {
            sleep(Duration::from_secs(1)).await;
            snapshots.told();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = until_told(&snapshots) => {}
            () = ask => {}
        }
        assert_eq!(begun.elapsed(), Duration::from_secs(1) + MOMENT);
        let begun = tokio::time::Instant::now();
        until_told(&Snapshots::offering(&[Api::Smart])).await;
        assert_eq!(begun.elapsed(), Duration::ZERO, "nobody can ask");
    }

    /// A service manager that keeps a watchdog of 200 ms, and how it is told.
    fn manager(folder: &std::path::Path) -> (UnixDatagram, Notify) {
        let path = folder.join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let variable = |name: &str| match name {
            "NOTIFY_SOCKET" => Some(path.clone().into_os_string()),
            "WATCHDOG_USEC" => Some("200000".into()),
            _ => None,
        };
        (socket, Notify::of(variable, 1).unwrap())
    }

    /// What the manager hears within `limit`, which holds up the thread that asks; nothing after that.
    fn hear(socket: &UnixDatagram, limit: Duration) -> Option<String> {
        let mut bytes = [0; 512];
        socket.set_read_timeout(Some(limit)).unwrap();
        let length = socket.recv(&mut bytes).ok()?;
        Some(String::from_utf8(bytes[..length].to_vec()).unwrap())
    }

    /// Goes on over an empty box, served once in an hour, until `watcher` ends.
    async fn over_an_empty_box(notify: &Notify, snapshots: &Arc<Snapshots>, watcher: impl Future<Output = ()>) {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::in_a_box(folder.path()).unwrap();
        let mut collectors = Config::default().collectors;
        for collector in [&mut collectors.smart, &mut collectors.service, &mut collectors.backup] {
            collector.interval = Duration::from_hours(1);
        }
        let clock = cm_model::clock::SystemClock;
        tokio::select! {
            () = collect(machine, CollectOptions::default(), &collectors, Arc::clone(snapshots), notify, &clock) => {}
            () = watcher => {}
        }
    }

    #[tokio::test]
    async fn the_manager_is_told_ready_once_there_are_bodies_and_fed_even_where_nothing_is_due() {
        let folder = tempfile::tempdir().unwrap();
        let (socket, notify) = manager(folder.path());
        socket.set_nonblocking(true).unwrap();
        let snapshots = Arc::new(Snapshots::offering(&Api::ALL));
        let mut heard = Vec::new();
        let watcher = async {
            let socket = tokio::net::UnixDatagram::from_std(socket).unwrap();
            while heard.len() < 4 {
                let mut bytes = [0; 512];
                let length = socket.recv(&mut bytes).await.unwrap();
                assert!(snapshots.latest(Api::Smart).is_some(), "told before there is a body");
                heard.push(String::from_utf8(bytes[..length].to_vec()).unwrap());
            }
        };
        over_an_empty_box(&notify, &snapshots, watcher).await;
        assert_eq!(heard, ["READY=1\nWATCHDOG=1\nSTATUS=collecting\n", "WATCHDOG=1\n", "WATCHDOG=1\n", "WATCHDOG=1\n"]);
    }

    #[tokio::test]
    async fn a_main_loop_that_hangs_feeds_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let (socket, notify) = manager(folder.path());
        let snapshots = Arc::new(Snapshots::offering(&Api::ALL));
        let watcher = async {
            while snapshots.latest(Api::Smart).is_none() {
                tokio::task::yield_now().await;
            }
            // Waiting here holds up the one thread that answers and collects: what a hang is.
            while hear(&socket, Duration::from_millis(1)).is_some() {}
            assert_eq!(hear(&socket, Duration::from_millis(300)), None);
        };
        over_an_empty_box(&notify, &snapshots, watcher).await;
    }
}
