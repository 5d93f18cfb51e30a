//! Docker and Podman, asked over their sockets which containers they have.
//!
//! Both answer the same two questions: a list of all containers, and one container in detail. The list is asked in each
//! round; details where something of the container has changed in the list, where the asker says so, and otherwise once in
//! [`DETAILS_STAND`]. Nothing else is ever asked, and nothing but `GET` is ever sent.
//!
//! A round runs on the runtime and holds up no look. It does not know cgroups, nor what of a container is good or bad.

mod answer;
mod http;
mod pick;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cm_model::clock::MonoTime;
use tokio::time::{Instant, timeout_at};

pub use answer::{Detail, Health, Id, Listed, State, detail, list};

/// How long a round may take.
pub const LIMIT: Duration = Duration::from_secs(10);
/// The most containers of one engine that are told.
pub const MOST: usize = 256;
/// How long details stand while nothing of the container changes in the list.
pub const DETAILS_STAND: Duration = Duration::from_mins(1);
/// The most details that are asked again in one round for their age alone.
const MOST_AGED: usize = 16;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// Docker.
    #[default]
    Docker,
    /// Podman, which answers as Docker does but for a head line that names it.
    Podman,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Docker => "Docker",
            Self::Podman => "Podman",
        })
    }
}

/// A container, as its engine tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// What the list says.
    pub listed: Listed,
    /// What was asked of it alone, at this round or an earlier one; nothing if it vanished in between or does not read.
    pub detail: Option<Detail>,
}

/// An engine's answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Told {
    /// Which it is.
    pub kind: Kind,
    /// Its containers, at most [`MOST`].
    pub containers: Vec<Container>,
    /// How many more there are.
    pub left_out: usize,
}

/// Why an engine has told nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing answers at the socket.
    #[error("{}: {source}", .socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It takes too long.
    #[error("{}: no answer to {path} within {LIMIT:?}", .socket.display())]
    Silent {
        /// The socket.
        socket: PathBuf,
        /// What was asked.
        path: String,
    },
    /// It answers with more than is read.
    #[error("{}: the answer to {path} is larger than {most} bytes", .socket.display())]
    TooLarge {
        /// The socket.
        socket: PathBuf,
        /// What was asked.
        path: String,
        /// The bound.
        most: usize,
    },
    /// It does not answer in HTTP.
    #[error("{}: the answer to {path} is no HTTP: {why}", .socket.display())]
    NoHttp {
        /// The socket.
        socket: PathBuf,
        /// What was asked.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It refuses.
    #[error("{}: {path} is answered with status {status}", .socket.display())]
    Refused {
        /// The socket.
        socket: PathBuf,
        /// What was asked.
        path: String,
        /// The status of HTTP.
        status: u16,
    },
    /// The answer does not read as a list of containers.
    #[error("{}: the answer to {path} does not read as one of Docker's: {source}", .socket.display())]
    Garbled {
        /// The socket.
        socket: PathBuf,
        /// What was asked.
        path: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// Which containers an owner wants told, by name and image.
pub type Admits = dyn Fn(&str, &str) -> bool + Send + Sync;

/// One round's question.
pub struct Question<'a> {
    /// Where the engine listens.
    pub socket: &'a Path,
    /// Which containers are wanted.
    pub admits: &'a Admits,
    /// When it is asked.
    pub now: MonoTime,
    /// Containers whose details are known to be old.
    pub changed: &'a [Id],
}

/// What is remembered from one round to the next: details by container, with what the list said and when.
#[derive(Debug, Default)]
pub struct Memory {
    details: BTreeMap<Id, Remembered>,
}

#[derive(Debug)]
struct Remembered {
    detail: Option<Detail>,
    state: State,
    health: Option<Health>,
    at: MonoTime,
}

impl Question<'_> {
    /// Asks. Ends within [`LIMIT`].
    pub async fn ask(&self, memory: &mut Memory) -> Result<Told, Failure> {
        const LIST: &str = "/containers/json?all=true";
        let until = Instant::now() + LIMIT;
        let answer = self.get(LIST, until).await?;
        let garbled = |source| Failure::Garbled { socket: self.socket.to_owned(), path: LIST.to_owned(), source };
        let mut listed = list(&answer.body).map_err(garbled)?;
        drop(answer.body);
        listed.retain(|one| (self.admits)(&one.name, &one.image));
        let left_out = listed.len().saturating_sub(MOST);
        listed.truncate(MOST);
        memory.details.retain(|id, _| listed.iter().any(|one| one.id == *id));
        let mut aged = 0;
        for one in &listed {
            if !self.is_due(one, memory, &mut aged) {
                continue;
            }
            let path = format!("/containers/{}/json", one.id);
            let detail = match self.get(&path, until).await {
                // Where it does not read as what is documented, the list has said the most important.
                Ok(answer) => detail(&answer.body).ok(),
                // It was removed since the list was written.
                Err(Failure::Refused { status: 404, .. }) => None,
                Err(failure) => return Err(failure),
            };
            let remembered = Remembered { detail, state: one.state, health: one.health, at: self.now };
            memory.details.insert(one.id, remembered);
        }
        let detail = |id: Id| memory.details.get(&id).and_then(|known| known.detail.clone());
        let containers = listed.into_iter().map(|listed| Container { detail: detail(listed.id), listed }).collect();
        Ok(Told { kind: answer.kind, containers, left_out })
    }

    /// Whether a container's details are to be asked for.
    fn is_due(&self, one: &Listed, memory: &Memory, aged: &mut usize) -> bool {
        let Some(known) = memory.details.get(&one.id) else { return true };
        if known.state != one.state || known.health != one.health || self.changed.contains(&one.id) {
            return true;
        }
        let is_old = self.now.since(known.at) >= DETAILS_STAND;
        *aged += usize::from(is_old);
        is_old && *aged <= MOST_AGED
    }

    async fn get(&self, path: &str, until: Instant) -> Result<http::Answer, Failure> {
        let socket = || self.socket.to_owned();
        match timeout_at(until, http::get(self.socket, path)).await {
            Ok(Ok(http::Answer { status: 200, kind, body })) => Ok(http::Answer { status: 200, kind, body }),
            Ok(Ok(http::Answer { status, .. })) => {
                Err(Failure::Refused { socket: socket(), path: path.to_owned(), status })
            }
            Ok(Err(http::Failed::Io(source))) => Err(Failure::Unreachable { socket: socket(), source }),
            Ok(Err(http::Failed::TooLarge)) => {
                Err(Failure::TooLarge { socket: socket(), path: path.to_owned(), most: http::MOST_BYTES })
            }
            Ok(Err(http::Failed::Malformed(why))) => {
                Err(Failure::NoHttp { socket: socket(), path: path.to_owned(), why })
            }
            Err(_) => Err(Failure::Silent { socket: socket(), path: path.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests;
