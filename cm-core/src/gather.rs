//! Who is watched, and where what is known of them comes from: hosts over HTTP, the made-up fleet, a snapshot, or a source
//! that the program brings itself. Set up and chosen from once, begun as often as is wanted.
//!
//! It is what every front end does before it shows anything. It knows no arguments and no screen.

use std::fmt;

use cm_model::clock::{Clock, ManualClock, Now};
use cm_model::demo::Demo;
use cm_model::nearest::nearest;

use crate::api::{Client, Endpoint, EndpointError};
use crate::config::Config;
use crate::fleet::Member;
use crate::snapshot::Snapshot;
use crate::source::{self, Observations, Rounds};

/// Any number; the same one shows the same fleet in every program.
const DEMO_SEED: u64 = 1;

/// Which hosts are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'c> {
    /// Only hosts of these names; all where it is empty.
    pub hosts: &'c [String],
    /// Only hosts of these roles; all where it is empty.
    pub groups: &'c [String],
}

/// A host or group was asked for that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} {name:?}")]
pub struct NoSuch {
    /// `host` or `group`.
    pub what: &'static str,
    /// What was asked for.
    pub name: String,
    /// Which one may have been meant.
    pub near: Option<String>,
    /// All that there are.
    pub known: Vec<String>,
}

/// Why nobody can be watched.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// Somebody was asked for whom nobody knows.
    #[error(transparent)]
    NoSuch(#[from] NoSuch),
    /// A host's address cannot be asked.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl Choice<'_> {
    /// Those who are wanted, in the order of the fleet; a name that nobody knows is said, not passed over.
    pub fn of(self, members: impl IntoIterator<Item = Member>) -> Result<Vec<Member>, NoSuch> {
        let mut members: Vec<Member> = members.into_iter().collect();
        let names: Vec<&str> = members.iter().map(|member| member.host.id.as_str()).collect();
        let mut roles: Vec<&str> = members.iter().filter_map(role).collect();
        roles.sort_unstable();
        roles.dedup();
        all_known("host", self.hosts, &names)?;
        all_known("group", self.groups, &roles)?;
        let is_among = |wanted: &[String], name: Option<&str>| {
            wanted.is_empty() || wanted.iter().any(|wanted| Some(wanted.as_str()) == name)
        };
        members.retain(|member| {
            is_among(self.hosts, Some(member.host.id.as_str())) && is_among(self.groups, role(member))
        });
        Ok(members)
    }
}

fn role(member: &Member) -> Option<&str> {
    Some(member.host.role.as_ref()?.as_str())
}

fn all_known(what: &'static str, asked: &[String], known: &[&str]) -> Result<(), NoSuch> {
    let Some(name) = asked.iter().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let near = nearest(name, known.iter().copied()).map(str::to_owned);
    Err(NoSuch { what, name: name.clone(), near, known: known.iter().map(|&known| known.to_owned()).collect() })
}

/// Who is watched; nothing has been asked yet.
pub struct Gathered {
    /// Those who were chosen, in the order of the fleet.
    pub members: Vec<Member>,
    origin: Origin,
}

enum Origin {
    Http { endpoints: Vec<Endpoint>, client: Client, seed: u64 },
    Demo(Demo, Now),
    Replay(Snapshot),
    Own(Box<dyn FnMut(Rounds) -> Observations>),
}

impl Gathered {
    /// Hosts of a configuration, asked over HTTP with the tokens that `user` may read. `seed` spreads them in time: any
    /// number, another one in each process. Costs one read of each token's file of those who were chosen.
    pub fn http(config: &Config, choice: Choice<'_>, user: u32, seed: u64) -> Result<Self, GatherError> {
        let members = choice.of(config.members())?;
        let chosen = members.iter().filter_map(|member| config.host(&member.host.id));
        let endpoints: Result<Vec<_>, _> = chosen.map(|entry| entry.endpoints(user)).collect();
        Ok(Self { members, origin: Origin::Http { endpoints: endpoints?.concat(), client: Client::default(), seed } })
    }

    /// The made-up fleet, whose story begins `now`.
    pub fn demo(choice: Choice<'_>, now: Now) -> Result<Self, NoSuch> {
        let fleet = Demo::new(DEMO_SEED, now.wall);
        let members = choice.of(fleet.hosts().iter().cloned().map(Member::new))?;
        Ok(Self { members, origin: Origin::Demo(fleet, now) })
    }

