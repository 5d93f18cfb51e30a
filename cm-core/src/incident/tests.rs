//! What incidents promise, in virtual time.

pub(crate) mod scene;

mod causes;
mod decided;
mod long;
mod machine;
pub(crate) mod property;
