//! What is to be stored, and what was: as with incidents, whatever cannot be stored stays in memory and is handed out
//! again the next time.

use super::channel::ChannelName;
use super::ledger::{Entry, Ledger};
use super::plan::Plan;
use super::queue::{Queue, Queued};
use super::round::Outbox;
use super::running::Running;
use crate::incident::IncidentId;

/// What is to be stored, all of it in one transaction, and in that of the incidents where there are any.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsaved {
    count: u64,
    /// Messages by number; none where one is gone.
    pub messages: Vec<(u64, Option<Queued>)>,
    /// What channels know of incidents; none where that is forgotten.
    pub entries: Vec<(ChannelName, IncidentId, Option<Entry>)>,
    /// What goes on beside them, as JSON.
    pub running: String,
}

/// All that was stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Saved {
    /// The messages.
    pub messages: Vec<Queued>,
    /// What channels know.
    pub entries: Vec<(ChannelName, IncidentId, Entry)>,
    /// What goes on beside them, as JSON; none where nothing was ever stored.
    pub running: Option<String>,
}

impl Outbox {
    /// Whether a message waits to be stored, or what a channel knows: to be stored at once, and before it is sent.
    pub fn is_changed(&self) -> bool {
        !(self.queue.unsaved().is_empty() && self.ledger.unsaved().is_empty())
    }

    /// What is to be stored. Call [`saved`](Self::saved) once it is.
    pub fn unsaved(&mut self) -> Unsaved {
        self.count += 1;
        self.running.last = self.queue.last();
        Unsaved {
            count: self.count,
            messages: self.queue.unsaved(),
            entries: self.ledger.unsaved(),
            running: serde_json::to_string(&self.running).unwrap_or_default(),
        }
    }

    /// This was stored.
    pub fn saved(&mut self, saved: &Unsaved) {
        self.queue.saved(saved.count);
        self.ledger.saved(saved.count);
    }

    /// Goes on from what was stored. A message that was being sent may have been received: it is sent again, the same under
    /// the same name.
    pub fn load(saved: Saved, plan: Plan) -> Result<Self, serde_json::Error> {
        let running: Running = saved.running.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        let queue = Queue::load(saved.messages, running.last);
        Ok(Self { plan, ledger: Ledger::load(saved.entries), queue, running, count: 0 })
    }
}
