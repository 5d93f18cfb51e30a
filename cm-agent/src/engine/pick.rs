//! Single values out of a large JSON text, whatever form the rest has.
//!
//! What is not wanted is read over and never kept. A wanted value of another form than is expected is [`Value::Other`], and one
//! below something that is no object is not there: engines have changed the form of fields over the years. One reader for all of
//! it is half the code that types with a derive come to, and in this agent code is memory.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The most texts of a list that are kept.
const MOST_TEXTS: usize = 32;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Value {
    /// Not there, or nothing that is read here.
    #[default]
    Other,
    Flag(bool),
    Number(i64),
    Text(String),
    /// The texts of a list.
    Texts(Vec<String>),
}

impl Value {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) const fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let texts = match self {
            Self::Texts(texts) => texts.as_slice(),
            _ => &[],
        };
        texts.iter().map(String::as_str)
    }
}

/// A wanted value: the keys that lead to it.
type Path<'a> = &'a [&'a str];

/// The wanted values of each object in a list.
pub(super) fn from_list<const N: usize>(
    json: &[u8],
    wanted: &[Path<'_>; N],
) -> Result<Vec<[Value; N]>, serde_json::Error> {
    struct Entries<'a, const N: usize>(&'a [Path<'a>; N]);
    impl<'de, const N: usize> Visitor<'de> for Entries<'_, N> {
        type Value = Vec<[Value; N]>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            loop {
                let mut found = std::array::from_fn(|_| Value::Other);
                let reader = Reader { wanted: self.0, depth: 0, among: everything::<N>(), found: &mut found };
                if entries.next_element_seed(reader)?.is_none() {
                    return Ok(all);
                }
                all.push(found);
            }
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let all = reader.deserialize_seq(Entries(wanted))?;
    reader.end()?;
    Ok(all)
}

/// The wanted values of an object.
pub(super) fn from_object<const N: usize>(
    json: &[u8],
    wanted: &[Path<'_>; N],
) -> Result<[Value; N], serde_json::Error> {
    let mut found = std::array::from_fn(|_| Value::Other);
    let mut reader = serde_json::Deserializer::from_slice(json);
    Reader { wanted, depth: 0, among: everything::<N>(), found: &mut found }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(found)
}

/// A set of wanted values, a bit each.
type Set = u32;

const fn everything<const N: usize>() -> Set {
    assert!(N < 32);
    (1 << N) - 1
}

/// Reads what lies behind the first `depth` keys of some of the paths.
struct Reader<'a> {
    wanted: &'a [Path<'a>],
    depth: usize,
    among: Set,
    found: &'a mut [Value],
}

impl Reader<'_> {
    /// The paths that go on with this key.
    fn behind(&self, key: &str) -> Set {
        let goes_on = |path: &Path<'_>| path.get(self.depth) == Some(&key);
        let numbers =
            self.wanted.iter().enumerate().filter(|(number, path)| self.among >> number & 1 == 1 && goes_on(path));
        numbers.fold(0, |set, (number, _)| set | 1 << number)
    }

    /// Keeps the value for the paths that end here.
    fn keep(self, value: &Value) {
        for (number, path) in self.wanted.iter().enumerate() {
            if self.among >> number & 1 == 1 && path.len() == self.depth {
                self.found[number] = value.clone();
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.keep(&Value::Flag(flag));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.keep(&Value::Number(number));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.keep(&i64::try_from(number).map_or(Value::Other, Value::Number));
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.keep(&Value::Text(text.to_owned()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut texts = Vec::new();
        let mut found = [Value::Other];
        while list.next_element_seed(Reader { wanted: &[&[]], depth: 0, among: 1, found: &mut found })?.is_some() {
            if let Value::Text(text) = std::mem::take(&mut found[0])
                && texts.len() < MOST_TEXTS
            {
                texts.push(text);
            }
        }
        self.keep(&Value::Texts(texts));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key::<std::borrow::Cow<'de, str>>()? {
            let among = self.behind(&key);
            if among == 0 {
                object.next_value::<IgnoredAny>()?;
            } else {
                let reader = Reader { wanted: self.wanted, depth: self.depth + 1, among, found: &mut *self.found };
                object.next_value_seed(reader)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WANTED: [&[&str]; 3] = [&["a"], &["b", "c"], &["b", "d", "e"]];

    #[test]
    fn wanted_values_and_nothing_else() {
        let (text, number) = (|text: &str| Value::Text(text.into()), Value::Number);
        let texts = |texts: &[&str]| Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
        let other = || Value::Other;
        for (json, expected) in [
            (
                r#"{"a":"x","b":{"c":-1,"d":{"e":true,"f":[{}]}},"z":{"a":9}}"#,
                [text("x"), number(-1), Value::Flag(true)],
            ),
            (r#"{"a":["x",1,{"y":"z"},["w"],"v"],"b":"c"}"#, [texts(&["x", "v"]), other(), other()]),
            (r#"{"a":{"a":1},"b":[{"c":1}],"c":2}"#, [other(), other(), other()]),
            (r#"{"a":1.5,"b":{"c":18446744073709551615,"d":null}}"#, [other(), other(), other()]),
            (r#"{"a":1,"a":2,"b":{"c":"\u00e4\n"}}"#, [number(2), text("ä\n"), other()]),
            ("7", [other(), other(), other()]),
        ] {
            assert_eq!(from_object(json.as_bytes(), &WANTED).unwrap(), expected, "{json}");
        }
        for json in ["", "{", r#"{"a":}"#, r#"{"a":1} trailing"#] {
            assert!(from_object(json.as_bytes(), &WANTED).is_err(), "{json}");
        }
        assert_eq!(from_list(br#"[{"a":1},7,[]]"#, &[&["a"]]).unwrap(), [[number(1)], [other()], [other()]]);
        assert!(from_list(br#"{"a":1}"#, &[&["a"]]).is_err() && from_list(b"[1", &[&["a"]]).is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(1000), "]".repeat(1000));
        assert!(from_object(deep.as_bytes(), &WANTED).is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(json in "[\\[\\]{}\":,abcde0-9. ]{0,80}") {
            let _ = (from_object(json.as_bytes(), &WANTED), from_list(json.as_bytes(), &WANTED));
        }
    }
}
