//! From a message that is to be sent to what became of it. Channels are made when they are first needed, and anew when
//! somebody has to mend one: a token that was put right counts without a restart.
//!
//! When a message is sent, and whether again, is not known here.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use cm_core::clock::{Clock, WallTime};
use cm_core::config::notify::Contact;
use cm_core::engine::Sending;
use cm_core::fault::Code;
use cm_core::outbox::{Answer, ChannelName, Voice};

use crate::carrier::{Carrier, Context, Lasts, Outcome, USUAL_LIMIT, deliver};
use crate::contact::{self, Means};
use crate::exit::Complaint;

/// What channels share, made when the first message is sent: a round in which nothing is told does without.
pub type Make<'p> = dyn Fn() -> Result<Means, Complaint> + 'p;

/// All channels.
pub struct Post<'p> {
    contacts: Vec<Contact>,
    clock: Rc<dyn Clock>,
    make: &'p Make<'p>,
    means: OnceCell<Means>,
    local: &'p dyn Fn(WallTime) -> String,
    /// How the owner's program is asked.
    program: &'p str,
    made: RefCell<BTreeMap<ChannelName, Rc<dyn Carrier>>>,
}

impl fmt::Debug for Post<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("contacts", &self.contacts.len()).finish_non_exhaustive()
    }
}

/// What became of one attempt.
#[derive(Debug)]
pub struct Sent {
    /// The message's number.
    pub number: u64,
    /// Which channel.
    pub channel: ChannelName,
    /// What the outbox is told.
    pub answer: Answer,
    /// Why it was not delivered, under which code, and for how long that lasts; none where it was.
    pub trouble: Option<(Code, String, Lasts)>,
}

impl<'p> Post<'p> {
    /// The channels of these contacts. `program` is how the owner's program is asked.
    pub fn new(
        contacts: Vec<Contact>,
        clock: Rc<dyn Clock>,
        make: &'p Make<'p>,
        local: &'p dyn Fn(WallTime) -> String,
        program: &'p str,
    ) -> Self {
        Self { contacts, clock, make, means: OnceCell::new(), local, program, made: RefCell::default() }
    }

    /// Sends a message, once, within [`USUAL_LIMIT`]. One whose right has run out is not sent.
    pub async fn send(&self, sending: Sending) -> Sent {
        let delivery = &sending.delivery;
        let (number, channel) = (delivery.number, delivery.channel.clone());
        let unsent = |code, why: String, lasts| {
            let answer = Answer::NotSent { why: why.clone() };
            Sent { number, channel: channel.clone(), answer, trouble: Some((code, why, lasts)) }
        };
        let carrier = match self.carrier(&channel) {
            Ok(carrier) => carrier,
            Err((code, why)) => return unsent(code, why, Lasts::UntilMended),
        };
        let now = self.clock.now();
        if !sending.may_go(now) {
            let why = "the right to send it ran out before it was sent".to_owned();
            return unsent(Code::CHANNEL_UNREACHED, why, Lasts::Passing);
        }
        let voice = Voice { now: now.wall, local: self.local, program: self.program };
        let context = Context { voice, links: None, limit: USUAL_LIMIT };
        let outcome = deliver(&*carrier, &delivery.message, context).await;
        let answer = outcome.answer();
        let trouble = match outcome {
            Outcome::Delivered(_) => None,
            Outcome::Refused(trouble) | Outcome::Unknown(trouble) => {
                Some((trouble.code(), trouble.to_string(), trouble.lasts()))
            }
        };
        if trouble.as_ref().is_some_and(|(.., lasts)| *lasts == Lasts::UntilMended) {
            self.made.borrow_mut().remove(&channel);
        }
        Sent { number, channel, answer, trouble }
    }

    fn carrier(&self, name: &ChannelName) -> Result<Rc<dyn Carrier>, (Code, String)> {
        if let Some(carrier) = self.made.borrow().get(name) {
            return Ok(Rc::clone(carrier));
        }
        let contact = self.contacts.iter().find(|contact| contact.name() == name);
        let contact = contact.ok_or_else(|| {
            (Code::NO_SUCH_CHANNEL, format!("the channel {} is not configured any more", name.as_str()))
        })?;
        let means = self.means().map_err(|complaint| match complaint {
            Complaint::One { code, what, .. } => (code, what),
            Complaint::Problems(_) | Complaint::Output(_) => (Code::INNER_FAULT, "no channel can be made".to_owned()),
        })?;
        let carrier = contact::carrier(contact, means);
        let carrier: Rc<dyn Carrier> = carrier.map_err(|unusable| (unusable.code(), unusable.to_string()))?.into();
        self.made.borrow_mut().insert(name.clone(), Rc::clone(&carrier));
        Ok(carrier)
    }

    /// Makes what channels share now, so that the first message does not wait for it.
    pub fn prepare(&self) {
        // What keeps it from being made is told with the first message.
        let _ = self.means();
    }

    fn means(&self) -> Result<&Means, Complaint> {
        if let Some(means) = self.means.get() {
            return Ok(means);
        }
        let means = (self.make)()?;
        Ok(self.means.get_or_init(|| means))
    }
}
