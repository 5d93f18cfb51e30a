//! A program of the owner's that gets the message as one line of JSON on its standard input, and says by its exit code
//! whether it has taken it: 0 it has, anything else it has not and is tried again.

use std::rc::Rc;

use cm_core::clock::Clock;
use futures_core::future::LocalBoxFuture;

use crate::carrier::{Carrier, Delivered, Load, Trouble};
use crate::dress::document;
use crate::program::Job;

/// One program.
#[derive(Debug)]
pub struct Command {
    job: Job,
    clock: Rc<dyn Clock>,
}

impl Command {
    /// A program that is told each message.
    pub fn new(job: Job, clock: Rc<dyn Clock>) -> Self {
        Self { job, clock }
    }
}

impl Carrier for Command {
    fn place(&self) -> &str {
        self.job.place()
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        let mut text = document::json(load.message, &load.sheet(), load.context.voice.program);
        text.push('\n');
        Box::pin(async move {
            self.job.run(text.as_bytes(), load.context.limit, &*self.clock, || load.handed_over()).await?;
            Ok(Delivered::default())
        })
    }
}
