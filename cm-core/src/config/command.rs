//! A command that is run in the user's terminal for one host: a program and its arguments, with places for what differs from
//! host to host. No shell reads it, so a host's name or address is one word whatever stands in it.

use std::fmt;
use std::path::Path;

use cm_model::fault::Code;
use cm_model::nearest::nearest;
use cm_model::problem::quoted;
use toml::de::DeValue;

use super::setting::{Misfit, what_came};

/// The places that are filled, without their braces.
const PLACES: [&str; 2] = ["address", "host"];
/// The most words of one command, and the most bytes of one word.
const MOST_WORDS: usize = 64;
const LONGEST: usize = 1_024;

/// A program and its arguments; there is at least the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command(Vec<String>);

impl Command {
    /// The command of these words, the first of which is the program. For programs that keep no file.
    ///
    /// # Errors
    /// One sentence on what is wrong with it.
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Result<Self, String> {
        Self::checked(words.into_iter().map(Into::into).collect()).map_err(|(message, _)| message)
    }

    /// Its words for one host: `{address}` and `{host}` stand for these.
    pub fn fill(&self, address: &str, host: &str) -> Vec<String> {
        self.0.iter().map(|word| filled(word, address, host)).collect()
    }

    /// A list of texts in TOML.
    pub(crate) fn read(key: &str, value: &DeValue<'_>) -> Result<Self, Misfit> {
        let takes = format!("`{key}` takes a list of words, each in quotes");
        let wrong = |message: String, next: Option<String>| Misfit { code: Code::CONFIG_WRONG_TYPE, message, next };
        let DeValue::Array(list) = value else {
            let next = value.as_str().map(|text| {
                let words: Vec<String> = text.split_whitespace().map(|word| format!("\"{word}\"")).collect();
                format!("No shell reads it, so write each word by itself: [{}]", words.join(", "))
            });
            return Err(wrong(format!("{takes}, not {}", what_came(value)), next));
        };
        let mut words = Vec::new();
        for word in list.iter().take(MOST_WORDS + 1) {
            let text = word.get_ref().as_str();
            let text = text.ok_or_else(|| wrong(format!("{takes}, not {}", what_came(word.get_ref())), None))?;
            words.push(text.to_owned());
        }
        Self::checked(words).map_err(|(message, next)| Misfit { code: Code::CONFIG_OUT_OF_RANGE, message, next })
    }

    fn checked(words: Vec<String>) -> Result<Self, (String, Option<String>)> {
        let wrong = |message: &str, next: &str| Err((message.to_owned(), Some(next.to_owned())));
        let Some(program) = words.first().filter(|program| !program.is_empty()) else {
            return wrong("a command begins with a program", "Write it as [\"ssh\", \"--\", \"{address}\"].");
        };
        if program.contains('{') {
            return wrong("which program is run cannot depend on the host", "Write the program's own name first.");
        }
        if program.contains('/') && !Path::new(program).is_absolute() {
            let message = format!("{} is neither a program's name nor a whole path", quoted(program));
            return wrong(&message, "Write a name that is found in PATH, or a path that begins with /.");
        }
        if words.len() > MOST_WORDS || words.iter().any(|word| word.len() > LONGEST || word.contains('\0')) {
            let message = format!("a command has at most {MOST_WORDS} words, each of at most {LONGEST} bytes");
            return wrong(&message, "Put what is longer into a script, and name that.");
        }
        for place in words.iter().flat_map(|word| places(word)) {
            if !PLACES.contains(&place)
                && let Some(near) = nearest(place, PLACES)
            {
                let message = format!("nothing is put in the place of {}", quoted(&format!("{{{place}}}")));
                return Err((message, Some(format!("Did you mean {{{near}}}?"))));
            }
        }
        Ok(Self(words))
    }
}

/// As TOML writes it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (at, word) in self.0.iter().enumerate() {
            f.write_str(if at > 0 { ", " } else { "" })?;
            super::value::write_text(f, word)?;
        }
        f.write_str("]")
    }
}

