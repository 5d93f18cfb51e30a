//! Looking on a thread of its own, and what becomes of a look that does not end.
//!
//! Reading a file of `proc` or `sys` takes microseconds, until a device, a driver or a filesystem hangs: then the thread
//! that reads sleeps in the kernel, and nothing can wake it. So whoever serves or draws never looks himself. A look that outlasts
//! [`LIMIT`] is given up with its thread; the collector that it stood at is parked and told as missing, with the reason,
//! and a new thread goes on with the others. Once the old thread returns, its collector is asked again.
//!
//! A new thread remembers no counters, so that after a collector was parked rates are missing for one look.

use std::fmt;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use cm_model::clock::Now;
use cm_model::observation::FailureKind;
use cm_model::report::{Api, Report};
use tokio::sync::oneshot::{self, Receiver, Sender};
use tokio::time::timeout;

use crate::report::{Agent, Parked, Progress};

/// How long a look may take: a thousand times what it takes on a machine in good health.
const LIMIT: Duration = Duration::from_secs(3);
/// The most threads that hang at a time. Past it nothing is looked at any more until one of them returns.
const MOST_STUCK: usize = 3;
/// Stack of a thread that looks. Only the pages that it touches count, and it touches few, but where NVIDIA's library is
/// loaded: its binding moves a table of 20 KB about (a debug build overflowed 256 KB), and the library has needs of its own.
const STACK: usize = 2 * 1024 * 1024;

/// What a look found: one report an API, or why there is none.
pub(crate) type Found = Vec<(Api, Result<Report, FailureKind>)>;

/// Has an agent look, on its thread.
pub(crate) struct Lookout {
    make: Box<dyn Fn() -> Agent + Send>,
    post: Option<Post>,
    stuck: Vec<Stuck>,
    limit: Duration,
}

/// A thread that looks when it is told to. It ends when this is dropped and its last look is over.
struct Post {
    orders: SyncSender<Order>,
    progress: Progress,
}

struct Order {
    now: Now,
    apis: Vec<Api>,
    parked: Vec<Parked>,
    answer: Sender<Found>,
}

/// A look that outlasted the limit.
struct Stuck {
    name: &'static str,
    answer: Receiver<Found>,
}

impl fmt::Debug for Lookout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stuck: Vec<_> = self.stuck.iter().map(|stuck| stuck.name).collect();
        f.debug_struct("Lookout").field("stuck", &stuck).finish_non_exhaustive()
    }
}

impl Lookout {
    /// A lookout with such agents: one at a time, another one for each that hangs.
    pub(crate) fn new(make: impl Fn() -> Agent + Send + 'static) -> Self {
        Self { make: Box::new(make), post: None, stuck: Vec::new(), limit: LIMIT }
    }

    /// The collectors that hang.
    pub(crate) fn stuck(&self) -> impl Iterator<Item = &'static str> {
        self.stuck.iter().map(|stuck| stuck.name)
    }

    /// The collectors that await an answer to what they asked at the last look.
    pub(crate) fn awaiting(&self) -> Vec<&'static str> {
        self.post.as_ref().map(|post| post.progress.awaiting()).unwrap_or_default()
    }

    /// Looks for these APIs. Ends within the limit for each collector that hangs for the first time.
    pub(crate) async fn look(&mut self, now: Now, apis: Vec<Api>) -> Found {
        self.stuck.retain_mut(|stuck| {
            let hangs = matches!(stuck.answer.try_recv(), Err(oneshot::error::TryRecvError::Empty));
            if !hangs {
                tracing::info!(collector = stuck.name, "it answers again");
            }
            hangs
        });
        while self.stuck.len() < MOST_STUCK {
            match self.try_to_look(now, apis.clone()).await {
                Ok(found) => return found,
                Err(Some(stuck)) => {
                    tracing::warn!(collector = stuck.name, limit = ?self.limit, "it does not answer and is parked");
                    self.stuck.push(stuck);
                }
                Err(None) => return unread(&apis, "the thread that looks has ended"),
            }
        }
        unread(&apis, "too much of this machine does not answer")
    }

    /// One try; what is stuck, if anything is.
    async fn try_to_look(&mut self, now: Now, apis: Vec<Api>) -> Result<Found, Option<Stuck>> {
        let post = match self.post.take() {
            Some(post) => post,
            None => Post::start((self.make)()).map_err(|error| {
                tracing::warn!(%error, "no thread to look on");
                None
            })?,
        };
        let parked = self.stuck.iter().map(Stuck::parked).collect();
        let (answer, mut answered) = oneshot::channel();
        post.orders.try_send(Order { now, apis, parked, answer }).map_err(|_| None)?;
        match timeout(self.limit, &mut answered).await {
            Ok(found) => {
                let found = found.map_err(|_| None)?;
                self.post = Some(post);
                Ok(found)
            }
            // Between two collectors nothing can hang: then the first one that is left out is as good as any.
            Err(_) => Err(Some(Stuck { name: post.progress.now().unwrap_or("machine"), answer: answered })),
        }
    }
}

impl Stuck {
    fn parked(&self) -> Parked {
        let why = "it has not answered since an earlier look; it is not asked again before it does";
        Parked { name: self.name, why: why.to_owned() }
    }
}

impl Post {
    fn start(mut agent: Agent) -> std::io::Result<Self> {
        let progress = agent.progress();
        let (orders, received) = sync_channel::<Order>(1);
        let work = move || {
            for Order { now, apis, parked, answer } in received {
                // Whoever no longer listens has given this look up.
                let _ = answer.send(agent.look_for(&apis, &parked, now));
            }
        };
        thread::Builder::new().name("look".to_owned()).stack_size(STACK).spawn(work)?;
        Ok(Self { orders, progress })
    }
}

