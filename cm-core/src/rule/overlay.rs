//! Rules one over another: built-in ones, and what an owner changes of them for everybody, for a role or for a host.
//!
//! What holds for a host is the rule, then what was changed for all, then for its role, then for the host, each in the
//! order in which it was written. Every mixture that may come up is checked beforehand.

use super::block::{Act, Block, Lines, Scope};
use super::body::Body;
use super::fault::Fault;
use super::program::Pattern;
use crate::host::Host;
use crate::registry::Registry;

/// The most roles, and the most hosts or patterns of hosts, for which one rule may be changed.
const MOST_SCOPES: usize = 64;

/// A rule as it holds for each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mixtures {
    roles: Vec<String>,
    hosts: Vec<Pattern>,
    /// For each role and then none, each host and then none; nothing where it is switched off.
    pub(super) bodies: Vec<Option<Body>>,
}

impl Mixtures {
    /// A rule and what was changed of it, in order; `None` where the rule itself is wrong. A change that is wrong changes
    /// nothing: the rule holds as if it were not there.
    pub(super) fn check(
        rule: &Block,
        changes: &[&Block],
        registry: &Registry,
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let plain = Body::check(&rule.name, rule.lines.clone(), None, registry, faults)?;
        let mut roles: Vec<&str> = Vec::new();
        let mut hosts: Vec<&str> = Vec::new();
        for change in changes {
            let (scopes, name) = match &change.scope {
                Scope::All => continue,
                Scope::Role(role) => (&mut roles, role),
                Scope::Host(host) => (&mut hosts, host),
            };
            if !scopes.contains(&name.as_str()) {
                scopes.push(name);
            }
            if scopes.len() > MOST_SCOPES {
                let message = format!("`{}` is changed for more than {MOST_SCOPES} roles or hosts", rule.name.what);
                faults.push(Fault::contradiction(change.name.span.clone(), message, "Use roles, or names with stars."));
                scopes.pop();
            }
        }
        let mut body = |role, host, otherwise: &Body| {
            let lines = mix(rule, changes, role, host)?;
            let body = Body::check(&rule.name, lines, Some(otherwise), registry, faults);
            Some(body.unwrap_or_else(|| otherwise.clone()))
        };
        let usual = body(None, None, &plain);
        let otherwise = usual.clone().unwrap_or(plain);
        let mut bodies = Vec::new();
        for role in roles.iter().copied().map(Some).chain([None]) {
            for host in hosts.iter().copied().map(Some).chain([None]) {
                bodies.push(if (role, host) == (None, None) { usual.clone() } else { body(role, host, &otherwise) });
            }
        }
        Some(Self {
            roles: roles.into_iter().map(str::to_owned).collect(),
            hosts: hosts.into_iter().map(Pattern::glob).collect(),
            bodies,
        })
    }

    /// Which of the bodies holds for a host.
    pub(super) fn index(&self, host: &Host) -> usize {
        let role = host.role.as_ref().and_then(|role| self.roles.iter().position(|known| known == role.as_str()));
        // What was written last goes first.
        let pattern = self.hosts.iter().rposition(|pattern| pattern.fits(host.id.as_str()));
        role.unwrap_or(self.roles.len()) * (self.hosts.len() + 1) + pattern.unwrap_or(self.hosts.len())
    }

    /// The body that holds where nothing was changed for a role or a host.
    pub(super) fn usual(&self) -> Option<&Body> {
        self.bodies.last().and_then(Option::as_ref)
    }

    /// Whether it is one for all.
    pub(super) fn is_one(&self) -> bool {
        self.bodies.len() == 1
    }
}

/// The lines of a rule for a host of a role; nothing where it is off.
fn mix(rule: &Block, changes: &[&Block], role: Option<&str>, host: Option<&str>) -> Option<Lines> {
    let mut lines = rule.lines.clone();
    let mut on = true;
    let rank = |scope: &Scope| match scope {
        Scope::All => Some(0),
        Scope::Role(name) => (Some(name.as_str()) == role).then_some(1),
        Scope::Host(name) => (Some(name.as_str()) == host).then_some(2),
    };
    for wanted in 0..3 {
        for change in changes.iter().filter(|change| rank(&change.scope) == Some(wanted)) {
            match change.does {
                Act::Off => on = false,
                Act::On => on = true,
                Act::Rule | Act::Change => lines.take_over(&change.lines),
            }
        }
    }
    on.then_some(lines)
}

impl Lines {
    /// Puts the lines of a change in the place of these.
    fn take_over(&mut self, change: &Self) {
        fn put<T: Clone>(line: &mut Option<T>, change: Option<&T>) {
            if let Some(change) = change {
                *line = Some(change.clone());
            }
        }
        put(&mut self.when, change.when.as_ref());
        put(&mut self.hold, change.hold.as_ref());
        put(&mut self.clear, change.clear.as_ref());
        if change.severity.is_some() {
            // A severity says all: what made it critical before does not any more.
            self.critical = None;
        }
        put(&mut self.severity, change.severity.as_ref());
        put(&mut self.critical, change.critical.as_ref());
        put(&mut self.text, change.text.as_ref());
        put(&mut self.next, change.next.as_ref());
        put(&mut self.runbook, change.runbook.as_ref());
        put(&mut self.tell, change.tell.as_ref());
        put(&mut self.group, change.group.as_ref());
        put(&mut self.about, change.about.as_ref());
    }
}