/// What stands in braces in a word, as far as it could be the name of a place.
fn places(word: &str) -> impl Iterator<Item = &str> {
    let ended = word.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    ended.map(|(name, _)| name).filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Puts both in at once, so that what is put in is not filled itself.
fn filled(word: &str, address: &str, host: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let put = [("{address}", address), ("{host}", host)].into_iter().find(|(place, _)| rest.starts_with(place));
        let (passed, text) = put.map_or((1, "{"), |(place, text)| (place.len(), text));
        out.push_str(text);
        rest = &rest[passed..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{File, Kind, Loaded, Problems, Surroundings, interpret};

    fn load(dashboard: &str, hosts: &str) -> Result<Loaded, Problems> {
        let files = [
            File::new("/etc/cm/hosts.toml", Kind::Hosts, hosts),
            File::new("/etc/cm/dashboard.toml", Kind::Dashboard, dashboard),
        ];
        interpret(&files, &[], &Surroundings::new(&|_| None, 1000))
    }

    #[test]
    fn places_are_filled_with_what_is_of_the_host_and_stay_one_word() {
        for (word, expected) in [
            ("{address}", "10.0.0.1"),
            ("root@{address}:{host}", "root@10.0.0.1:{address} x"),
            ("{host}{host}", "{address} x{address} x"),
            ("#{pane}", "#{pane}"),
            ("{", "{"),
            ("a{address", "a{address"),
        ] {
            let command = Command::new(["p", word]).unwrap();
            assert_eq!(command.fill("10.0.0.1", "{address} x"), ["p", expected], "{word}");
        }
    }

    #[test]
    fn ssh_is_the_default_and_a_host_can_have_its_own() {
        let loaded = load("", "[hosts.a]\n[hosts.b.hand_over]\ncommand = ['mosh', '{host}']\n").unwrap();
        let told: Vec<_> =
            loaded.config.hosts.iter().map(|host| host.dashboard.hand_over.command.to_string()).collect();
        assert_eq!(told, [r#"["ssh", "--", "{address}"]"#, r#"["mosh", "{host}"]"#]);
        let all = load("[hand_over]\ncommand = ['/usr/bin/kitten', 'ssh', \"{address}\"]", "[hosts.a]\n").unwrap();
        assert_eq!(all.config.hosts[0].dashboard.hand_over.command.fill("x", "a"), ["/usr/bin/kitten", "ssh", "x"]);
        let shown = all.origins.iter().find(|shown| shown.name == "hand_over.command").unwrap();
        assert_eq!(shown.value, r#"["/usr/bin/kitten", "ssh", "{address}"]"#);
        assert!(shown.origin.to_string().ends_with("dashboard.toml:2:1"), "{}", shown.origin);
    }

    #[test]
    fn what_is_wrong_with_a_command_is_said_with_the_next_step() {
        for (value, message, next) in [
            ("'ssh -- {address}'", "takes a list of words, each in quotes, not text", r#"["ssh", "--", "{address}"]"#),
            ("3", "takes a list of words, each in quotes, not the number 3", ""),
            ("['ssh', 22]", "takes a list of words, each in quotes, not the number 22", ""),
            ("[]", "a command begins with a program", r#"["ssh", "--", "{address}"]"#),
            ("['', 'x']", "a command begins with a program", ""),
            ("['{host}']", "which program is run cannot depend on the host", ""),
            ("['bin/ssh']", "is neither a program's name nor a whole path", "found in PATH"),
            ("['ssh', '{adress}']", "nothing is put in the place of", "Did you mean {address}?"),
            ("['ssh', '{hosts}']", "nothing is put in the place of", "Did you mean {host}?"),
            ("['ssh', \"a\\u0000b\"]", "at most 64 words", "script"),
        ] {
            for text in [format!("[hand_over]\ncommand = {value}"), format!("[hosts.a.hand_over]\ncommand = {value}")] {
                let is_of_host = text.starts_with("[hosts");
                let (dashboard, hosts) = if is_of_host { ("", text.as_str()) } else { (text.as_str(), "[hosts.a]") };
                let told = load(dashboard, hosts).unwrap_err().to_string();
                assert!(told.contains(message) && told.contains(next) && told.contains(".toml:2:"), "{value}: {told}");
            }
        }
    }
}
