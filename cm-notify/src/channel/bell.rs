//! The bell of a terminal: one byte, for whoever sits before it. What can wait is silent.
//!
//! Only a terminal is written to, and without waiting for it: one that is held up by Ctrl-S must hold nobody else up.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use cm_core::outbox::Urgency;
use cm_core::problem::show_path;
use futures_core::future::LocalBoxFuture;
use rustix::fs::OFlags;

use super::sound::SILENT;
use crate::carrier::{Carrier, Delivered, Load, Trouble, said};

/// The terminal that the program was started from.
pub const OWN: &str = "/dev/tty";

/// The bell of one terminal.
#[derive(Debug)]
pub struct Bell {
    terminal: PathBuf,
    place: String,
}

impl Bell {
    /// The bell of a terminal: [`OWN`], or `/dev/tty1` for who sits before the machine.
    pub fn new(name: &str, terminal: PathBuf) -> Self {
        let place = format!("{name} ({})", show_path(&terminal));
        Self { terminal, place }
    }

    fn ring(&self) -> io::Result<()> {
        let flags = OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let flags = i32::try_from(flags.bits()).expect("flags of open fit into its argument");
        let mut terminal: File = OpenOptions::new().write(true).custom_flags(flags).open(&self.terminal)?;
        if !terminal.is_terminal() {
            return Err(io::Error::other("it is no terminal"));
        }
        terminal.write_all(b"\x07")
    }
}

impl Carrier for Bell {
    fn place(&self) -> &str {
        &self.place
    }

    fn carry<'a>(&'a self, load: Load<'a>) -> LocalBoxFuture<'a, Result<Delivered, Trouble>> {
        Box::pin(async move {
            if load.message.urgency() == Urgency::Low {
                return Ok(Delivered { remark: Some(SILENT.to_owned()) });
            }
            let absent =
                |fault: io::Error| Trouble::Absent { place: self.place.clone(), why: said(&fault.to_string(), &[]) };
            self.ring().map(|()| Delivered::default()).map_err(absent)
        })
    }
}
