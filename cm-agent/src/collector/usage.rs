//! Disk use of the paths that an owner configured for a service.
//!
//! Counting a tree of files may take longer than anything else here, so it is done in pieces: each look goes on for at
//! most `PIECE`, one tree at a time, and a tree that was counted rests for so much longer the more it took. What was
//! counted last stands meanwhile. It is a collector of its own, so that a filesystem that hangs parks it alone.
//!
//! It does not know what the services do; their collector has put them into the draft before.

pub mod walk;

use std::path::PathBuf;
use std::time::Duration;

use cm_model::clock::{Clock, MonoTime, SystemClock};
use cm_model::report::service::{Service, ServiceKind};
use cm_model::unit::Gibibytes;

use super::{Absent, CollectOptions, Collector, Draft, Look};
use crate::systemd::name;
use walk::{Step, Sum, Walk, Why};

/// How long one look goes on counting: about a thousand files that the kernel has at hand, or one that it has to fetch
/// from a disk that turns.
const PIECE: Duration = Duration::from_millis(2);
/// The most files of one look.
const MOST_FILES: u32 = 4096;
/// How much longer than it took to count a tree rests: counting takes at most a fivehundredth of the time.
const REST: u32 = 500;
/// The shortest rest.
const SHORTEST: Duration = Duration::from_mins(5);
/// The longest rest.
const LONGEST: Duration = Duration::from_hours(12);

/// The paths of one service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Paths {
    /// The service's name, without `.service`.
    pub service: String,
    /// Where its files lie.
    pub paths: Vec<PathBuf>,
    /// How much they may take.
    pub quota: Option<Gibibytes>,
}

/// The collector.
#[derive(Debug)]
pub struct Usage {
    trees: Vec<Tree>,
    clock: Box<dyn Clock + Send>,
}

/// The paths of one service, and what is known of them.
#[derive(Debug)]
struct Tree {
    of: Paths,
    last: Option<Sum>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// To be counted from this moment on.
    Rests(MonoTime),
    /// Being counted; so long it took already.
    Counted(Box<Walk>, Duration),
}

impl Usage {
    /// With the paths that an owner configured.
    pub fn new(options: &CollectOptions) -> Self {
        Self::with(options.usage.clone(), Box::new(SystemClock))
    }

    fn with(paths: Vec<Paths>, clock: Box<dyn Clock + Send>) -> Self {
        let tree = |of| Tree { of, last: None, state: State::Rests(MonoTime::default()) };
        Self { trees: paths.into_iter().filter(|of| !of.paths.is_empty()).map(tree).collect(), clock }
    }

    /// Goes on counting: with the tree that is being counted, or the one that has been due for longest.
    fn go_on(&mut self, now: MonoTime) {
        let due = |tree: &Tree| match tree.state {
            _ if name::is_pattern(&tree.of.service) => None,
            State::Counted(..) => Some(MonoTime::default()),
            State::Rests(until) => (until <= now).then_some(until),
        };
        let next = self.trees.iter_mut().filter_map(|tree| Some((due(tree)?, tree))).min_by_key(|(until, _)| *until);
        let Some((_, tree)) = next else { return };
        if let State::Rests(_) = tree.state {
            tree.state = State::Counted(Box::new(Walk::over(&tree.of.paths)), Duration::ZERO);
        }
        let State::Counted(walk, took) = &mut tree.state else { return };
        let began = self.clock.now().mono;
        let step = walk.step(MOST_FILES, PIECE, &*self.clock);
        *took += self.clock.now().mono.since(began);
        if step == Step::Done {
            tree.last = Some(walk.sum().clone());
            tree.state = State::Rests(now.after(rest(*took)));
        }
    }
}

/// How long a tree rests that took so long to count.
fn rest(took: Duration) -> Duration {
    took.saturating_mul(REST).clamp(SHORTEST, LONGEST)
}

impl Collector for Usage {
    fn name(&self) -> &'static str {
        "usage"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        if self.trees.is_empty() {
            return Err(Absent::NothingHere);
        }
        // A box holds no files whose blocks could be counted.
        if look.machine.is_itself() {
            self.go_on(look.now.mono);
        }
        for tree in &self.trees {
            tree.tell(look.machine.is_itself(), draft);
        }
        Ok(())
    }
}

