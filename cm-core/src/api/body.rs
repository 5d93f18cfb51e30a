//! A body as it arrives: counted on the wire, unpacked on the way, stopped at the limit and not after it.
//!
//! Unpacking chunk by chunk ends a bomb within its first kilobytes. It does not know what the bytes mean.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use cm_model::observation::FailureKind;
use cm_model::report::read::{MOST_BYTES, Malformed};

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not at all.
    None,
    /// gzip, in one or several members.
    Gzip,
}

/// A body of which a part has come.
pub(super) struct Body {
    wire_bytes: usize,
    form: Form,
}

enum Form {
    Plain(Sink),
    Gzip(Box<MultiGzDecoder<Sink>>),
}

impl Body {
    /// An empty body, if the length that the host announces is one that would be read.
    pub(super) fn new(packing: Packing, announced: Option<u64>) -> Result<Self, FailureKind> {
        if announced.is_some_and(|bytes| bytes > MOST_BYTES as u64) {
            return Err(Malformed::TooLarge.into());
        }
        let form = match packing {
            Packing::None => Form::Plain(Sink::default()),
            Packing::Gzip => Form::Gzip(Box::new(MultiGzDecoder::new(Sink::default()))),
        };
        Ok(Self { wire_bytes: 0, form })
    }

    /// Takes the next bytes from the wire.
    pub(super) fn take(&mut self, chunk: &[u8]) -> Result<(), FailureKind> {
        self.wire_bytes = self.wire_bytes.saturating_add(chunk.len());
        if self.wire_bytes > MOST_BYTES {
            return Err(Malformed::TooLarge.into());
        }
        match &mut self.form {
            Form::Plain(sink) => sink.write_all(chunk).map_err(|_| Malformed::TooLarge.into()),
            Form::Gzip(decoder) => decoder.write_all(chunk).map_err(|fault| unpackable(&fault)),
        }
    }

    /// The whole body, unpacked.
    pub(super) fn finish(self) -> Result<Vec<u8>, FailureKind> {
        match self.form {
            Form::Plain(sink) => Ok(sink.0),
            Form::Gzip(decoder) => decoder.finish().map(|sink| sink.0).map_err(|fault| unpackable(&fault)),
        }
    }
}

fn unpackable(fault: &io::Error) -> FailureKind {
    FailureKind::Unpackable { why: fault.to_string() }
}

/// Takes [`MOST_BYTES`] and refuses the next.
#[derive(Default)]
struct Sink(Vec<u8>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it unpacks to more than 4 MiB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn check(packing: Packing, wire: &[u8], chunk: usize) -> Result<Vec<u8>, FailureKind> {
        let mut body = Body::new(packing, None)?;
        for part in wire.chunks(chunk) {
            body.take(part)?;
        }
        body.finish()
    }

    #[test]
    fn a_body_comes_out_whole_however_it_is_cut() {
        for chunk in [1, 7, 100_000] {
            assert_eq!(check(Packing::None, b"{\"a\":1}", chunk), Ok(b"{\"a\":1}".to_vec()));
            assert_eq!(check(Packing::Gzip, &gzip(b"{\"a\":1}"), chunk), Ok(b"{\"a\":1}".to_vec()));
        }
        let two_members = [gzip(b"{\"a\""), gzip(b":1}")].concat();
        assert_eq!(check(Packing::Gzip, &two_members, 5), Ok(b"{\"a\":1}".to_vec()));
    }

    #[test]
    fn what_does_not_unpack_says_so() {
        let cut = gzip(&vec![b' '; 1000]);
        for wire in [&b"{\"a\":1}"[..], &cut[..cut.len() - 9], b""] {
            assert!(matches!(check(Packing::Gzip, wire, 3), Err(FailureKind::Unpackable { .. })), "{wire:?}");
        }
    }

    #[test]
    fn a_bomb_is_noticed_long_before_it_has_come() {
        let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
        let mut body = Body::new(Packing::Gzip, None).unwrap();
        let sent = bomb.chunks(1024).position(|part| body.take(part).is_err());
        assert!(sent.is_some_and(|chunks| chunks < 8), "{sent:?}");
    }

    #[test]
    fn the_limit_is_the_limit() {
        assert_eq!(check(Packing::None, &vec![b' '; MOST_BYTES], 65_536).map(|b| b.len()), Ok(MOST_BYTES));
        let over = vec![b' '; MOST_BYTES + 1];
        assert_eq!(check(Packing::None, &over, 65_536), Err(Malformed::TooLarge.into()));
        let announced = Body::new(Packing::None, Some(MOST_BYTES as u64 + 1)).err();
        assert_eq!(announced, Some(Malformed::TooLarge.into()), "an announced excess is not even read");
        assert!(matches!(check(Packing::Gzip, &gzip(&over), 512), Err(FailureKind::Unpackable { .. })));
    }
}
