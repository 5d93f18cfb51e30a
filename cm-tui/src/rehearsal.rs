//! A rehearsal of the worst: the dashboard as it is, over a source that has a fault once the screen shows something. What the
//! terminal is like after that is tried in `tests/terminal.rs`, by way of an example. The program itself never comes here.

use std::process::ExitCode;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use crate::gather::Gathered;
use crate::run::program_over;

/// So many readings come before the fault: all that the made-up fleet tells in one round.
const READINGS: usize = 15;

/// Where the fault is.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In the loop that draws.
    Loop,
    /// On a thread beside it, which nobody waits for.
    Beside,
}

/// Runs the program in this process's surroundings until it has a fault.
#[doc(hidden)]
pub fn program_with_a_fault(place: Where) -> ExitCode {
    program_over(|mut gathered| {
        let begin = Box::new(move |interval: Duration| {
            let readings = (gathered.begin)(interval).take(READINGS);
            let fault = stream::once(async move {
                match place {
                    Where::Loop => panic!("a fault in the loop"),
                    Where::Beside => std::thread::spawn(|| panic!("a fault beside the loop")),
                };
                std::future::pending().await
            });
            readings.chain(fault).boxed()
        });
        Gathered { begin, ..gathered }
    })
}
