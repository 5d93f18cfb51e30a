//! One Rust file, taken apart into code, prose and literals, so that a check looks only where it means to.
//!
//! A lexer of comments, strings and characters; it knows nothing of grammar.

use std::ops::Range;

/// A Rust file of the workspace.
pub(crate) struct Source {
    /// Its path from the workspace's root, with `/`.
    pub(crate) path: String,
    /// Its text as it is.
    pub(crate) text: String,
    /// Its text with comments and the insides of literals blanked, line for line.
    pub(crate) code: Vec<String>,
    /// Comments, a line each, with their line.
    pub(crate) prose: Vec<(usize, String)>,
    /// String literals, with the line on which they begin.
    pub(crate) literals: Vec<(usize, String)>,
    /// The lines of test modules inside it, from 0.
    tests: Vec<Range<usize>>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let mut parts =
            Parts { code: String::with_capacity(text.len()), prose: Vec::new(), literals: Vec::new(), line: 1 };
        parts.take(text);
        let code: Vec<String> = parts.code.lines().map(str::to_owned).collect();
        let tests = test_modules(&code);
        Self { path: path.to_owned(), text: text.to_owned(), code, prose: parts.prose, literals: parts.literals, tests }
    }

    /// The crate's folder: the first part of the path.
    pub(crate) fn folder(&self) -> &str {
        self.path.split('/').next().unwrap_or("")
    }

    /// The path inside `src`, without `.rs`, as modules; `None` outside of `src`.
    pub(crate) fn modules(&self) -> Option<Vec<&str>> {
        let inside = self.path.split_once("/src/")?.1.strip_suffix(".rs")?;
        Some(if matches!(inside, "lib" | "main") { Vec::new() } else { inside.split('/').collect() })
    }

    /// Whether the whole file is test code.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// Whether the file is a program's own, which prints: `main.rs`, `bin/`, examples, benches, tests.
    pub(crate) fn is_program(&self) -> bool {
        self.is_test()
            || self.path.ends_with("/src/main.rs")
            || ["/src/bin/", "/examples/", "/benches/"].iter().any(|part| self.path.contains(part))
            || self.path.ends_with("/build.rs")
    }

    /// The lines of code outside of tests, counted from 1.
    pub(crate) fn code_outside_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = if self.is_test() { &[] } else { &self.code[..] };
        lines.iter().enumerate().filter(|(at, _)| !self.in_tests(*at)).map(|(at, line)| (at + 1, line.as_str()))
    }

    /// How long the longest test module inside the file is, and where it begins.
    pub(crate) fn longest_tests(&self) -> Option<(usize, usize)> {
        self.tests.iter().map(|lines| (lines.len(), lines.start + 1)).max()
    }

    pub(crate) fn in_tests(&self, at: usize) -> bool {
        self.tests.iter().any(|lines| lines.contains(&at))
    }
}

struct Parts {
    code: String,
    prose: Vec<(usize, String)>,
    literals: Vec<(usize, String)>,
    line: usize,
}

impl Parts {
    fn take(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let word_before = self.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let length = if rest.starts_with("//") {
                self.comment(rest, rest.find('\n').unwrap_or(rest.len()))
            } else if rest.starts_with("/*") {
                self.comment(rest, block_comment(rest))
            } else if let Some((open, close)) = string(rest).filter(|_| !word_before) {
                self.literal(&rest[..close], open)
            } else if let Some(length) = character(rest) {
                self.blank(&rest[..length]);
                length
            } else {
                self.keep(c);
                c.len_utf8()
            };
            rest = &rest[length..];
        }
    }

    fn keep(&mut self, c: char) {
        self.line += usize::from(c == '\n');
        self.code.push(c);
    }

    fn blank(&mut self, text: &str) {
        for c in text.chars() {
            self.keep(if c == '\n' { '\n' } else { ' ' });
        }
    }

    fn comment(&mut self, rest: &str, length: usize) -> usize {
        for (after, line) in rest[..length].lines().enumerate() {
            self.prose.push((self.line + after, line.to_owned()));
        }
        self.blank(&rest[..length]);
        length
    }

    /// Quotes stay in the code, so that `#[path = "…"]` can still be told from a bare word.
    fn literal(&mut self, text: &str, open: usize) -> usize {
        let tail = text[open..].rfind('"').map_or(text.len(), |at| open + at);
        self.literals.push((self.line, text[open..tail].to_owned()));
        self.blank(&text[..open - 1]);
        self.code.push('"');
        self.blank(&text[open..tail]);
        self.code.push_str(&text[tail..]);
        text.len()
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a string literal's opening and of the whole, where one begins here.
fn string(rest: &str) -> Option<(usize, usize)> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        rest.strip_prefix(prefix)
            .is_some_and(|after| after.starts_with('"') || (prefix.ends_with('r') && after.starts_with('#')))
    })?;
    let after = &rest[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inner = after[hashes..].strip_prefix('"')?;
    let open = prefix.len() + hashes + 1;
    if prefix.ends_with('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        let close = inner.find(&end).map_or(rest.len(), |at| open + at + end.len());
        return Some((open, close));
    }
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            '"' if !escaped => return Some((open, open + at + 1)),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    Some((open, rest.len()))
}

/// The length of a character literal, where one begins here and not a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if let Some(escape) = inner.strip_prefix('\\') {
        let skip = escape.chars().next()?.len_utf8();
        return escape[skip..].find('\'').map(|at| 1 + 1 + skip + at + 1);
    }
    let c = inner.chars().next()?;
    inner[c.len_utf8()..].starts_with('\'').then_some(c.len_utf8() + 2)
}

/// The lines of `#[cfg(test)] mod … { … }`.
fn test_modules(code: &[String]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (start, line) in code.iter().enumerate() {
        if line.trim() != "#[cfg(test)]" {
            continue;
        }
        let opens = code[start + 1..].iter().position(|line| line.trim_start().starts_with("mod "));
        let Some(opens) = opens.map(|after| start + 1 + after).filter(|at| code[*at].contains('{')) else { continue };
        let mut depth = 0_usize;
        let end = code[opens..].iter().position(|line| {
            depth += line.matches('{').count();
            depth = depth.saturating_sub(line.matches('}').count());
            depth == 0
        });
        found.push(start..end.map_or(code.len(), |after| opens + after + 1));
    }
    found
}

#[test]
fn code_prose_and_literals_are_told_apart() {
    let text = "fn a<'a>(c: char) { // say \"so\"\n let s = r#\"in \"a\" string\"#; let q = '\"'; /* a\n b */ b'x' }\n";
    let source = Source::new("x/src/a.rs", text);
    assert_eq!(source.code.len(), 3);
    assert!(source.code[0].starts_with("fn a<'a>(c: char) {") && !source.code[0].contains("say"));
    assert!(source.code[1].contains("let q =") && !source.code[1].contains("string"));
    assert_eq!(source.literals, [(2, "in \"a\" string".to_owned())]);
    assert_eq!(source.prose.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn test_modules_are_no_code() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { c() }\n}\nfn d() {}\n";
    let source = Source::new("x/src/a.rs", text);
    assert_eq!(source.code_outside_tests().map(|(line, _)| line).collect::<Vec<_>>(), [1, 6]);
    assert_eq!(source.longest_tests(), Some((4, 2)));
}
