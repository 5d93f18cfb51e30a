//! A sound, played by a program of this machine: `pw-play`, `paplay`, `aplay`, `canberra-gtk-play`. What can wait is silent.
//!
//! A sound that was not heard is not owed: once the player runs, the message counts as told.

use std::rc::Rc;

use cm_core::clock::Clock;
use cm_core::outbox::Urgency;
use futures_core::future::LocalBoxFuture;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::program::Job;

/// Programs that play a file, the one that is asked first at the front, each with what stands before the file's name.
pub const PLAYERS: [(&str, &[&str]); 4] =
    [("pw-play", &[]), ("paplay", &[]), ("canberra-gtk-play", &["-f"]), ("aplay", &["-q"])];

/// One sound.
#[derive(Debug)]
pub struct Sound {
    job: Job,
    clock: Rc<dyn Clock>,
}

impl Sound {
    /// A player with the file that it plays among its arguments.
    pub fn new(job: Job, clock: Rc<dyn Clock>) -> Self {
        Self { job, clock }
    }
}

/// What is said of a message that makes no sound.
pub(super) const SILENT: &str = "it can wait, so it makes no sound";

impl Carrier for Sound {
    fn place(&self) -> &str {
        self.job.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        Box::pin(async move {
            if load.message.urgency() == Urgency::Low {
                return Ok(Delivered { remark: Some(SILENT.to_owned()) });
            }
            match self.job.run(b"", load.context.limit, &*self.clock, || load.handed_over()).await {
                Err(Trouble::Lost { why, .. }) => Ok(Delivered { remark: Some(why) }),
                played => played.map(|()| Delivered::default()),
            }
        })
    }
}