    /// What was known when a snapshot was made.
    pub fn replay(snapshot: Snapshot, choice: Choice<'_>) -> Result<Self, NoSuch> {
        let member =
            |host: &cm_model::host::Host| Member { apis: snapshot.apis(&host.id), ..Member::new(host.clone()) };
        let members = choice.of(snapshot.hosts.iter().map(member))?;
        Ok(Self { members, origin: Origin::Replay(snapshot) })
    }

    /// Hosts of which the program itself tells, each time that it is begun.
    pub fn own(
        members: impl IntoIterator<Item = Member>,
        choice: Choice<'_>,
        begin: impl FnMut(Rounds) -> Observations + 'static,
    ) -> Result<Self, NoSuch> {
        Ok(Self { members: choice.of(members)?, origin: Origin::Own(Box::new(begin)) })
    }

    /// The moment of which everything speaks, where time stands still: in a snapshot, and in a single round of the made-up
    /// fleet, so that it is the same whoever asks at that moment.
    pub fn stands(&self, rounds: Rounds) -> Option<Now> {
        match &self.origin {
            Origin::Replay(snapshot) => Some(snapshot.made_at),
            Origin::Demo(_, now) => (rounds == Rounds::Once).then_some(*now),
            Origin::Http { .. } | Origin::Own(_) => None,
        }
    }

    /// Begins to ask. What was begun before ends when its stream is dropped; connections that it kept are used again.
    ///
    /// It is to be read inside a tokio runtime with time and I/O, as [`source::http`] says.
    ///
    /// # Panics
    /// The made-up fleet outside of one.
    pub fn begin(&mut self, rounds: Rounds, clock: impl Clock + Send + 'static) -> Observations {
        match &mut self.origin {
            Origin::Http { endpoints, client, seed } => {
                source::http(endpoints.clone(), client.clone(), rounds, clock, *seed)
            }
            Origin::Demo(fleet, now) if rounds == Rounds::Once => {
                source::demo(fleet.clone(), rounds, ManualClock::at(*now))
            }
            Origin::Demo(fleet, _) => source::demo(fleet.clone(), rounds, clock),
            Origin::Replay(snapshot) => source::replay(snapshot.clone()),
            Origin::Own(begin) => begin(rounds),
        }
    }
}

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("members", &self.members.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_model::clock::WallTime;
    use futures_util::StreamExt;

    fn now() -> Now {
        Now { wall: WallTime::from_secs(1_766_000_000), ..Now::default() }
    }

    fn chosen(hosts: &[&str], groups: &[&str]) -> Result<Vec<String>, NoSuch> {
        let [hosts, groups] = [hosts, groups].map(|names| names.iter().map(|&name| name.into()).collect::<Vec<_>>());
        let gathered = Gathered::demo(Choice { hosts: &hosts, groups: &groups }, now())?;
        Ok(gathered.members.iter().map(|member| member.host.id.to_string()).collect())
    }

    #[test]
    fn who_is_chosen_comes_in_the_order_of_the_fleet() {
        assert_eq!(chosen(&[], &[]).unwrap().len(), 5);
        assert_eq!(chosen(&["labbox", "srv01"], &[]).unwrap(), ["srv01", "labbox"]);
        let in_group = chosen(&[], &["server"]).unwrap();
        assert!(!in_group.is_empty() && in_group.len() < 5, "{in_group:?}");
        assert_eq!(
            chosen(&in_group[..1].iter().map(String::as_str).collect::<Vec<_>>(), &["server"]).unwrap().len(),
            1
        );
    }

    #[test]
    fn a_name_that_nobody_knows_is_said_with_the_one_that_may_have_been_meant() {
        let unknown = chosen(&["srv01", "srv10"], &[]).unwrap_err();
        assert_eq!((unknown.what, unknown.near.as_deref(), unknown.known.len()), ("host", Some("srv01"), 5));
        let unknown = chosen(&[], &["servers"]).unwrap_err();
        assert_eq!((unknown.what, unknown.near.as_deref()), ("group", Some("server")));
    }

    #[tokio::test]
    async fn one_round_of_the_made_up_fleet_is_of_the_moment_at_which_it_was_set_up() {
        let mut gathered = Gathered::demo(Choice::default(), now()).unwrap();
        assert_eq!(gathered.stands(Rounds::Once), Some(now()));
        let later = ManualClock::at(now().after(std::time::Duration::from_hours(1)));
        let told: Vec<_> = gathered.begin(Rounds::Once, later).collect().await;
        assert!(told.len() == 15 && told.iter().all(|observation| observation.at == now()));
    }
}
