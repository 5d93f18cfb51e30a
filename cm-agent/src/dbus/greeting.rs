//! What is said before messages flow: who we are, and that open files may come with messages.
//!
//! All of it is sent at once, with the first call behind it, so that nobody waits for an answer: the D-Bus specification,
//! "Authentication Protocol", has the server read on behind `BEGIN`, as systemd's own client relies on.

use super::Broken;

/// The longest answer. The specification sets no bound; those that we know are below 60 bytes.
const MOST_BYTES: usize = 1024;

/// The answers to a greeting, until they are there whole.
#[derive(Debug, Default)]
pub(super) struct Greeting {
    said: Vec<u8>,
}

impl Greeting {
    /// What we say, as the user of this number.
    pub(super) fn of(user: u32) -> String {
        // The digits of the number, each written as the hexadecimal number of its letter.
        let user: String = user.to_string().chars().flat_map(|digit| ['3', digit]).collect();
        format!("\0AUTH EXTERNAL {user}\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n")
    }

    /// Takes in what came. Once both answers are there it gives what lies behind them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        self.said.extend_from_slice(bytes);
        let Some(first) = end_of_line(&self.said) else { return self.bounded() };
        if !self.said.starts_with(b"OK ") {
            let said = String::from_utf8_lossy(&self.said[..first - 2]).into_owned();
            return Err(Broken::NotAdmitted { said: said.as_str().into() });
        }
        // That open files can't be passed is no reason to go: whoever wants one is told then.
        let Some(second) = end_of_line(&self.said[first..]) else { return self.bounded() };
        Ok(Some(self.said.split_off(first + second)))
    }

    fn bounded(&self) -> Result<Option<Vec<u8>>, Broken> {
        if self.said.len() > MOST_BYTES {
            return Err(Broken::NotAdmitted { said: "an answer without an end".into() });
        }
        Ok(None)
    }
}

fn end_of_line(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair == b"\r\n").map(|at| at + 2)
}
