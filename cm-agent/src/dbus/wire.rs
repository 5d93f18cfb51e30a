//! Values as D-Bus lays them out in bytes: a reader that checks everything and a writer for what we send.
//!
//! The layout is that of the D-Bus specification, "Marshaling (Wire Format)". Reading takes any bytes and answers nothing
//! where they hold no such value; it allocates nothing. It knows no message and no method.

/// How deep containers may lie in each other. The specification allows 64.
const MOST_DEPTH: u8 = 64;

/// Reads values one after another. Offsets count from where a message's header or body begins, both of which lie on a
/// multiple of 8.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    big_endian: bool,
}

/// What a variant holds, as far as anybody here minds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A text, an object's path, a signature.
    Text(&'a str),
    /// A number without a sign.
    Number(u64),
    /// A number with a sign.
    Signed(i64),
    /// True or false.
    Flag(bool),
    /// An array of bytes.
    Bytes(&'a [u8]),
    /// An array of texts.
    List {
        /// Whether it holds none.
        is_empty: bool,
    },
    /// A fraction, a handle, an array of anything else, a struct, a variant.
    Other,
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `bytes`.
    pub const fn new(bytes: &'a [u8], big_endian: bool) -> Self {
        Self { bytes, at: 0, big_endian }
    }

    /// Whether everything was read.
    pub const fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn align(&mut self, to: usize) -> Option<()> {
        self.take(self.at.next_multiple_of(to) - self.at).map(|_| ())
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.align(N)?;
        let mut bytes: [u8; N] = self.take(N)?.try_into().ok()?;
        if self.big_endian {
            bytes.reverse();
        }
        Some(bytes)
    }

    /// `y`
    pub fn byte(&mut self) -> Option<u8> {
        self.fixed().map(u8::from_le_bytes)
    }

    /// `u`, and `h` and `b` which look the same.
    pub fn number(&mut self) -> Option<u32> {
        self.fixed().map(u32::from_le_bytes)
    }

    /// `t`
    pub fn long(&mut self) -> Option<u64> {
        self.fixed().map(u64::from_le_bytes)
    }

    /// `b`: nothing but 0 and 1 is one.
    pub fn flag(&mut self) -> Option<bool> {
        match self.number()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// `s` and `o`
    pub fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        self.text_of(length)
    }

    /// `g`
    pub fn signature(&mut self) -> Option<&'a str> {
        let length = usize::from(self.byte()?);
        self.text_of(length)
    }

    fn text_of(&mut self, length: usize) -> Option<&'a str> {
        let (text, zero) = self.take(length.checked_add(1)?)?.split_at(length);
        (zero == [0]).then(|| std::str::from_utf8(text).ok()).flatten()
    }

    /// Begins a struct or an entry of a dictionary: its members follow.
    pub fn begin_struct(&mut self) -> Option<()> {
        self.align(8)
    }

    /// An array whose elements are of this type: a reader of its elements alone.
    pub fn array(&mut self, element: u8) -> Option<Self> {
        let length = usize::try_from(self.number()?).ok()?;
        self.align(alignment(element)?)?;
        let from = self.at;
        self.take(length)?;
        Some(Self { bytes: &self.bytes[..self.at], at: from, big_endian: self.big_endian })
    }

    /// `v`
    pub fn variant(&mut self) -> Option<Value<'a>> {
        let signature = self.signature()?;
        Some(match signature.as_bytes() {
            b"s" | b"o" => Value::Text(self.text()?),
            b"g" => Value::Text(self.signature()?),
            b"y" => Value::Number(self.byte()?.into()),
            b"q" => Value::Number(self.fixed().map(u16::from_le_bytes)?.into()),
            b"u" => Value::Number(self.number()?.into()),
            b"t" => Value::Number(self.long()?),
            b"n" => Value::Signed(self.fixed().map(i16::from_le_bytes)?.into()),
            b"i" => Value::Signed(self.fixed().map(i32::from_le_bytes)?.into()),
            b"x" => Value::Signed(self.fixed().map(i64::from_le_bytes)?),
            b"b" => Value::Flag(self.flag()?),
            b"ay" => {
                let array = self.array(b'y')?;
                Value::Bytes(&array.bytes[array.at..])
            }
            b"as" => Value::List { is_empty: self.array(b's')?.is_at_end() },
            other => {
                self.skip_one(other, 0).filter(|rest| rest.is_empty())?;
                Value::Other
            }
        })
    }

    /// Goes past values of these types.
    pub fn skip(&mut self, signature: &str) -> Option<()> {
        let mut rest = signature.as_bytes();
        while !rest.is_empty() {
            rest = self.skip_one(rest, 0)?;
        }
        Some(())
    }

    /// Goes past one value, and answers what is left of the signature. Arrays are jumped over by their length.
    fn skip_one<'s>(&mut self, signature: &'s [u8], depth: u8) -> Option<&'s [u8]> {
        if depth > MOST_DEPTH {
            return None;
        }
        let (kind, mut rest) = signature.split_first()?;
        match kind {
            b's' | b'o' => self.text().map(|_| ())?,
            b'g' => self.signature().map(|_| ())?,
            b'y' => self.byte().map(|_| ())?,
            b'n' | b'q' => self.fixed::<2>().map(|_| ())?,
            b'b' | b'i' | b'u' | b'h' => self.number().map(|_| ())?,
            b'x' | b't' | b'd' => self.long().map(|_| ())?,
            b'v' => {
                let inner = self.signature()?;
                self.skip_one(inner.as_bytes(), depth + 1).filter(|rest| rest.is_empty())?;
            }
            b'a' => {
                self.array(*rest.first()?)?;
                rest = after_one(rest, depth + 1)?;
            }
            b'(' | b'{' => {
                let end = if *kind == b'(' { b')' } else { b'}' };
                self.begin_struct()?;
                while *rest.first()? != end {
                    rest = self.skip_one(rest, depth + 1)?;
                }
                rest = &rest[1..];
            }
            _ => return None,
        }
        Some(rest)
    }
}

