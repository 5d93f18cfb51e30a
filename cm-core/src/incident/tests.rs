//! What incidents promise, in virtual time.

pub(crate) mod scene;

mod causes;
mod decided;
mod long;
mod machine;
mod property;