impl Tree {
    fn tell(&self, can_be_counted: bool, draft: &mut Draft) {
        let what = || format!("usage {}", self.of.service);
        if name::is_pattern(&self.of.service) {
            let why = "a pattern stands for several units: give `paths` to one of them under its own name";
            draft.missing(what(), why);
            return;
        }
        match &self.last {
            Some(Sum { gap: Some(gap), .. }) => {
                let others = match gap.places {
                    0 | 1 => String::new(),
                    places => format!(" and {} other places", places - 1),
                };
                let next = match gap.why {
                    Why::Forbidden => {
                        "; what the rest takes is told: give its user the right to read there (setfacl -R -m u:USER:rX)"
                    }
                    Why::NotThere => "; correct `paths` of this service in agent.toml",
                    _ => "; what the rest takes is told",
                };
                draft.missing(what(), format!("{}{others}: {}{next}", gap.path, gap.why));
            }
            Some(_) => {}
            None if !can_be_counted => draft.missing(what(), "the recorded machine holds no files to count"),
            None => {
                let counted = match &self.state {
                    State::Counted(walk, _) => walk.sum().files,
                    State::Rests(_) => 0,
                };
                draft.missing(what(), format!("still being counted in the background: {counted} files so far"));
            }
        }
        let is_it = |service: &&mut Service| {
            service.name.raw() == self.of.service && matches!(service.kind, None | Some(ServiceKind::Systemd))
        };
        if let Some(service) = draft.service.services.iter_mut().find(is_it) {
            service.disk_quota_gb = self.of.quota;
            // Of a path that is not there at all nothing was counted.
            let counted = self.last.as_ref().filter(|sum| sum.files > 0);
            service.disk_used_gb =
                counted.map(|sum| Gibibytes::saturating(sum.bytes as f64 / f64::from(1 << 30)).rounded(3));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use cm_model::clock::Now;

    use super::*;
    use crate::machine::Machine;

    const SECOND: Duration = Duration::from_secs(1);

    fn look(usage: &mut Usage, at: Duration) -> Draft {
        let machine = Machine::itself();
        let mut draft = Draft::default();
        for name in ["gitea", "other"] {
            draft.service.services.push(Service { name: name.into(), ..Service::default() });
        }
        let look = Look::new(&machine, Now::default().after(at), None);
        usage.collect(&look, &mut draft).unwrap();
        draft
    }

    fn told(draft: &Draft) -> (Option<f64>, Option<f64>, usize) {
        let service = &draft.service.services[0];
        (
            service.disk_used_gb.map(Gibibytes::get),
            service.disk_quota_gb.map(Gibibytes::get),
            draft.service.missing.len(),
        )
    }

    #[test]
    fn a_tree_is_counted_over_looks_and_rests_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths {
            service: "gitea".into(),
            paths: vec![folder.path().to_owned()],
            quota: Gibibytes::try_from(2.0).ok(),
        };
        fs::write(folder.path().join("data"), vec![1; 30 << 20]).unwrap();
        for number in 0..MOST_FILES {
            fs::write(folder.path().join(format!("{number}")), "").unwrap();
        }
        let mut usage = Usage::with(vec![paths], Box::new(SystemClock));
        let first = look(&mut usage, SECOND);
        assert_eq!(told(&first), (None, Some(2.0), 1));
        assert!(first.service.missing[0].why.raw().contains("still being counted"), "{:?}", first.service.missing);
        let mut looks = 1;
        while told(&look(&mut usage, SECOND)).0.is_none() {
            looks += 1;
            assert!(looks < 10_000, "it never ends");
        }
        let (used, _, missing) = told(&look(&mut usage, SECOND));
        assert!(used.is_some_and(|used| (0.029..0.04).contains(&used)) && missing == 0, "{used:?} {missing}");
        fs::remove_file(folder.path().join("data")).unwrap();
        assert_eq!(told(&look(&mut usage, SHORTEST)).0, used, "it rests");
        for _ in 0..looks + 100 {
            look(&mut usage, SECOND + LONGEST);
        }
        assert!(told(&look(&mut usage, SECOND + LONGEST)).0.is_some_and(|used| used < 0.02));
    }

    #[test]
    fn dear_trees_rest_longer() {
        for (took, expected) in [
            (Duration::ZERO, SHORTEST),
            (Duration::from_millis(600), SHORTEST),
            (Duration::from_secs(3), Duration::from_mins(25)),
            (Duration::from_hours(1), LONGEST),
            (Duration::MAX, LONGEST),
        ] {
            assert_eq!(rest(took), expected, "{took:?}");
        }
    }

    #[test]
    fn a_path_that_is_not_there_is_told_and_no_disk_use() {
        let paths = Paths { service: "gitea".into(), paths: vec!["/nowhere/at/all".into()], quota: None };
        let mut usage = Usage::with(vec![paths], Box::new(SystemClock));
        let draft = look(&mut usage, SECOND);
        let draft = if draft.service.missing[0].why.raw().contains("still") { look(&mut usage, SECOND) } else { draft };
        assert_eq!(told(&draft), (None, None, 1));
        let why = draft.service.missing[0].why.raw();
        assert!(why.starts_with("/nowhere/at/all: it is not there; correct `paths`"), "{why}");
    }

    #[test]
    fn paths_of_a_pattern_belong_to_nobody_and_that_is_told() {
        let paths = Paths { service: "gitea@*".into(), paths: vec!["/etc".into()], quota: None };
        let mut usage = Usage::with(vec![paths], Box::new(SystemClock));
        let draft = look(&mut usage, SECOND);
        assert!(draft.service.missing[0].why.raw().contains("under its own name"), "{:?}", draft.service.missing);
        assert!(matches!(usage.trees[0].state, State::Rests(_)), "nothing is counted for it");
    }

    #[test]
    fn one_tree_is_counted_at_a_time_and_none_is_forgotten() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let paths = folders.iter().zip(["gitea", "other"]).map(|(folder, name)| {
            for number in 0..100 {
                fs::write(folder.path().join(format!("{number}")), "x").unwrap();
            }
            Paths { service: name.into(), paths: vec![folder.path().to_owned()], quota: None }
        });
        let mut usage = Usage::with(paths.collect(), Box::new(SystemClock));
        for _ in 0..1000 {
            look(&mut usage, SECOND);
            let walks = usage.trees.iter().filter(|tree| matches!(tree.state, State::Counted(..))).count();
            assert!(walks <= 1);
        }
        assert!(usage.trees.iter().all(|tree| tree.last.as_ref().is_some_and(|sum| sum.files == 101)));
    }
}
