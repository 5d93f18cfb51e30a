//! What an incident is about: a rule, a host, and a thing on it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::health::Subject;
use crate::host::HostId;
use crate::series::drive_identity;
use crate::text::HostText;

/// A rule's name, as it stands in the rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleName(Arc<str>);

impl RuleName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RuleName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<Arc<str>> for RuleName {
    fn from(name: Arc<str>) -> Self {
        Self(name)
    }
}

impl Serialize for RuleName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RuleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.into()))
    }
}

/// What an incident is about. There is at most one open incident of a key.
///
/// A drive that has an identity has no name here: names change with the order of discovery, and what was wrong with
/// `sda` is not over because it is called `sdb` after a start.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Key {
    /// On which host; none for what belongs to the watcher's own work, such as a channel that is down.
    pub host: Option<HostId>,
    /// Which rule.
    rule: RuleName,
    /// On what.
    pub subject: Subject,
}

impl Key {
    /// A rule's finding on a thing.
    pub fn new(rule: impl Into<RuleName>, host: Option<HostId>, subject: Subject) -> Self {
        let subject = match drive_identity(&subject) {
            Some(identity) => Subject {
                kind: subject.kind,
                name: HostText::default(),
                identity: Some(HostText::new(identity.to_owned())),
            },
            None => Subject { identity: None, ..subject },
        };
        Self { host, rule: rule.into(), subject }
    }

    /// The rule's name.
    pub fn rule(&self) -> &str {
        self.rule.as_str()
    }
}

/// For logs: rule and host alone, since the rest is a host's own text.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule())?;
        self.host.as_ref().map_or(Ok(()), |host| write!(f, " on {host}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::SubjectKind;

    #[test]
    fn a_drive_with_an_identity_keeps_its_key_under_any_name() {
        let drive = |name: &str, identity: Option<&str>| {
            let subject =
                Subject { kind: SubjectKind::Drive, name: name.into(), identity: identity.map(HostText::from) };
            Key::new("drive.wear", HostId::new("srv01").ok(), subject)
        };
        assert_eq!(drive("sda", Some("S4X")), drive("sdb", Some(" S4X ")));
        assert_ne!(drive("sda", Some("S4X")), drive("sda", Some("S4Y")));
        assert_ne!(drive("sda", Some("0000")), drive("sdb", Some("0000")), "an identity that is none");
        assert_ne!(drive("sda", None), drive("sdb", None));
    }
}