/// What is left of a signature after its first complete type.
fn after_one(signature: &[u8], depth: u8) -> Option<&[u8]> {
    if depth > MOST_DEPTH {
        return None;
    }
    let (kind, mut rest) = signature.split_first()?;
    match kind {
        b'a' => after_one(rest, depth + 1),
        b'(' | b'{' => {
            let end = if *kind == b'(' { b')' } else { b'}' };
            while *rest.first()? != end {
                rest = after_one(rest, depth + 1)?;
            }
            Some(&rest[1..])
        }
        kind => alignment(*kind).map(|_| rest),
    }
}

/// Where values of a type may begin, by the first letter of its signature.
const fn alignment(kind: u8) -> Option<usize> {
    Some(match kind {
        b'y' | b'g' | b'v' => 1,
        b'n' | b'q' => 2,
        b'b' | b'i' | b'u' | b'h' | b's' | b'o' | b'a' => 4,
        b'x' | b't' | b'd' | b'(' | b'{' => 8,
        _ => return None,
    })
}

/// Writes values one after another, the lowest byte first.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    /// What was written.
    pub bytes: Vec<u8>,
}

impl Writer {
    /// Fills up with zero bytes to a multiple.
    pub fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    /// `u`
    pub fn number(&mut self, number: u32) {
        self.align(4);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    /// `s` and `o`
    pub fn text(&mut self, text: &str) {
        self.number(length(text.len()));
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
    }

    /// `g`
    pub(super) fn signature(&mut self, signature: &str) {
        self.bytes.push(u8::try_from(signature.len()).expect("signatures of ours are short"));
        self.bytes.extend_from_slice(signature.as_bytes());
        self.bytes.push(0);
    }

    /// `as`
    pub fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        self.number(0);
        let from = self.bytes.len();
        for text in texts {
            self.text(text);
        }
        let written = length(self.bytes.len() - from);
        self.bytes[from - 4..from].copy_from_slice(&written.to_le_bytes());
    }
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("what we send is far below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut writer = Writer::default();
        writer.signature("sas");
        writer.text("sshd.service");
        writer.texts(["a", "", "äöü*"]);
        writer.number(7);
        let mut reader = Reader::new(&writer.bytes, false);
        assert_eq!(reader.signature(), Some("sas"));
        assert_eq!(reader.text(), Some("sshd.service"));
        let mut texts = reader.array(b's').unwrap();
        let read: Vec<_> = std::iter::from_fn(|| texts.text()).collect();
        assert_eq!(read, ["a", "", "äöü*"]);
        assert!(texts.is_at_end());
        assert_eq!(reader.number(), Some(7));
        assert!(reader.is_at_end());
    }

