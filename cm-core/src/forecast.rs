//! What will be, told from what was: how soon something is full, and which values are usual.
//!
//! Pure functions over series that are handed in. They know no clock, no file and no host: the moment, the distance of
//! local time from UTC and all values are arguments, and the same arguments give the same answer everywhere.

pub mod usual;
