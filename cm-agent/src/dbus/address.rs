//! Where a bus is found: the addresses of the D-Bus specification, as far as they name a Unix socket.

use std::path::PathBuf;

/// The socket of a bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file.
    Path(PathBuf),
    /// A name in the kernel's own space, without the leading zero byte.
    Abstract(Vec<u8>),
}

/// An address that names no Unix socket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the bus address names no Unix socket: it takes unix:path=… or unix:abstract=…")]
pub struct NoSocket;

impl Default for Address {
    /// The system bus where every distribution has it.
    fn default() -> Self {
        Self::Path("/run/dbus/system_bus_socket".into())
    }
}

impl Address {
    /// Reads `DBUS_SYSTEM_BUS_ADDRESS` or its like: the first Unix socket of a list divided by semicolons.
    pub fn parse(text: &str) -> Result<Self, NoSocket> {
        let mut all = text.split(';').filter_map(|one| one.strip_prefix("unix:"));
        let socket = all.find_map(|pairs| {
            pairs.split(',').find_map(|pair| match pair.split_once('=')? {
                ("path", value) => {
                    let path = PathBuf::from(String::from_utf8(unescape(value)?).ok()?);
                    path.is_absolute().then_some(Self::Path(path))
                }
                ("abstract", value) => unescape(value).map(Self::Abstract),
                _ => None,
            })
        });
        socket.ok_or(NoSocket)
    }
}

/// A value of an address writes what is not plain as `%` and two hexadecimal digits.
fn unescape(value: &str) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let byte = match byte {
            b'%' => u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?,
            byte => byte,
        };
        plain.push(byte);
    }
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_unix_socket_counts() {
        let path = |path: &str| Ok(Address::Path(path.into()));
        for (text, expected) in [
            ("unix:path=/run/dbus/system_bus_socket", path("/run/dbus/system_bus_socket")),
            ("unix:path=/a%20b,guid=0123", path("/a b")),
            ("unix:guid=01,path=/a", path("/a")),
            ("tcp:host=localhost,port=1;unix:path=/b", path("/b")),
            ("unix:abstract=/tmp/x", Ok(Address::Abstract(b"/tmp/x".to_vec()))),
            ("unix:path=relative", Err(NoSocket)),
            ("unix:path=", Err(NoSocket)),
            ("unix:path=/a%2", Err(NoSocket)),
            ("unix:path=/a%zz", Err(NoSocket)),
            ("tcp:host=localhost,port=1", Err(NoSocket)),
            ("", Err(NoSocket)),
        ] {
            assert_eq!(Address::parse(text), expected, "{text}");
        }
    }
}