    #[test]
    fn both_orders_of_bytes_are_read() {
        for (bytes, big_endian) in [([1, 2, 0, 0], false), ([0, 0, 2, 1], true)] {
            assert_eq!(Reader::new(&bytes, big_endian).number(), Some(0x201));
        }
        let variant = [1, b't', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
        assert_eq!(Reader::new(&variant, true).variant(), Some(Value::Number(9)));
    }

    #[test]
    fn what_nobody_minds_is_gone_past() {
        // (sa{sv}) with one entry whose value is an array of structs, then the byte that follows it.
        let mut writer = Writer::default();
        writer.text("x");
        writer.number(0);
        let from = writer.bytes.len();
        writer.align(8);
        let padding = writer.bytes.len() - from;
        writer.text("Key");
        writer.signature("a(tb)");
        writer.number(16);
        writer.align(8);
        writer.bytes.extend_from_slice(&[0; 16]);
        let length = u8::try_from(writer.bytes.len() - from - padding).unwrap();
        writer.bytes[from - 4] = length;
        writer.bytes.push(42);
        let mut reader = Reader::new(&writer.bytes, false);
        assert_eq!(reader.skip("(sa{sv})"), Some(()));
        assert_eq!(reader.byte(), Some(42));
        let mut reader = Reader::new(&writer.bytes, false);
        reader.text();
        let mut entries = reader.array(b'{').unwrap();
        entries.begin_struct();
        assert_eq!((entries.text(), entries.variant()), (Some("Key"), Some(Value::Other)));
        assert!(entries.is_at_end());
    }

    #[test]
    fn what_is_no_value_reads_as_nothing() {
        let cases: [(&str, &[u8]); 9] = [
            ("s", b"\x01\0\0\0a"),
            ("s", b"\x01\0\0\0aa"),
            ("s", b"\xff\xff\xff\xffa\0"),
            ("s", b"\x01\0\0\0\xff\0"),
            ("as", b"\x09\0\0\0\0\0\0\0"),
            ("t", b"\0\0\0\0"),
            ("(s", b"\0\0\0\0\0\0\0\0"),
            ("z", b"\0\0\0\0"),
            ("a", b"\0\0\0\0"),
        ];
        for (signature, bytes) in cases {
            assert_eq!(Reader::new(bytes, false).skip(signature), None, "{signature}");
        }
        assert_eq!(Reader::new(&[2, 0, 0, 0], false).flag(), None);
        let deep = "(".repeat(200);
        assert_eq!(Reader::new(&[0; 512], false).skip(&deep), None);
        let nested = [1, b'v', 0].repeat(200);
        assert_eq!(Reader::new(&nested, false).variant(), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), signature in "[a(){}sogybnqiuxtdhv]{0,20}", big: bool) {
            let reader = Reader::new(&bytes, big);
            let _ = reader.clone().skip(&signature);
            let _ = reader.clone().variant();
            let _ = (reader.clone().text(), reader.clone().signature(), reader.clone().flag());
            for kind in *b"ys(tz" {
                let _ = reader.clone().array(kind);
            }
        }
    }
}