fn unread(apis: &[Api], why: &str) -> Found {
    apis.iter().map(|&api| (api, Err(FailureKind::Unreadable { why: why.into() }))).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver as Gate, Sender as Key, channel};
    use std::sync::{Arc, Mutex};

    use cm_model::report::ServiceReport;
    use cm_model::unit::Mebibytes;

    use super::*;
    use crate::collector::{Absent, Collector, Draft, Look};
    use crate::machine::Machine;

    /// Finds memory, so that there is a report at all.
    #[derive(Debug)]
    struct Steady;

    impl Collector for Steady {
        fn name(&self) -> &'static str {
            "steady"
        }

        fn collect(&mut self, _: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
            draft.service.summary.system_memory_total_mb = Mebibytes::saturating(1024.0);
            Ok(())
        }
    }

    /// Hangs in each look until it is let go; passes through once the key is gone.
    #[derive(Debug)]
    struct Hangs {
        name: &'static str,
        feeds: Api,
        gate: Arc<Mutex<Gate<()>>>,
    }

    impl Collector for Hangs {
        fn name(&self) -> &'static str {
            self.name
        }

        fn feeds(&self, api: Api) -> bool {
            api == self.feeds
        }

        fn collect(&mut self, _: &Look<'_>, _: &mut Draft) -> Result<(), Absent> {
            let _ = self.gate.lock().unwrap().recv();
            Ok(())
        }
    }

    /// A lookout over a steady collector and one that hangs for each of these.
    fn lookout(hang: &[(&'static str, Api)]) -> (Lookout, Vec<Key<()>>) {
        let (keys, gates): (Vec<_>, Vec<_>) = hang
            .iter()
            .map(|&(name, feeds)| {
                let (key, gate) = channel();
                (key, (name, feeds, Arc::new(Mutex::new(gate))))
            })
            .unzip();
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::in_a_box(folder.path()).unwrap();
        let make = move || {
            let hanging = gates.iter().map(|(name, feeds, gate)| {
                Box::new(Hangs { name, feeds: *feeds, gate: Arc::clone(gate) }) as Box<dyn Collector>
            });
            Agent::with(machine.clone(), hanging.chain([Box::new(Steady) as Box<dyn Collector>]).collect())
        };
        (Lookout { limit: Duration::from_millis(300), ..Lookout::new(make) }, keys)
    }

    async fn service(lookout: &mut Lookout) -> Result<Arc<ServiceReport>, FailureKind> {
        let mut found = lookout.look(Now::default(), vec![Api::Service]).await;
        match found.remove(0) {
            (Api::Service, Ok(Report::Service(report))) if found.is_empty() => Ok(report),
            (Api::Service, Err(why)) => Err(why),
            other => panic!("{other:?}, {found:?}"),
        }
    }

    fn missing(report: &ServiceReport) -> Vec<&str> {
        report.missing.iter().map(|missing| missing.what.raw()).collect()
    }

    #[tokio::test]
    async fn what_hangs_is_parked_with_the_reason_and_asked_again_once_it_returns() {
        let (mut lookout, mut keys) = lookout(&[("disk", Api::Service)]);
        let report = service(&mut lookout).await.unwrap();
        assert_eq!(missing(&report), ["disk"]);
        assert!(report.missing[0].why.raw().contains("has not answered"), "{report:?}");
        let before = tokio::time::Instant::now();
        assert_eq!(missing(&service(&mut lookout).await.unwrap()), ["disk"]);
        assert!(before.elapsed() < lookout.limit, "it is not waited for twice");
        keys.clear();
        while !missing(&service(&mut lookout).await.unwrap()).is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(lookout.stuck.is_empty());
    }

    #[tokio::test]
    async fn others_are_served_while_a_look_hangs() {
        let (mut lookout, _keys) = lookout(&[("disk", Api::Service)]);
        let mut turns = 0_u32;
        tokio::select! {
            biased;
            _ = service(&mut lookout) => {}
            () = async { loop { turns += 1; tokio::task::yield_now().await; } } => {}
        }
        assert!(turns > 1, "{turns}");
    }

    #[tokio::test]
    async fn drives_that_hang_are_no_drives_in_good_health() {
        let (mut lookout, _keys) = lookout(&[("drive", Api::Smart)]);
        let found = lookout.look(Now::default(), vec![Api::Smart, Api::Backup]).await;
        let told: Vec<_> = found.iter().map(|(api, report)| (*api, report.is_ok())).collect();
        assert_eq!(told, [(Api::Smart, false), (Api::Backup, true)]);
    }

    #[tokio::test]
    async fn only_what_is_due_is_looked_at() {
        let (mut lookout, _keys) = lookout(&[("drive", Api::Smart)]);
        assert_eq!(missing(&service(&mut lookout).await.unwrap()), [""; 0]);
        assert!(lookout.stuck.is_empty());
    }

    #[tokio::test]
    async fn no_more_than_three_threads_hang() {
        let (mut lookout, _keys) = lookout(&["a", "b", "c", "d"].map(|name| (name, Api::Service)));
        for _ in 0..2 {
            let Err(FailureKind::Unreadable { why }) = service(&mut lookout).await else { panic!("read") };
            assert!(why.raw().contains("too much"), "{why:?}");
            assert_eq!(lookout.stuck.len(), MOST_STUCK);
        }
    }
}
