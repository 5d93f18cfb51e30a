//! Messages in the file: stored with the incidents that they tell of, claimed under the lease, and there after a restart.

use super::*;
use crate::incident::{
    Condition, Finding, Incidents, Key, Look, Moment, Saved as SavedIncidents, Surroundings as Around, Terms,
};
use crate::outbox::{Answer, Around as Telling, Channel, ChannelName, Outbox, Plan, Saved};
use crate::severity::Severity;
use crate::store::incidents::Together;

fn finding() -> Finding {
    Finding {
        severity: Severity::Warning,
        basis: crate::incident::Basis::Reading,
        measure: None,
        name: HostText::default(),
        text: HostText::new("gitea has failed"),
        next: HostText::new("systemctl status gitea"),
        runbook: String::new(),
    }
}

fn plan() -> Plan {
    let channels = ["phone", "mail"].map(|name| Channel::new(ChannelName::new(name).unwrap()));
    Plan { channels: channels.into(), ..Plan::default() }
}

/// Judging and telling, as one program does both.
struct Program {
    writer: Writer,
    incidents: Incidents,
    outbox: Outbox,
}

impl Program {
    fn start(path: &Path, name: &str, wall: i64) -> Self {
        let mut writer = Opening::at(path).on(Told::new()).write().unwrap();
        let claim = writer.claim(&holder(name), now(wall)).unwrap();
        assert!(matches!(claim, Claim::Ours { .. }), "{claim:?}");
        let incidents = Incidents::load(writer.incidents().unwrap().saved, Around::default());
        let found = writer.outbox().unwrap();
        assert_eq!(found.unread, 0);
        Self { writer, incidents, outbox: Outbox::load(found.saved, plan()).unwrap() }
    }

    /// Looks at services of which the first so many have failed.
    fn judge(&mut self, failed: usize, wall: i64) {
        let moment = self.incidents.moment(now(wall), "start-1");
        let found = finding();
        let terms = Terms::default();
        let keys: Vec<Key> = (0..8)
            .map(|n| {
                let name = HostText::new(format!("unit{n}"));
                let subject = Subject { kind: SubjectKind::Service, name, identity: None };
                Key::new("service.failed", Some(host()), subject)
            })
            .collect();
        let looks = keys.iter().enumerate().map(|(n, key)| {
            let condition = if n < failed { Condition::Holds(&found) } else { Condition::Clear };
            Look { key, terms: &terms, condition }
        });
        self.incidents.step(looks, moment);
        let from = HostText::new("cmbox");
        let around = Telling { from: &from, audit: None, hosts: 1 };
        let all: Vec<_> = self.incidents.open().chain(self.incidents.past()).cloned().collect();
        self.outbox.step(&all, around, moment);
        let incidents = self.incidents.unsaved(crate::incident::Extent::All);
        let messages = self.outbox.unsaved();
        self.writer.commit(Together { incidents: Some(&incidents), outbox: Some(&messages) }).unwrap();
        self.incidents.saved(&incidents);
        self.outbox.saved(&messages);
    }
}

/// Some messages, of which one is being sent.
pub(super) fn some(writer: &mut Writer) {
    let mut outbox = Outbox::new(plan());
    let from = HostText::new("cmbox");
    let around = Telling { from: &from, audit: None, hosts: 1 };
    for _ in 0..30 {
        outbox.trial(&ChannelName::new("phone").unwrap(), around, Moment::default());
    }
    outbox.claim(Moment::default(), Some(1)).unwrap();
    writer.commit(Together { incidents: None, outbox: Some(&outbox.unsaved()) }).unwrap();
}

