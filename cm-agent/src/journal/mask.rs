//! Secrets in what services say, masked before anybody sees them.
//!
//! It goes by what stands before a secret (`password=`, `"api_key": "`, `--token `, `Bearer `, `user:password@` in an
//! address), by the beginnings of well-known tokens, and by the frame of a private key. It would rather mask a word too many than one too few, and can
//! not know a secret that nothing announces: who must be sure switches the lines off.

use std::fmt::Write;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Words that announce a secret, alone or as a part of a name: `DB_PASSWORD`, `x-auth-token`, `accessToken`.
const ANNOUNCING: [&str; 26] = [
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
    "auth",
    "authorization",
    "authorisation",
    "credential",
    "credentials",
    "cookie",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "jwt",
    "sessionid",
    "sid",
    "otp",
    "totp",
    "psk",
    "signature",
];
/// With one of these before it `key` announces a secret, and with none of them it does not.
const KEYS_OF: [&str; 12] = [
    "api",
    "secret",
    "private",
    "access",
    "encryption",
    "master",
    "signing",
    "auth",
    "account",
    "shared",
    "session",
    "preshared",
];
/// What comes after these and a colon may have blanks in it.
const WITH_BLANKS: [&str; 4] = ["password", "passwd", "passphrase", "cookie"];
/// The schemes of HTTP's Authorization header: the next word is the secret.
const SCHEMES: [&str; 5] = ["bearer", "basic", "digest", "negotiate", "token"];
/// How well-known tokens begin (GitHub, GitLab, Slack, AWS, OpenSSH and age keys, JSON web tokens, Stripe and others).
const BEGINNINGS: [&str; 16] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "AKIA",
    "ASIA",
    "eyJ",
    "sk-",
    "sk_live_",
    "AGE-SECRET-KEY-",
    "hvs.",
];
/// The shortest word that counts as a token by how it begins, or because an announcing word stands before it.
const SHORTEST_TOKEN: usize = 16;

/// Masks one line that stands alone.
pub fn line(text: &str) -> String {
    Mask::default().line(text).unwrap_or_else(|| MASK.to_owned())
}

/// Masks line after line of one message: a private key goes over several.
#[derive(Debug, Default)]
pub struct Mask {
    in_key: bool,
}

impl Mask {
    /// A line without its secrets; nothing for one that lies inside a private key.
    pub fn line(&mut self, text: &str) -> Option<String> {
        let ends = text.contains("-----END ");
        if self.in_key {
            self.in_key = !ends;
            return None;
        }
        if let Some(begins) = text.find("-----BEGIN ")
            && text[begins..].contains("PRIVATE KEY")
        {
            self.in_key = !ends;
            return Some(format!("{}{MASK}", mask_words(&mask_addresses(&text[..begins]))));
        }
        Some(mask_words(&mask_addresses(text)))
    }

    /// The message is over, and with it a key whose end did not come.
    pub const fn end(&mut self) {
        self.in_key = false;
    }
}

/// `scheme://user:password@host` without user and password.
fn mask_addresses(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        masked.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c)).unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => {
                masked.push_str(MASK);
                &after[at..]
            }
            None => after,
        };
    }
    masked + rest
}

/// Goes from word to word; what a word announces is masked.
fn mask_words(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(is_of_a_word) {
        masked.push_str(&rest[..from]);
        rest = &rest[from..];
        let (word, after) = rest.split_at(rest.find(|c| !is_of_a_word(c)).unwrap_or(rest.len()));
        rest = after;
        if is_token(word) {
            masked.push_str(MASK);
            // A JSON web token has points and other signs in it.
            rest = &rest[value_end(rest, None)..];
            continue;
        }
        masked.push_str(word);
        if let Some((lead, secret)) = announced(word, rest) {
            masked.push_str(&rest[..lead]);
            let _ = write!(masked, "{MASK}");
            rest = &rest[lead + secret..];
        }
    }
    masked + rest
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || "_-.".contains(c)
}

fn is_token(word: &str) -> bool {
    word.len() >= SHORTEST_TOKEN && BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}

