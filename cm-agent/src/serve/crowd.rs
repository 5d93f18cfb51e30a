//! Who is connected to one port, and who makes room when it is full.
//!
//! A flood must not lock out those who have always behaved. So a newcomer is let in, and the one who has done least goes:
//! first those who never sent a whole request, the oldest first, then those silent for longest. Nobody goes in the middle
//! of an answer; where all are, the newcomer does.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::limits::Limits;
use super::pulse::{Phase, Pulse};

/// The connections of one port.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    guests: Vec<Guest>,
}

#[derive(Debug)]
struct Guest {
    peer: IpAddr,
    pulse: Arc<Pulse>,
    task: AbortHandle,
}

impl Crowd {
    /// Makes room for one more from `peer`; `false` if there is none to be had. Cost: one walk over the guests.
    pub(super) fn make_room(&mut self, peer: IpAddr, limits: &Limits) -> bool {
        self.guests.retain(|guest| !guest.task.is_finished());
        let of_peer = self.guests.iter().filter(|guest| guest.peer == peer).count();
        if of_peer >= limits.connections_per_peer {
            return self.show_one_out(|guest| guest.peer == peer);
        }
        self.guests.len() < limits.connections || self.show_one_out(|_| true)
    }

    /// Takes a connection in.
    pub(super) fn welcome(&mut self, peer: IpAddr, pulse: Arc<Pulse>, task: AbortHandle) {
        self.guests.push(Guest { peer, pulse, task });
    }

    fn show_one_out(&mut self, may_go: impl Fn(&Guest) -> bool) -> bool {
        let candidates = self.guests.iter().enumerate().filter(|(_, guest)| may_go(guest));
        let least = candidates.filter_map(|(at, guest)| Some((guest.claim()?, at))).min();
        let Some((_, at)) = least else { return false };
        self.guests.swap_remove(at).task.abort();
        true
    }
}

impl Guest {
    /// What speaks for it, least first; none while it is being answered.
    fn claim(&self) -> Option<(bool, Instant)> {
        let (phase, since, asked) = self.pulse.read();
        (phase != Phase::Answering).then_some((asked > 0, since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { connections: 4, connections_per_peer: 2, ..Limits::default() }
    }

    struct Room {
        crowd: Crowd,
        all: Vec<Arc<Pulse>>,
    }

    impl Room {
        /// One more guest from `10.0.0.<peer>`; `false` if it was turned away.
        fn enter(&mut self, peer: u8) -> bool {
            let peer = IpAddr::from([10, 0, 0, peer]);
            if !self.crowd.make_room(peer, &limits()) {
                return false;
            }
            let pulse = Pulse::new(limits());
            self.all.push(Arc::clone(&pulse));
            self.crowd.welcome(peer, pulse, tokio::spawn(std::future::pending::<()>()).abort_handle());
            true
        }

        /// Which guests are still in, by order of entry.
        fn inside(&self) -> Vec<usize> {
            let inside = |pulse: &Arc<Pulse>| self.crowd.guests.iter().any(|guest| Arc::ptr_eq(&guest.pulse, pulse));
            (0..self.all.len()).filter(|&at| inside(&self.all[at])).collect()
        }
    }

    fn check(test: impl FnOnce(&mut Room)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async { test(&mut Room { crowd: Crowd::default(), all: Vec::new() }) });
    }

    #[test]
    fn one_address_crowds_out_itself_alone() {
        check(|room| {
            for peer in [1, 2, 2, 2, 2] {
                assert!(room.enter(peer));
            }
            assert_eq!(room.inside(), [0, 3, 4]);
        });
    }

    #[test]
    fn in_a_full_house_those_who_never_asked_go_first() {
        check(|room| {
            for peer in [1, 2, 3, 4] {
                assert!(room.enter(peer));
            }
            room.all[0].asked();
            room.all[0].flushed();
            assert!(room.enter(5));
            assert!(room.enter(6));
            assert_eq!(room.inside(), [0, 3, 4, 5]);
        });
    }

    #[test]
    fn nobody_goes_in_the_middle_of_an_answer() {
        check(|room| {
            for peer in [1, 2, 3, 4] {
                assert!(room.enter(peer));
                room.all.last().unwrap().asked();
            }
            assert!(!room.enter(5));
            assert_eq!(room.inside(), [0, 1, 2, 3]);
        });
    }
}
