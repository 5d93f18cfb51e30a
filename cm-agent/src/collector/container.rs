//! Containers of Docker and Podman, told as services.
//!
//! What an engine says (state, health, restarts, limits) is asked over its socket in the background; what a container
//! takes is read from its control group at every look. A container that is removed goes with the engine's next answer, and an
//! engine that is not there is no news; one that is there and may not be asked is told with the right that it takes.
//!
//! In a box `engine/NAME/containers.json` and `engine/NAME/ID.json` hold an engine's raw answers; NAME is `docker` or
//! `podman`.

mod group;
mod seat;
mod status;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cm_model::clock::MonoTime;
use cm_model::unit::Percent;
use rustix::fs::{Stat, stat};
use tokio::runtime::Handle;

use super::counter::{per_second, rise};
use super::{Absent, Choice, CollectOptions, Collector, Draft, Look};
use crate::engine::{self, Admits, Container, Failure, Id, Kind, Told};
use crate::machine::Machine;
use group::Group;
use seat::Seat;

/// What an owner may choose about containers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Which containers are told, by name.
    pub choice: Choice,
    /// The sockets of engines, instead of those in the usual places.
    pub sockets: Option<Vec<PathBuf>>,
}

/// The collector.
pub struct Containers {
    /// Where engines may listen, and whether an owner has named these places.
    places: Vec<PathBuf>,
    named: bool,
    choice: Choice,
    admits: Arc<Admits>,
    /// Where questions are put; nothing where the agent was made outside a runtime.
    runtime: Option<Handle>,
    seats: Vec<Seat>,
    known: BTreeMap<Id, Known>,
    /// How many control groups there are where engines put those of containers.
    groups: fn() -> u64,
}

/// What is kept of a container from one look to the next.
#[derive(Debug)]
struct Known {
    pid: u32,
    group: Option<Group>,
    before: Option<(Duration, MonoTime)>,
}

/// The most engines that are asked.
const MOST_ENGINES: usize = 8;
/// Groups of Podman's pods hold a container that does nothing but hold the pod together.
const HOLDS_A_POD: &str = "podman-pause";

impl fmt::Debug for Containers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Containers").field("seats", &self.seats).finish_non_exhaustive()
    }
}

impl Containers {
    /// With an owner's choice. Questions go to the runtime in which this is called.
    pub fn new(options: &CollectOptions) -> Self {
        let Options { choice, sockets } = options.containers.clone();
        let admits = {
            let choice = choice.clone();
            Arc::new(move |name: &str, image: &str| choice.admits(name, || !image.contains(HOLDS_A_POD)))
        };
        let (runtime, known) = (Handle::try_current().ok(), BTreeMap::new());
        let named = sockets.is_some();
        let places = sockets.unwrap_or_else(usual);
        Self { places, named, choice, admits, runtime, seats: Vec::new(), known, groups }
    }

    /// Keeps a seat for each engine that there is, once however many names its socket has.
    fn find(&mut self, machine: &Machine, draft: &mut Draft) {
        let mut seen: Vec<(u64, u64)> = Vec::new();
        let mut found: Vec<&Path> = Vec::new();
        for socket in &self.places {
            let Stat { st_dev, st_ino, .. } = match stat(socket) {
                Ok(stat) => stat,
                Err(error) => {
                    if self.named {
                        let next = "correct `sockets` of [containers] in agent.toml, or start the engine";
                        let why = format!("{}: {}; {next}", socket.display(), io::Error::from(error));
                        draft.missing("container", why);
                    }
                    continue;
                }
            };
            if seen.contains(&(st_dev, st_ino)) || found.len() >= MOST_ENGINES {
                continue;
            }
            if !self.named && sleeps(machine, socket) {
                let why = "Docker is stopped, and asking would start it: systemctl start docker";
                draft.missing("container", format!("{}: {why}", socket.display()));
                continue;
            }
            seen.push((st_dev, st_ino));
            found.push(socket);
        }
        self.seats.retain(|seat| found.iter().any(|socket| seat.socket == *socket));
        for socket in found {
            if !self.seats.iter().any(|seat| seat.socket == socket) {
                self.seats.push(Seat::new(socket.to_owned()));
            }
        }
    }

