//! Why an ask came to nothing: the transport's chain of errors, walked from the outside in, becomes one cause.
//!
//! The outer layers say only that something failed. The inner ones know what; the first that is sure decides.

use std::error::Error;
use std::io;

use tokio::time::error::Elapsed;

use cm_model::observation::FailureKind;
use cm_model::report::read::Malformed;

use super::Limits;
use super::names::NameUnknown;

/// The most characters of the transport's own words that are kept.
const MOST_WORDS: usize = 200;

/// The cause of a failed ask.
pub(super) fn of(fault: &(dyn Error + 'static), limits: Limits) -> FailureKind {
    if let Some(kind) = sure(fault, limits) {
        return kind;
    }
    if fault.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout) {
        return timed_out(limits);
    }
    FailureKind::BrokenOff { why: innermost(fault) }
}

/// What the layer furthest inside says, shortened.
pub(super) fn innermost(fault: &(dyn Error + 'static)) -> String {
    let mut layer = fault;
    while let Some(inner) = inside(layer) {
        layer = inner;
    }
    layer.to_string().chars().take(MOST_WORDS).collect()
}

/// The next layer in. An I/O error hides what it wraps from `source`.
fn inside<'a>(layer: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match layer.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => layer.source(),
    }
}

fn sure(fault: &(dyn Error + 'static), limits: Limits) -> Option<FailureKind> {
    let mut layer = Some(fault);
    while let Some(here) = layer {
        if here.is::<NameUnknown>() {
            return Some(FailureKind::NoSuchName);
        }
        if here.is::<Elapsed>() {
            return Some(timed_out(limits));
        }
        if let Some(tls) = here.downcast_ref::<rustls::Error>() {
            return Some(FailureKind::Tls { why: shortened(tls) });
        }
        if let Some(http) = here.downcast_ref::<hyper::Error>() {
            if http.is_parse_too_large() {
                return Some(Malformed::TooLarge.into());
            }
            if http.is_parse() {
                let why = format!("it is not even HTTP: {}", shortened(http));
                return Some(Malformed::NotJson { line: 1, column: 1, why }.into());
            }
        }
        if let Some(kind) = here.downcast_ref::<io::Error>().and_then(|io| of_io(io, limits)) {
            return Some(kind);
        }
        layer = inside(here);
    }
    None
}

/// The cause of an error of the system itself; `None` where it wraps another error, which then decides.
fn of_io(fault: &io::Error, limits: Limits) -> Option<FailureKind> {
    use io::ErrorKind as Kind;
    if fault.get_ref().is_some() {
        return None;
    }
    Some(match fault.kind() {
        Kind::ConnectionRefused => FailureKind::Refused,
        // A firewall of this machine that rejects, or an address family that it lacks, is no way there either.
        Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::NetworkDown
        | Kind::AddrNotAvailable
        | Kind::PermissionDenied => FailureKind::NoRoute,
        Kind::TimedOut => timed_out(limits),
        _ => FailureKind::BrokenOff { why: shortened(fault) },
    })
}

fn timed_out(limits: Limits) -> FailureKind {
    FailureKind::TimedOut { waiting_for: "connection", limit: limits.connection }
}

fn shortened(fault: &dyn Error) -> String {
    fault.to_string().chars().take(MOST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);

    fn check(io: io::Error) -> Option<FailureKind> {
        sure(&Outer(io), Limits::default())
    }

    #[test]
    fn errors_of_the_system_become_causes() {
        let limits = Limits::default();
        let cases = [
            (Errno::CONNREFUSED, FailureKind::Refused),
            (Errno::HOSTUNREACH, FailureKind::NoRoute),
            (Errno::NETUNREACH, FailureKind::NoRoute),
            (Errno::ACCESS, FailureKind::NoRoute),
            (Errno::TIMEDOUT, FailureKind::TimedOut { waiting_for: "connection", limit: limits.connection }),
        ];
        for (number, kind) in cases {
            assert_eq!(check(io::Error::from_raw_os_error(number.raw_os_error())), Some(kind), "{number:?}");
        }
        let reset = check(io::Error::from_raw_os_error(Errno::CONNRESET.raw_os_error()));
        assert!(matches!(reset, Some(FailureKind::BrokenOff { .. })), "{reset:?}");
    }

    #[test]
    fn what_an_error_of_the_system_wraps_decides() {
        let tls = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        assert!(matches!(check(tls), Some(FailureKind::Tls { .. })));
        let name = io::Error::other(Outer(io::Error::from_raw_os_error(Errno::CONNREFUSED.raw_os_error())));
        assert_eq!(check(name), Some(FailureKind::Refused));
    }

    #[test]
    fn the_innermost_words_are_kept_and_cut() {
        let long = Outer(io::Error::other("x".repeat(10_000)));
        assert_eq!(innermost(&long).len(), MOST_WORDS);
        assert_eq!(innermost(&Outer(io::Error::other("the cause"))), "the cause");
    }
}