#[test]
fn incident_and_message_are_there_after_a_restart_or_neither_is() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut program = Program::start(&path, "one", NEW_YEAR);
    program.judge(2, NEW_YEAR + 1_000);
    let waiting = |outbox: &Outbox| outbox.messages().filter(|row| row.ended.is_none()).count();
    assert_eq!(waiting(&program.outbox), 4);
    // The second one would change both, and a trigger keeps the last of its rows out.
    let refuse = "CREATE TRIGGER stop BEFORE INSERT ON outbox BEGIN SELECT raise(ABORT, 'cut'); END";
    rusqlite::Connection::open(&path).unwrap().execute_batch(refuse).unwrap();
    let moment = program.incidents.moment(now(NEW_YEAR + 2_000), "start-1");
    let found = finding();
    let key = Key::new("host.memory", Some(host()), Subject::host());
    let look = Look { key: &key, terms: &Terms::default(), condition: Condition::Holds(&found) };
    program.incidents.step([look], moment);
    let open: Vec<_> = program.incidents.open().cloned().collect();
    let from = HostText::new("cmbox");
    program.outbox.step(&open, Telling { from: &from, audit: None, hosts: 1 }, moment);
    let (incidents, messages) = (program.incidents.unsaved(crate::incident::Extent::All), program.outbox.unsaved());
    program.writer.commit(Together { incidents: Some(&incidents), outbox: Some(&messages) }).unwrap_err();
    rusqlite::Connection::open(&path).unwrap().execute_batch("DROP TRIGGER stop").unwrap();
    program.writer.release().unwrap();
    drop(program);
    let mut again = Program::start(&path, "two", NEW_YEAR + 3_000);
    assert_eq!((again.incidents.open().count(), waiting(&again.outbox)), (2, 4));
    again.judge(0, NEW_YEAR + 90_000);
    let told: Vec<_> = again.outbox.messages().map(|row| row.message.parts[0].news.is_over()).collect();
    assert!(told.iter().all(|is_over| *is_over), "never sent, so told as passed: {told:?}");
}

#[test]
fn who_was_paused_and_lost_the_lease_claims_nothing_and_sends_nothing_that_it_claimed() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut paused = Program::start(&path, "one", NEW_YEAR);
    paused.judge(1, NEW_YEAR + 1_000);
    let at = paused.incidents.moment(now(NEW_YEAR + 2_000), "start-1");
    let claimed = paused.outbox.claim(at, Some(1)).unwrap();
    let permit = paused.writer.claim_message(&paused.outbox.unsaved(), now(NEW_YEAR + 2_000)).unwrap();
    assert_eq!(permit.left(now(NEW_YEAR + 3_000)), Some(Duration::from_secs(7)));
    assert_eq!(
        paused.writer.permit(now(NEW_YEAR + 4_000)).unwrap().left(now(NEW_YEAR + 8_000)),
        Some(Duration::from_secs(4))
    );
    // Fifteen seconds are gone, whatever the clock on the wall says of them.
    let woken = NEW_YEAR + 19_000;
    assert_eq!(permit.left(Now { wall: at_wall(-3_600), ..now(woken) }), None);
    let mut other = Program::start(&path, "two", woken);
    let moment = other.incidents.moment(now(woken), "start-1");
    let again = other.outbox.claim(moment, Some(2)).unwrap();
    assert_eq!((again.message.id, again.unsure, again.attempt), (claimed.message.id, true, 2));
    other.writer.claim_message(&other.outbox.unsaved(), now(woken)).unwrap();
    // The first wakes up: it can neither answer, nor claim, nor judge.
    paused.outbox.answered(claimed.number, Answer::Delivered, 1, moment);
    let refused = paused.writer.claim_message(&paused.outbox.unsaved(), now(woken)).unwrap_err();
    assert!(matches!(refused, StoreError::Fenced { .. }), "{refused}");
    assert!(matches!(paused.writer.permit(now(woken)), Err(StoreError::Fenced { .. })));
    let unsaved = paused.outbox.unsaved();
    let refused = paused.writer.commit(Together { incidents: None, outbox: Some(&unsaved) }).unwrap_err();
    assert!(matches!(refused, StoreError::Fenced { .. }), "{refused}");
}

fn at_wall(secs: i64) -> WallTime {
    WallTime::from_millis(NEW_YEAR + secs * 1_000)
}

#[test]
fn what_cannot_be_read_is_left_out_and_counted() {
    let folder = folder();
    let path = folder.path().join("history.db");
    let mut program = Program::start(&path, "one", NEW_YEAR);
    program.judge(3, NEW_YEAR + 1_000);
    let spoil = "UPDATE outbox SET body = x'7b7d' WHERE id = 1; UPDATE ledger SET channel = 'a b' WHERE id = 3";
    rusqlite::Connection::open(&path).unwrap().execute_batch(spoil).unwrap();
    let found = Opening::at(&path).read().unwrap().outbox().unwrap();
    assert_eq!(found.unread, 2);
    assert_ne!(found.saved, Saved::default());
    assert_ne!(program.writer.incidents().unwrap().saved, SavedIncidents::default());
}
