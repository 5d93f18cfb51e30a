//! Which hosts the overview shows, and in which order.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use cm_core::fleet::HostState;
use cm_core::health::Health;
use cm_core::text::terminal;

use crate::picture::{Picture, Standing};
use crate::state::State;

/// By what rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Sort {
    /// The worst first, then by name.
    #[default]
    Trouble,
    /// By name.
    Name,
    /// The most worn drive first.
    Wear,
    /// The fullest memory first.
    Memory,
    /// The highest load for its cores first.
    Load,
    /// The oldest data first.
    Age,
}

impl Sort {
    const ALL: [Self; 6] = [Self::Trouble, Self::Name, Self::Wear, Self::Memory, Self::Load, Self::Age];

    /// Its word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Name => "name",
            Self::Wear => "wear",
            Self::Memory => "memory",
            Self::Load => "load",
            Self::Age => "age",
        }
    }

    /// What a word means.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.word() == word)
    }

    /// The next one.
    pub(crate) const fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }
}

/// Which hosts are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Filter {
    /// Words that have to be found in a host's name, role, state or reasons.
    pub(crate) text: String,
    /// Only hosts that are not well.
    pub(crate) only_trouble: bool,
}

impl Filter {
    /// What is shown, in words; empty where everything is.
    pub(crate) fn words(&self, shown: usize) -> String {
        match (self.only_trouble, self.text.trim()) {
            (false, "") => String::new(),
            (true, "") => format!("trouble only: {shown}"),
            (false, text) => format!("/{text}: {shown}"),
            (true, text) => format!("/{text}, trouble only: {shown}"),
        }
    }

    fn takes(&self, host: &HostState, standing: &Standing) -> bool {
        if self.only_trouble && standing.verdict.health == Health::Ok {
            return false;
        }
        let words = self.text.to_lowercase();
        let mut words = words.split_whitespace().peekable();
        if words.peek().is_none() {
            return true;
        }
        let mut hay = format!("{} {} {}", host.member.host.id, standing.verdict.health, standing.link.word());
        if let Some(role) = &host.member.host.role {
            hay.push(' ');
            hay.push_str(role.as_str());
        }
        for reason in &standing.verdict.reasons {
            hay.push(' ');
            hay.push_str(&terminal::line(&reason.text));
        }
        let hay = hay.to_lowercase();
        words.all(|word| hay.contains(word))
    }
}

/// Whether there are roles to group by.
pub(super) fn has_roles(picture: &Picture) -> bool {
    picture.fleet.hosts().iter().any(|host| host.member.host.role.is_some())
}

/// The places of the hosts that are shown, in the order of the rows.
pub(super) fn of(state: &State, filter: &Filter) -> Vec<usize> {
    let picture = state.picture();
    let hosts = picture.fleet.hosts();
    let shown = |&host: &usize| picture.host(host).is_some_and(|(host, standing)| filter.takes(host, standing));
    let mut order: Vec<usize> = (0..hosts.len()).filter(shown).collect();
    let grouped = !state.preferences.ungrouped;
    // Groups stand in the order in which the owner listed them.
    let mut roles = Vec::new();
    for host in hosts {
        if !roles.contains(&host.member.host.role.as_ref()) {
            roles.push(host.member.host.role.as_ref());
        }
    }
    let group = |host: usize| {
        let role = hosts[host].member.host.role.as_ref();
        // Hosts without a role come last.
        role.map_or(usize::MAX, |_| roles.iter().position(|known| *known == role).unwrap_or(usize::MAX))
    };
    let sort = state.preferences.sort();
    // Where they do not all fit on the screen, groups in trouble come first: nobody scrolls to find out.
    let fits = order.len() + roles.len() < usize::from(state.body().height);
    let trouble = |host: usize| Reverse(picture.standing[host].verdict.health.trouble());
    let mut worst: HashMap<usize, Reverse<u8>> = HashMap::new();
    if !fits && sort == Sort::Trouble {
        for &host in &order {
            let worst = worst.entry(group(host)).or_insert(trouble(host));
            *worst = trouble(host).min(*worst);
        }
    }
    let group = |host: usize| (worst.get(&group(host)).copied(), group(host));
    let compare = |&a: &usize, &b: &usize| {
        let by = by(picture, sort, a, b);
        let by = if state.preferences.reversed { by.reverse() } else { by };
        let groups = if grouped { group(a).cmp(&group(b)) } else { Ordering::Equal };
        groups.then(by).then_with(|| natural(name(picture, a), name(picture, b)))
    };
    order.sort_by(compare);
    order
}

fn name(picture: &Picture, host: usize) -> &str {
    picture.fleet.hosts()[host].member.host.id.as_str()
}

/// Names in the order in which people count: node2 before node10.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        match (digits(left), digits(right)) {
            (0, _) | (_, 0) => {
                let (mut l, mut r) = (left.chars(), right.chars());
                match (l.next(), r.next()) {
                    (None, None) => return a.cmp(b),
                    (one, other) if one != other => return one.cmp(&other),
                    _ => (left, right) = (l.as_str(), r.as_str()),
                }
            }
            (l, r) => {
                let number = |text: &'_ str| text.trim_start_matches('0').len();
                let (one, other) = (&left[..l], &right[..r]);
                let (one, other) = (&one[l - number(one)..], &other[r - number(other)..]);
                let by = one.len().cmp(&other.len()).then_with(|| one.cmp(other));
                if by != Ordering::Equal {
                    return by;
                }
                (left, right) = (&left[l..], &right[r..]);
            }
        }
    }
}

fn by(picture: &Picture, sort: Sort, a: usize, b: usize) -> Ordering {
    let most_first = |read: fn(&HostState) -> Option<f64>| {
        let value = |host: usize| read(&picture.fleet.hosts()[host]).unwrap_or(f64::NEG_INFINITY);
        value(b).total_cmp(&value(a))
    };
    match sort {
        Sort::Trouble => {
            let trouble = |host: usize| Reverse(picture.standing[host].verdict.health.trouble());
            trouble(a).cmp(&trouble(b))
        }
        Sort::Name => natural(name(picture, a), name(picture, b)),
        Sort::Wear => most_first(super::column::wear),
        Sort::Memory => most_first(super::column::memory),
        Sort::Load => most_first(super::column::load_per_core),
        Sort::Age => {
            let age = |host: usize| picture.fleet.hosts()[host].age(picture.now);
            age(b).cmp(&age(a))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshots::{Stage, sick};

    #[test]
    fn names_stand_in_the_order_in_which_people_count() {
        let mut names = ["node10", "node2", "node02", "b", "node2a", "node", "node1-9", "node1-10", "a10b2", "a10b11"];
        names.sort_by(|a, b| natural(a, b));
        let expected = ["a10b2", "a10b11", "b", "node", "node1-9", "node1-10", "node02", "node2", "node2a", "node10"];
        assert_eq!(names, expected);
    }

    #[test]
    fn groups_in_trouble_come_first_where_not_everything_fits() {
        for (height, first) in [(40, "server"), (8, "lab")] {
            let mut stage = Stage::demo(&sick(), 2, (80, height));
            stage.wait(5);
            let heads: Vec<String> =
                stage.text().lines().filter(|line| line.starts_with("── ")).map(str::to_owned).collect();
            assert!(heads[0].contains(first), "{height}: {heads:?}");
        }
    }
}
