//! Who is told what and when, in virtual time: nothing waits, and everything that is stored is read back.

mod any_order;
mod delivering;
mod months;
mod telling;
mod wording;
mod world;
