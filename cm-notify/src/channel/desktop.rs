//! A bubble on the desktop, over D-Bus. The one of an incident takes the place of the one before; what is critical stays
//! until somebody has seen it. Where the desktop has buttons, somebody looks after an incident with one click.
//!
//! Which bubble belongs to which incident is known as long as the program runs: afterwards a new one stands beside the old.
//! It speaks on the runtime that is there; the library's other way would open one of its own and panic within ours.

use std::cell::RefCell;
use std::collections::VecDeque;

use cm_core::incident::IncidentId;
use cm_core::outbox::Urgency;
use futures_core::future::LocalBoxFuture;
use notify_rust::{Hint, Notification, NotificationHandle, NotificationResponse, Timeout};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use crate::carrier::{Act, Carrier, Delivered, Load, Trouble, innermost};
use crate::dress::{BUBBLE, Most, PLAIN, fitted, lines};

/// What a person reads in a bubble.
const MOST: Most = Most::Chars(600);
/// The most bubbles that are remembered and whose buttons are heard.
const MOST_BUBBLES: usize = 16;

/// Somebody has pressed a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressed {
    /// What is to be done.
    pub act: Act,
    /// Of which incident.
    pub incident: IncidentId,
}

/// The desktop of the user that the program runs as.
#[derive(Debug)]
pub struct Desktop {
    place: String,
    pressed: Option<Sender<Pressed>>,
    shown: RefCell<VecDeque<Shown>>,
}

/// A bubble that was shown.
#[derive(Debug)]
struct Shown {
    thread: IncidentId,
    id: u32,
    listening: Option<JoinHandle<()>>,
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

impl Desktop {
    /// A channel called `name`. `pressed` takes what buttons say; without it there are none. A button that is pressed while
    /// it is full is lost, and can be pressed again in the dashboard.
    pub fn new(name: &str, pressed: Option<Sender<Pressed>>) -> Self {
        Self { place: format!("{name} (desktop)"), pressed, shown: RefCell::default() }
    }

    fn bubble(&self, load: &Load<'_>) -> Notification {
        let sheet = load.sheet();
        let text = fitted(&lines(&sheet, BUBBLE), MOST, load.context.voice.program);
        let urgency = load.message.urgency();
        let mut bubble = Notification::new();
        bubble.appname("CM Dashboard").summary(&PLAIN(&sheet.title)).body(&whole_references(&text)).urgency(
            match urgency {
                Urgency::Low => notify_rust::Urgency::Low,
                Urgency::Normal => notify_rust::Urgency::Normal,
                Urgency::High => notify_rust::Urgency::Critical,
            },
        );
        if urgency == Urgency::High {
            bubble.timeout(Timeout::Never);
        }
        bubble.hint(Hint::Category("device.error".to_owned()));
        if let Some(thread) = load.message.thread
            && let Some(shown) = self.shown.borrow().iter().find(|shown| shown.thread == thread)
        {
            bubble.id(shown.id);
        }
        bubble
    }

    /// Remembers a bubble, and listens to its buttons.
    fn remember(&self, load: &Load<'_>, handle: NotificationHandle, has_buttons: bool) {
        let Some(thread) = load.message.thread else { return };
        let mut shown = self.shown.borrow_mut();
        // The one before is gone, and nobody listens to its buttons any more.
        shown.retain(|shown| shown.thread != thread);
        if shown.len() == MOST_BUBBLES {
            shown.pop_front();
        }
        let id = handle.id();
        let listening = match (load.acted_on(), &self.pressed) {
            (Some(incident), Some(to)) if has_buttons => Some(tokio::spawn(listen(handle, incident, to.clone()))),
            _ => None,
        };
        shown.push_back(Shown { thread, id, listening });
    }

    async fn show(&self, load: Load<'_>) -> Result<Delivered, Trouble> {
        let mut bubble = self.bubble(&load);
        let has_buttons = self.pressed.is_some() && load.acted_on().is_some() && offers_buttons().await;
        if has_buttons {
            for act in Act::ALL {
                bubble.action(act.word(), act.label());
            }
        }
        load.handed_over();
        let handle = bubble
            .show_async()
            .await
            .map_err(|fault| Trouble::Absent { place: self.place.clone(), why: innermost(&fault, &[]) })?;
        self.remember(&load, handle, has_buttons);
        Ok(Delivered::default())
    }
}

impl Carrier for Desktop {
    fn place(&self) -> &str {
        &self.place
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        Box::pin(self.show(load))
    }
}

/// Whether bubbles of this desktop have buttons. Asked on a thread beside, for the library waits for the answer.
async fn offers_buttons() -> bool {
    let asked = tokio::task::spawn_blocking(notify_rust::get_capabilities).await;
    asked.is_ok_and(|known| known.is_ok_and(|known| known.iter().any(|one| one == "actions")))
}

async fn listen(handle: NotificationHandle, incident: IncidentId, to: Sender<Pressed>) {
    handle
        .wait_for_action_async(|response: &NotificationResponse| {
            let NotificationResponse::Action(word) = response else { return };
            if let Some(act) = Act::ALL.into_iter().find(|act| act.word() == word) {
                // Where it is full, nobody takes it in any more.
                let _ = to.try_send(Pressed { act, incident });
            }
        })
        .await;
}

/// The text without a reference that was cut in its middle (`&am`), for which a desktop may drop the whole.
fn whole_references(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let open = line.rfind('&').filter(|&at| !line[at..].contains(';'));
        lines.push(open.map_or(line, |at| &line[..at]));
    }
    lines.join("\n")
}
