//! A report's text as few bytes: packed by itself, or by the text of one that came before it.
//!
//! A frame is a byte of format (1), a raw DEFLATE stream (RFC 1951), and the CRC-32 of the text, the lowest byte first. One
//! that is told by another's text refers back into it, as if that text had been unpacked just before. Any inflater reads
//! it: it is handed the other text in stored blocks first. It does not know what the texts are.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

const FORMAT: u8 = 1;
const CHECK_BYTES: usize = 4;

/// The longest text that is kept, in bytes: reports are some kilobytes.
pub(super) const LONGEST: usize = 1 << 20;

/// The most that one stored block of DEFLATE holds, in bytes.
const STORED: usize = 0xFFFF;

/// How far back DEFLATE refers, in bytes: only that much of another text can help.
const WINDOW: usize = 32 << 10;

/// Packs a text, by another's if there is one.
pub(in super::super) fn pack(text: &[u8], like: &[u8]) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::best(), false);
    let mut out = vec![FORMAT];
    let like = window(like);
    if !like.is_empty() {
        // Its bytes end at a whole byte, and what follows stands alone but for what it refers back to.
        feed(&mut deflate, like, &mut Vec::with_capacity(like.len() + 64), FlushCompress::Sync);
    }
    feed(&mut deflate, text, &mut out, FlushCompress::Finish);
    out.extend(crc32fast::hash(text).to_le_bytes());
    out
}

fn feed(deflate: &mut Compress, text: &[u8], out: &mut Vec<u8>, flush: FlushCompress) {
    let start = deflate.total_in();
    loop {
        out.reserve(text.len() / 4 + 64);
        let done = usize::try_from(deflate.total_in() - start).unwrap_or(text.len());
        let status = deflate.compress_vec(&text[done..], out, flush).expect("a packer that was set up takes any bytes");
        let taken = usize::try_from(deflate.total_in() - start).unwrap_or(text.len()) == text.len();
        let ended = match flush {
            FlushCompress::Finish => status == Status::StreamEnd,
            _ => taken && out.len() < out.capacity(),
        };
        if ended {
            return;
        }
    }
}

/// The text that was packed; `None` where a byte is not as it was written, or the other text is not the same.
pub(in super::super) fn unpack(packed: &[u8], like: &[u8]) -> Option<Vec<u8>> {
    let (format, rest) = packed.split_first()?;
    let (body, check) = rest.split_at(rest.len().checked_sub(CHECK_BYTES)?);
    if *format != FORMAT {
        return None;
    }
    let mut inflate = Decompress::new(false);
    let mut out = Vec::with_capacity(WINDOW);
    let like = window(like);
    for block in like.chunks(STORED) {
        let length = u16::try_from(block.len()).ok()?;
        let mut stored = vec![0];
        stored.extend(length.to_le_bytes());
        stored.extend((!length).to_le_bytes());
        stored.extend(block);
        drain(&mut inflate, &stored, &mut out)?;
    }
    if drain(&mut inflate, body, &mut out)? != Status::StreamEnd {
        return None;
    }
    let text = out.split_off(like.len());
    (crc32fast::hash(&text).to_le_bytes() == check).then_some(text)
}

fn drain(inflate: &mut Decompress, packed: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    let start = inflate.total_in();
    loop {
        let (done, filled) = (usize::try_from(inflate.total_in() - start).ok()?, out.len());
        if out.capacity() - filled < 4_096 {
            out.reserve(filled.max(16 << 10));
        }
        let status = inflate.decompress_vec(&packed[done..], out, FlushDecompress::None).ok()?;
        let taken = usize::try_from(inflate.total_in() - start).ok()?;
        if status == Status::StreamEnd || (taken == packed.len() && out.len() < out.capacity()) {
            return Some(status);
        }
        // Nothing went in and nothing came out: what is missing will not come.
        if (taken, out.len()) == (done, filled) || out.len() > WINDOW + LONGEST {
            return None;
        }
    }
}

fn window(like: &[u8]) -> &[u8] {
    &like[like.len().saturating_sub(WINDOW)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<Vec<u8>> {
        let mut state = 7_u32;
        let noise = (0..90_000).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_le_bytes()[3]
        });
        let long = (0..20_000).map(|number| format!("{{\"a\":{number}}},")).collect::<Vec<_>>().concat();
        vec![Vec::new(), b"{}".to_vec(), noise.collect(), long.into_bytes(), vec![b'x'; LONGEST]]
    }

    #[test]
    fn a_text_comes_back_as_it_was_by_itself_and_by_any_other() {
        for text in texts() {
            for like in texts() {
                let packed = pack(&text, &like);
                assert_eq!(unpack(&packed, &like).as_deref(), Some(&text[..]), "{} by {}", text.len(), like.len());
            }
        }
    }

    #[test]
    fn a_text_like_another_takes_what_is_different() {
        let whole = br#"{"status":"ok","drives":[{"name":"nvme0n1","temperature_c":56,"serial":"S1"}]}"#.repeat(30);
        let other = String::from_utf8(whole.clone()).unwrap().replacen("56", "57", 1).into_bytes();
        assert!(pack(&other, &whole).len() < 40);
    }

    #[test]
    fn no_damaged_byte_passes_for_what_was_written() {
        let like = br#"{"cpu_percent":4.25,"memory":{"used_mb":1234.5}}"#;
        let text = br#"{"cpu_percent":4.75,"memory":{"used_mb":1239.5}}"#;
        let packed = pack(text, like);
        for place in 0..packed.len() {
            for bit in 0..8 {
                let mut spoilt = packed.clone();
                spoilt[place] ^= 1 << bit;
                // A bit of padding may change nothing.
                assert!(unpack(&spoilt, like).is_none_or(|told| told == text), "byte {place}, bit {bit}");
            }
            assert!(unpack(&packed[..place], like).is_none());
        }
        assert_eq!(unpack(&packed, b"another text of the same length as the first one"), None);
    }

    #[test]
    fn a_text_that_unpacks_without_end_is_refused() {
        let packed = pack(&vec![0; WINDOW + 3 * LONGEST], b"");
        assert!(packed.len() < 10_000);
        assert_eq!(unpack(&packed, b""), None);
    }
}