/// How far behind a word the secret begins that it announces, and how long that is; nothing if it announces none.
fn announced(word: &str, after: &str) -> Option<(usize, usize)> {
    let parts = parts(word);
    if parts.len() == 1 && SCHEMES.contains(&parts[0].as_str()) {
        let lead = blanks(after);
        let end = value_end(&after[lead..], None);
        if lead > 0 && (end >= SHORTEST_TOKEN || (parts[0] == "bearer" && end > 0)) {
            return Some((lead, end));
        }
    }
    let is_key = parts.len() == 1 && parts[0] == "key";
    if !announces(&parts) && !is_key {
        return None;
    }
    // An option of a command line: its value is the next word, whatever it looks like.
    if word.starts_with("--") && after.starts_with(' ') && !after.trim_start().starts_with('-') {
        let lead = blanks(after);
        let end = value_end(&after[lead..], None);
        return (end > 0).then_some((lead, end));
    }
    let closed = after.trim_start_matches(['"', '\'', '\\', ']']);
    let mut at = after.len() - closed.len();
    let before_sign = at + blanks(&after[at..]);
    let sign = after[before_sign..].chars().next().filter(|sign| "=:".contains(*sign));
    // `key=` mostly tells by what something is found.
    if is_key && sign.is_some() {
        return None;
    }
    let Some(sign) = sign else {
        // No sign between them: only what looks like a token is one.
        let end = value_end(&after[before_sign..], None);
        let value = &after[before_sign..before_sign + end];
        let looks_so = end >= SHORTEST_TOKEN && value.bytes().any(|byte| byte.is_ascii_digit());
        return (looks_so && before_sign > 0).then_some((before_sign, end));
    };
    at = before_sign + 1;
    at += after[at..].len() - after[at..].trim_start_matches(['=', '>', ':']).len();
    at += blanks(&after[at..]);
    let opened = after[at..].trim_start_matches(['\\', '[']);
    at = after.len() - opened.len();
    let quote = opened.chars().next().filter(|c| "\"'".contains(*c));
    // JSON within JSON: the closing quote is escaped as the opening one was.
    let escaped = quote.filter(|_| after[..at].ends_with('\\')).map(|quote| ['\\', quote].iter().collect::<String>());
    at += quote.map_or(0, char::len_utf8);
    let value = &after[at..];
    let mut end = match escaped {
        Some(closing) => value.find(&closing).unwrap_or(value.len()),
        None => value_end(value, quote),
    };
    // `Authorization: Bearer …`: the scheme is not the secret yet.
    let is_scheme = SCHEMES.contains(&&*value[..end].to_lowercase());
    if quote.is_none() && (is_scheme || (sign == ':' && parts.iter().any(|part| WITH_BLANKS.contains(&part.as_str()))))
    {
        end = value.find([',', '"', '\'']).unwrap_or(value.len());
    }
    (end > 0).then_some((at, end))
}

fn announces(parts: &[String]) -> bool {
    let of_keys = |pair: &[String]| pair[1].trim_end_matches('s') == "key" && KEYS_OF.contains(&pair[0].as_str());
    parts.iter().any(|part| ANNOUNCING.contains(&part.as_str())) || parts.windows(2).any(of_keys)
}

/// The words that a name is made of, in small letters: `DB_PASSWORD`, `x-auth-token`, `accessToken`.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let is_large = c.is_uppercase();
        if "_-.".contains(c) || (is_large && was_small) {
            parts.push(String::new());
        }
        was_small = c.is_lowercase() || c.is_ascii_digit();
        if !"_-.".contains(c) {
            parts.last_mut().expect("there is one from the start").extend(c.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// Where a value ends: at its quote, or at white space and what divides values.
fn value_end(text: &str, quote: Option<char>) -> usize {
    let Some(quote) = quote else {
        return text.find(|c: char| c.is_whitespace() || ",;&\"')]}<>".contains(c)).unwrap_or(text.len());
    };
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !escaped {
            return at;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests;
