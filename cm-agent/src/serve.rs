//! Serving the three APIs over HTTP: a port for each, and one port for all.
//!
//! Whoever collects puts the newest body of each API into [`Snapshots`]; a [`Server`] answers from there and from nowhere
//! else. It reads no file, starts nothing and changes nothing, so that the worst a client can do is to be shown out.
//! What a slow or hostile client may take is bounded by [`Limits`]. It does not know what is in a body.

mod answer;
mod crowd;
mod door;
mod holder;
mod limits;
mod port;
mod pulse;
mod snapshot;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use cm_model::fault::Code;
use cm_model::guard::{Names, Token};
use cm_model::report::Api;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use self::door::{Door, Route};
pub use self::limits::Limits;
pub use self::snapshot::{Snapshot, Snapshots};

/// Where and how to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// The addresses to listen on. Loopback alone unless told.
    pub listen: Vec<IpAddr>,
    /// The ports to open, each with what it answers; port 0 lets the system choose.
    pub doors: Vec<(u16, Door)>,
    /// Names under which the server may be asked, beside `localhost` and the addresses it listens on.
    pub names: Vec<String>,
    /// The token that each API asks for.
    pub tokens: Tokens,
    /// What one client, and all of them, may take.
    pub limits: Limits,
}

/// A token for each API that asks for one.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    /// The smart API's.
    pub smart: Option<Token>,
    /// The service API's.
    pub service: Option<Token>,
    /// The backup API's.
    pub backup: Option<Token>,
}

impl Tokens {
    /// The token that an API asks for.
    pub const fn of(&self, api: Api) -> Option<&Token> {
        match api {
            Api::Smart => self.smart.as_ref(),
            Api::Service => self.service.as_ref(),
            Api::Backup => self.backup.as_ref(),
        }
    }

    /// Whether any API asks for one.
    pub const fn any(&self) -> bool {
        self.smart.is_some() || self.service.is_some() || self.backup.is_some()
    }
}

/// Why a port could not be opened. No port stays open after it.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}{}", .holder.as_deref().map(|who| format!(": {who} listens there")).unwrap_or_default())]
pub struct BindError {
    /// Where.
    pub address: SocketAddr,
    /// The program that has the port, where that can be seen.
    pub holder: Option<String>,
    /// What the system says.
    #[source]
    pub source: std::io::Error,
}

impl BindError {
    /// The code under which it is explained.
    pub fn code(&self) -> Code {
        if self.source.kind() == std::io::ErrorKind::AddrInUse { Code::PORT_IN_USE } else { Code::LISTEN_REFUSED }
    }
}

/// What all connections of one server share.
#[derive(Debug)]
struct House {
    names: Names,
    tokens: Tokens,
    limits: Limits,
    snapshots: Arc<Snapshots>,
}

/// A server whose ports are open; it answers once [`Server::run`] is polled.
#[derive(Debug)]
pub struct Server {
    house: Arc<House>,
    listeners: Vec<(TcpListener, Door)>,
}

impl Server {
    /// Opens every port on every address, or none. A door that leads to nothing that `snapshots` offers stays shut.
    pub async fn bind(options: Options, snapshots: Arc<Snapshots>) -> Result<Self, BindError> {
        let mut listeners = Vec::new();
        for (port, door) in options.doors {
            if !door.apis().iter().any(|&api| snapshots.offers(api)) {
                continue;
            }
            for &ip in &options.listen {
                let address = SocketAddr::new(ip, port);
                let listener = TcpListener::bind(address).await.map_err(|source| {
                    let taken = source.kind() == std::io::ErrorKind::AddrInUse;
                    BindError { address, holder: taken.then(|| holder::of(port)).flatten(), source }
                })?;
                listeners.push((listener, door));
            }
        }
        let names = Names::new(options.names.iter().map(String::as_str), options.listen.iter().copied());
        let house = House { names, tokens: options.tokens, limits: options.limits, snapshots };
        Ok(Self { house: Arc::new(house), listeners })
    }

    /// The addresses that are open, in the order of [`Options::doors`], then of [`Options::listen`].
    pub fn addresses(&self) -> Vec<(SocketAddr, Door)> {
        self.listeners.iter().filter_map(|(listener, door)| Some((listener.local_addr().ok()?, *door))).collect()
    }

    /// Answers until `stop` holds `true` or its sender is gone; then takes no more connections, lets requests in hand
    /// end for at most [`Limits::farewell`], and returns. Dropped instead, it ends everything at once.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let mut ports = JoinSet::new();
        for (listener, door) in self.listeners {
            ports.spawn(port::serve(listener, door, Arc::clone(&self.house), stop.clone()));
        }
        while ports.join_next().await.is_some() {}
    }
}
