//! What one client, and all of them together, may take.

use std::time::Duration;

/// The limits of one server. With the defaults a flood on all four ports at once costs about 2.5 MB (19 KB a connection,
/// measured).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte of a request to the end of its headers.
    pub head: Duration,
    /// Between two requests of one connection, and before the first. Longer than the longest interval at which clients
    /// poll (60 s), so that they keep their connection.
    pub idle: Duration,
    /// From a request to the moment when its whole answer has left this program.
    pub answer: Duration,
    /// For requests in hand once the server is told to stop.
    pub farewell: Duration,
    /// Connections of one port. Past it the one that has done least makes room.
    pub connections: usize,
    /// Connections of one port from one address. Past it the one of that address that has done least makes room.
    pub connections_per_peer: usize,
    /// Bytes of a request's line and headers, and of the read buffer; at least 8,192.
    pub head_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(5),
            idle: Duration::from_secs(75),
            answer: Duration::from_mins(1),
            farewell: Duration::from_secs(3),
            connections: 32,
            connections_per_peer: 8,
            head_bytes: 8 * 1024,
            headers: 32,
        }
    }
}
