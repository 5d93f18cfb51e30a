//! Wear foretold.