    /// Asks the engines, and takes what they have answered by now.
    fn ask(&mut self, look: &Look<'_>, draft: &mut Draft) {
        if self.seats.is_empty() {
            return;
        }
        let now = look.now.mono;
        let Some(runtime) = &self.runtime else {
            draft.missing("container", "this program gives the agent no runtime to ask the engines on");
            return;
        };
        let groups = (self.groups)();
        let ended: BTreeSet<Id> = self.known.iter().filter(|(_, known)| known.has_ended()).map(|(id, _)| *id).collect();
        for seat in &mut self.seats {
            seat.take(now);
            let own = seat.told(now).into_iter().flat_map(|told| &told.containers).map(|one| one.listed.id);
            let changed = own.filter(|id| ended.contains(id)).collect();
            seat.ask(runtime, &self.admits, changed, groups, now);
        }
    }

    /// Writes an engine's containers into the draft, with what they take.
    fn tell(&mut self, look: &Look<'_>, told: &Told, ids: &mut BTreeSet<Id>, draft: &mut Draft) {
        for container in &told.containers {
            let mut service = status::service(told.kind, container);
            let pid = container.detail.as_ref().and_then(|detail| detail.pid);
            if let Some(pid) = pid.filter(|_| container.listed.state.takes()) {
                let id = container.listed.id;
                ids.insert(id);
                let known = self.known.entry(id).or_insert_with(|| Known::new(look.machine, pid, id));
                if known.pid != pid || known.group.is_none() {
                    *known = Known::new(look.machine, pid, id);
                }
                let (memory, cpu) = known.now(look);
                service.memory_used_mb = memory.map(status::mebibytes);
                service.cpu_percent = cpu;
            }
            draft.service.services.push(service);
        }
        if told.left_out > 0 {
            let (most, more) = (engine::MOST, told.left_out);
            let why = format!(
                "{} has {more} containers more than the {most} that are told; choose with [containers]",
                told.kind
            );
            draft.missing("container", why);
        }
    }
}

impl Known {
    fn new(machine: &Machine, pid: u32, id: Id) -> Self {
        Self { pid, group: Group::find(machine, pid, id), before: None }
    }

    /// Whether its first process is there no more. One that was never seen (the engine counts processes from outside the
    /// container that this is) says nothing.
    fn has_ended(&self) -> bool {
        self.group.is_some() && rustix::fs::lstat(format!("/proc/{}", self.pid)).is_err()
    }

    /// Its memory in bytes, and from the second look on its use of the processor since the one before.
    fn now(&mut self, look: &Look<'_>) -> (Option<u64>, Option<Percent>) {
        let Some(group) = &self.group else { return (None, None) };
        let taken = group.taken(look.machine);
        let now = look.now.mono;
        let cpu = self.before.zip(taken.processor).and_then(|((before, at), after)| {
            let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
            let rate = per_second(rise(micros(before), micros(after))?, now.since(at))?;
            Some(Percent::saturating(rate / 10_000.0).rounded(1))
        });
        self.before = taken.processor.map(|processor| (processor, now));
        (taken.memory, cpu)
    }
}

impl Collector for Containers {
    fn name(&self) -> &'static str {
        "container"
    }

    fn awaits(&self) -> bool {
        self.seats.iter().any(Seat::is_asked)
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let mut ids = BTreeSet::new();
        if look.machine.is_itself() {
            self.find(look.machine, draft);
            self.ask(look, draft);
            let now = look.now.mono;
            let seats = std::mem::take(&mut self.seats);
            for seat in &seats {
                if let Some(told) = seat.told(now) {
                    self.tell(look, told, &mut ids, draft);
                }
                if let Some(failure) = seat.failure() {
                    draft.missing("container", explain(failure));
                } else if seat.is_new() && self.runtime.is_some() {
                    draft.missing("container", format!("{}: asked, and not answered yet", seat.socket.display()));
                }
            }
            self.seats = seats;
        } else {
            for (kind, name) in [(Kind::Docker, "docker"), (Kind::Podman, "podman")] {
                match recorded(look.machine, name, &self.choice) {
                    Ok(Some(containers)) => {
                        let told = Told { kind, containers, left_out: 0 };
                        self.tell(look, &told, &mut ids, draft);
                    }
                    Ok(None) => {}
                    Err(error) => draft.missing("container", error),
                }
            }
        }
        self.known.retain(|id, _| ids.contains(id));
        Ok(())
    }
}

/// Where engines listen: for the whole machine, and for the user of this process, whose own folder systemd puts there.
fn usual() -> Vec<PathBuf> {
    let own = format!("/run/user/{}", rustix::process::getuid().as_raw());
    let whole = ["/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock"];
    let own = [format!("{own}/docker.sock"), format!("{own}/podman/podman.sock")];
    whole.into_iter().map(PathBuf::from).chain(own.into_iter().map(PathBuf::from)).collect()
}

