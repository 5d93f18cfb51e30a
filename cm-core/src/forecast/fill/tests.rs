//! Filesystems in the field's notation: what is used day by day, and when it is asked.
