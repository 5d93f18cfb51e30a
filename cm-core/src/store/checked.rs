//! Text that tells whether it is as it was written: a byte of format (1), the text, and its CRC-32, the lowest byte first.
//!
//! SQLite looks at its own structure, not at what is in a row. It does not know what the texts are.

use serde::Serialize;
use serde::de::DeserializeOwned;

const FORMAT: u8 = 1;
const CHECK_BYTES: usize = 4;

/// A text as it is stored.
pub(super) fn put(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 1 + CHECK_BYTES);
    bytes.push(FORMAT);
    bytes.extend(text.as_bytes());
    bytes.extend(crc32fast::hash(text.as_bytes()).to_le_bytes());
    bytes
}

/// The text; `None` where a byte is not as it was written.
pub(super) fn take(bytes: &[u8]) -> Option<&str> {
    let (body, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
    let (format, text) = body.split_first()?;
    let is_whole = *format == FORMAT && crc32fast::hash(text).to_le_bytes() == *check;
    std::str::from_utf8(text).ok().filter(|_| is_whole)
}

/// A value's JSON as it is stored. The value's keys are words, so that there is JSON of it.
pub(super) fn put_json(value: &impl Serialize) -> Vec<u8> {
    put(&serde_json::to_string(value).expect("keys are words"))
}

/// A value from its JSON; `None` where that is not as it was written, or is not one that this version can read.
pub(super) fn take_json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_str(take(bytes)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_any_byte_changed_or_cut_is_refused() {
        for text in ["", "{\"a\":1}", "Zürich"] {
            let bytes = put(text);
            assert_eq!(take(&bytes), Some(text));
            for at in 0..bytes.len() {
                let mut bad = bytes.clone();
                bad[at] ^= 0x10;
                assert_eq!((take(&bad), take(&bytes[..at])), (None, None), "byte {at} of {text:?}");
            }
        }
    }
}
