//! Which paths a port answers.

use cm_model::report::Api;

/// What a port answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// One API at `/`, as older clients expect it.
    Single(Api),
    /// All three at `/smart`, `/service` and `/backup`; `/` lists them; `/health` says that the agent answers.
    Combined,
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// The newest body of an API.
    Api(Api),
    /// The list of paths. It holds nothing of the host.
    Index,
    /// That the agent answers, and whether all that it offers has been collected. It holds nothing of the host.
    Health,
}

impl Door {
    /// The port of [`Door::Combined`] unless told otherwise.
    pub const COMBINED_PORT: u16 = 6126;

    /// Every path with where it leads.
    pub const fn routes(self) -> &'static [(&'static str, Route)] {
        match self {
            Self::Single(Api::Smart) => &[("/", Route::Api(Api::Smart))],
            Self::Single(Api::Service) => &[("/", Route::Api(Api::Service))],
            Self::Single(Api::Backup) => &[("/", Route::Api(Api::Backup))],
            Self::Combined => &[
                ("/", Route::Index),
                ("/health", Route::Health),
                ("/smart", Route::Api(Api::Smart)),
                ("/service", Route::Api(Api::Service)),
                ("/backup", Route::Api(Api::Backup)),
            ],
        }
    }

    /// Where a path leads, if anywhere. A query is no part of the path.
    pub fn route(self, path: &str) -> Option<Route> {
        self.routes().iter().find(|(known, _)| *known == path).map(|&(_, route)| route)
    }

    /// The APIs behind it.
    pub const fn apis(self) -> &'static [Api] {
        match self {
            Self::Single(Api::Smart) => &[Api::Smart],
            Self::Single(Api::Service) => &[Api::Service],
            Self::Single(Api::Backup) => &[Api::Backup],
            Self::Combined => &Api::ALL,
        }
    }
}