/// Whether asking there would start a Docker that somebody has stopped: its socket is systemd's, and its service does not
/// run. systemd keeps a link for each service that does. (Podman is made to be started so.)
fn sleeps(machine: &Machine, socket: &Path) -> bool {
    let is_activated = || {
        ["/etc", "/run", "/usr/lib", "/lib"]
            .iter()
            .any(|place| machine.exists(&format!("{place}/systemd/system/docker.socket")))
    };
    ["/run/docker.sock", "/var/run/docker.sock"].iter().any(|usual| socket == Path::new(usual))
        && machine.exists("/run/systemd/units")
        && !machine.exists("/run/systemd/units/invocation:docker.service")
        && is_activated()
}

/// How many control groups there are where Podman puts those of containers, and systemd those of its services. The kernel
/// counts them in the number of a directory's links.
fn groups() -> u64 {
    const WHOLE: [&str; 5] = [
        "/sys/fs/cgroup/machine.slice",
        "/sys/fs/cgroup/system.slice",
        "/sys/fs/cgroup/libpod_parent",
        "/sys/fs/cgroup/memory/machine.slice",
        "/sys/fs/cgroup/memory/libpod_parent",
    ];
    let user = rustix::process::getuid().as_raw();
    let own = format!("/sys/fs/cgroup/user.slice/user-{user}.slice/user@{user}.service");
    let own = [format!("{own}/user.slice"), format!("{own}/app.slice")];
    let places = WHOLE.into_iter().chain(own.iter().map(String::as_str));
    places.fold(0, |sum, place| sum.wrapping_mul(4099).wrapping_add(stat(place).map_or(0, |stat| stat.st_nlink)))
}

/// Why an engine has told nothing, and what to do about it.
fn explain(failure: &Failure) -> String {
    let next = match failure {
        Failure::Unreachable { socket, source } if source.kind() == io::ErrorKind::PermissionDenied => {
            let group = owner(socket).unwrap_or_else(|| "that owns the socket".to_owned());
            format!(
                "give the agent's user the group {group} (SupplementaryGroups= of its unit). Whoever has it can become root \
                 through the engine: a proxy that lets GET alone through, named under `sockets` of [containers], gives less \
                 away"
            )
        }
        Failure::Unreachable { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused => {
            "nothing listens there any more: start the engine, or remove the socket".to_owned()
        }
        Failure::Unreachable { .. } => "see whether the engine runs".to_owned(),
        Failure::Silent { .. } => "see what the engine is busy with (docker info)".to_owned(),
        Failure::TooLarge { .. } => "remove containers that are no longer used".to_owned(),
        Failure::Refused { .. } => "let GET /containers/json and /containers/ID/json through".to_owned(),
        Failure::NoHttp { .. } | Failure::Garbled { .. } => {
            "name the socket of Docker or Podman under `sockets` of [containers]".to_owned()
        }
    };
    format!("{failure}; {next}")
}

/// The name of the group that a socket belongs to; its number where it has none.
fn owner(socket: &Path) -> Option<String> {
    let group = stat(socket).ok()?.st_gid;
    let table = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let named = table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(group)).then(|| name.to_owned())
    });
    Some(named.unwrap_or_else(|| group.to_string()))
}

/// What a box has recorded of an engine; nothing if it has none.
fn recorded(machine: &Machine, engine: &str, choice: &Choice) -> Result<Option<Vec<Container>>, Absent> {
    let path = format!("/engine/{engine}/containers.json");
    let text = match machine.read(&path) {
        Ok(text) => text,
        Err(error) if error.is_not_there() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let garbled = |_| crate::machine::Unreadable::garbled(&path, "an engine's list of containers");
    let mut listed = engine::list(text.as_bytes()).map_err(garbled)?;
    listed.retain(|one| choice.admits(&one.name, || !one.image.contains(HOLDS_A_POD)));
    listed.truncate(engine::MOST);
    let detail = |id: Id| {
        let text = machine.read(&format!("/engine/{engine}/{id}.json")).ok()?;
        engine::detail(text.as_bytes()).ok()
    };
    Ok(Some(listed.into_iter().map(|listed| Container { detail: detail(listed.id), listed }).collect()))
}

#[cfg(test)]
mod tests;
