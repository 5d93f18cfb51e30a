//! Incidents.

use super::*;

pub(super) fn some(_writer: &mut Writer) {}
