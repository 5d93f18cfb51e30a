//! Looks up names, each in a thread of its own and never twice at once.
//!
//! The system's resolver blocks, for half a minute when its server is away, and cannot be stopped. A thread of our own
//! is left behind when nobody waits any more, whereas the runtime would wait for it at its end: one dead name server
//! would hold up every `status`. Answers are not remembered: that is the system's own cache, and connections are kept.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use hyper_util::client::legacy::connect::dns;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::{Semaphore, oneshot};
use tower_service::Service;

/// The most look-ups at once. A name has one at most, so that more is reached only by more hosts than this whose names hang.
const MOST_LOOKUPS: usize = 256;
/// What the resolver's modules may need; only what they touch is ever memory.
const STACK_BYTES: usize = 512 * 1024;

/// A name that led nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name does not resolve ({why})")]
pub(super) struct NameUnknown {
    /// The resolver's own words.
    why: String,
}

type Answer = Result<Vec<SocketAddr>, NameUnknown>;
type Lookup = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// The look-ups under way, and who waits for each.
#[derive(Clone)]
pub(super) struct Names {
    lookup: Arc<Lookup>,
    waiting: Arc<Mutex<HashMap<String, Vec<oneshot::Sender<Answer>>>>>,
    places: Arc<Semaphore>,
    pinned: Arc<Mutex<HashMap<String, String>>>,
}

impl Default for Names {
    fn default() -> Self {
        Self::with(|name| Ok((name, 0).to_socket_addrs()?.collect()))
    }
}

/// Whether a name means this machine by its definition (RFC 6761), whatever a name server says.
pub(super) fn is_localhost(name: &str) -> bool {
    name.strip_suffix('.').unwrap_or(name).eq_ignore_ascii_case("localhost")
}

impl Names {
    fn with(lookup: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static) -> Self {
        let places = Arc::new(Semaphore::new(MOST_LOOKUPS));
        Self { lookup: Arc::new(lookup), waiting: Arc::default(), places, pinned: Arc::default() }
    }

    /// Lets a name stand for an address that no URL can hold. It is looked up all the same, since the interface in it has
    /// a number that only the system knows, and may come later.
    pub(super) fn pin(&self, name: &str, address: &str) {
        let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        if pinned.get(name).is_none_or(|known| known != address) {
            pinned.insert(name.to_owned(), address.to_owned());
        }
    }

    async fn find(self, name: String) -> Answer {
        let pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        let name = pinned.unwrap_or(name);
        if is_localhost(&name) {
            return Ok(vec![(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()]);
        }
        let (tell, told) = oneshot::channel();
        if self.join(&name, tell) {
            // Not waited for: who is dropped while waiting would leave the others without a looker.
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
                let refused = Err(NameUnknown { why: format!("{MOST_LOOKUPS} other names are being looked up") });
                self.answer(&name, &refused);
                return refused;
            };
            let looker = self.clone();
            let spawned = thread::Builder::new().name("name look-up".into()).stack_size(STACK_BYTES).spawn({
                let name = name.clone();
                move || {
                    let _place = place;
                    let answer = (looker.lookup)(&name).map_err(|fault| NameUnknown { why: fault.to_string() });
                    looker.answer(&name, &answer);
                }
            });
            if let Err(fault) = spawned {
                self.answer(&name, &Err(NameUnknown { why: fault.to_string() }));
            }
        }
        told.await.unwrap_or_else(|_| Err(NameUnknown { why: "the look-up was given up".to_owned() }))
    }

    /// Waits with the others; `true` for the first, who has to look.
    fn join(&self, name: &str, tell: oneshot::Sender<Answer>) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(others) = waiting.get_mut(name) {
            others.retain(|other| !other.is_closed());
            others.push(tell);
            return false;
        }
        waiting.insert(name.to_owned(), vec![tell]);
        true
    }

    fn answer(&self, name: &str, answer: &Answer) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        for tell in waiting.into_iter().flatten() {
            // Who has stopped waiting needs no answer.
            let _ = tell.send(answer.clone());
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

/// For `http`.
impl Service<dns::Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NameUnknown;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NameUnknown>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NameUnknown>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: dns::Name) -> Self::Future {
        let search = self.clone().find(name.as_str().to_owned());
        Box::pin(async move { Ok(search.await?.into_iter()) })
    }
}

/// For `https`.
impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let search = self.clone().find(name.as_str().to_owned());
        Box::pin(async move { Ok(Box::new(search.await?.into_iter()) as Addrs) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    #[tokio::test]
    async fn three_apis_of_a_host_look_up_its_name_once() {
        let (go, gate) = mpsc::channel::<()>();
        let gate = Mutex::new(gate);
        let looks = Arc::new(AtomicUsize::new(0));
        let names = Names::with({
            let looks = Arc::clone(&looks);
            move |_| {
                looks.fetch_add(1, Ordering::SeqCst);
                gate.lock().unwrap().recv().unwrap();
                Ok(vec![(Ipv4Addr::new(10, 0, 0, 1), 0).into()])
            }
        });
        let searches = futures_util::future::join_all((0..3).map(|_| names.clone().find("srv01".into())));
        let ((), answers) = futures_util::future::join(
            async {
                while names.waiting.lock().unwrap().get("srv01").map_or(0, Vec::len) < 3 {
                    tokio::task::yield_now().await;
                }
                go.send(()).unwrap();
            },
            searches,
        )
        .await;
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|found| found.len() == 1)));
        assert_eq!(looks.load(Ordering::SeqCst), 1);
        assert!(names.waiting.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_name_may_stand_for_an_address_on_one_interface() {
        let names = Names::with(|name| match name {
            "fe80::1%eth0" => Ok(vec!["[fe80::1%7]:0".parse().unwrap()]),
            _ => Err(io::Error::other("unknown")),
        });
        names.pin("srv01", "fe80::1%eth0");
        assert_eq!(names.clone().find("srv01".into()).await.unwrap()[0].to_string(), "[fe80::1%7]:0");
        assert!(names.find("srv02".into()).await.is_err());
    }

    #[tokio::test]
    async fn the_system_understands_an_address_on_one_interface() {
        let found = Names::default().find("fe80::1%lo".into()).await.unwrap();
        assert!(matches!(found[0], SocketAddr::V6(at) if at.scope_id() > 0), "{found:?}");
    }

    #[tokio::test]
    async fn localhost_is_this_machine_whatever_a_name_server_says() {
        let names = Names::with(|_| Ok(vec![(Ipv4Addr::new(203, 0, 113, 9), 0).into()]));
        for name in ["localhost", "LOCALHOST", "localhost."] {
            let found = names.clone().find(name.into()).await.unwrap();
            assert!(found.iter().all(|at| at.ip().is_loopback()), "{found:?}");
        }
    }
}
