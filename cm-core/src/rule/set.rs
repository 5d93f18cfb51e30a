//! All rules that are in force: the built-in ones, and the files of an owner over them.
//!
//! A rule that is wrong is left out and told; it keeps no other from holding. Files are texts here: nobody opens them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::block::{Act, Block, blocks};
use super::body::Body;
use super::expression::quote;
use super::fault::Fault;
use super::need::Need;
use super::overlay::Mixtures;
use crate::catalogue::Entry;
use crate::health::SubjectKind;
use crate::host::Host;
use crate::metric::{Limits, Metric};
use crate::problem::{Problems, Text};
use crate::registry::Registry;

/// The built-in rules, as an owner may read them.
pub const BUILT_IN: &str = include_str!("builtin.rules");

/// What the built-in rules are called where the name of a file stands.
pub const BUILT_IN_NAME: &str = "built-in";

/// A file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// Rules for limits that are to be told as they stand: `tell = true` in `[widgets.thresholds]`. They stand before the
/// owner's own files, which may change them by their names: `told-memory-use`.
pub fn told<'m>(metrics: impl IntoIterator<Item = &'m Entry>) -> RuleFile {
    let mut text = String::new();
    for entry in metrics {
        let Metric { name, subject, label, .. } = entry.metric;
        let order = if matches!(entry.limits, Limits::Below { .. }) { "<=" } else { ">=" };
        let thing = if subject == SubjectKind::Host { String::new() } else { format!("{{{}}} ", subject.word()) };
        let _ = write!(
            text,
            "rule told-{}\n  when {name} {order} limit({name})\n  \
             severity critical when {name} {order} critical_limit({name}) else warning\n  \
             text \"{thing}{label} {{{name}}} (limit {{limit({name})}})\"\n  next {}\n",
            name.replace(['.', '_'], "-"),
            quote(if entry.next.is_empty() { "Your own limit was passed." } else { entry.next }),
        );
    }
    RuleFile { path: "dashboard.toml".into(), text }
}

/// One rule, with all that was changed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    name: Box<str>,
    file: PathBuf,
    line: usize,
    changed: bool,
    pub(super) mixtures: Mixtures,
}

/// All rules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    needs: Vec<Need>,
}

impl RuleSet {
    /// The built-in rules as they are.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn built_in(registry: &Registry) -> Self {
        let (set, problems) = Self::read(&[], registry);
        assert!(problems.is_empty(), "the built-in rules are sound: {problems}");
        set
    }

    /// The built-in rules and over them those of files, in order. What is wrong comes beside it; all of it at once.
    ///
    /// Time and memory are linear in the files, but for one rule that is changed for many roles and many hosts.
    pub fn read(files: &[RuleFile], registry: &Registry) -> (Self, Problems) {
        let built_in = RuleFile { path: BUILT_IN_NAME.into(), text: BUILT_IN.to_owned() };
        Self::of(&[std::slice::from_ref(&built_in), files].concat(), registry)
    }

    /// The rules of files alone, without the built-in ones.
    pub fn of(files: &[RuleFile], registry: &Registry) -> (Self, Problems) {
        let shelf = Shelf::new(files);
        let mut faults = Vec::new();
        let mut read = Vec::new();
        for part in &shelf.parts {
            read.extend(blocks(&shelf.whole, part.clone(), &mut faults));
        }
        for block in read.iter().filter(|block| !block.sound) {
            Body::look_over(&block.lines, registry, &mut faults);
        }
        let rules =
            join(&read, &mut faults).into_iter().filter(|(rule, _)| rule.sound).filter_map(|(rule, changes)| {
                let changes: Vec<&Block> = changes.into_iter().filter(|change| change.sound).collect();
                let mixtures = Mixtures::check(rule, &changes, registry, &mut faults)?;
                let (file, line) = shelf.place(rule.name.span.start);
                Some(Rule { name: rule.name.what.as_str().into(), file, line, changed: !changes.is_empty(), mixtures })
            });
        let rules: Vec<Rule> = rules.collect();
        let mut needs: Vec<Need> = rules.iter().flat_map(Rule::bodies).flat_map(Body::needs).copied().collect();
        needs.sort_unstable();
        needs.dedup();
        (Self { rules, needs }, shelf.problems(faults))
    }

    /// Every rule, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| *rule.name == *name)
    }

    /// What all of them need, each once: what to pull once a round.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }
}

impl Rule {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file and line in which it stands; the file of a built-in one is called [`BUILT_IN_NAME`].
    pub fn place(&self) -> (&Path, usize) {
        (&self.file, self.line)
    }

    /// Whether it is built in.
    pub fn is_built_in(&self) -> bool {
        self.file == Path::new(BUILT_IN_NAME)
    }

    /// Whether anything of it was changed or switched.
    pub const fn is_changed(&self) -> bool {
        self.changed
    }

    /// How it holds for a host; `None` where it is off for it.
    pub fn for_host(&self, host: &Host) -> Option<&Body> {
        self.mixtures.bodies[self.mixtures.index(host)].as_ref()
    }

    /// How it holds where nothing was changed for a role or a host; `None` where it is off.
    pub fn usual(&self) -> Option<&Body> {
        self.mixtures.usual()
    }

    /// Every way in which it holds for some host.
    pub fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.mixtures.bodies.iter().flatten()
    }
}

/// Every rule with what changes it. What changes nothing is told.
fn join<'b>(read: &'b [Block], faults: &mut Vec<Fault>) -> Vec<(&'b Block, Vec<&'b Block>)> {
    let mut rules: Vec<(&Block, Vec<&Block>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for block in read.iter().filter(|block| block.does == Act::Rule) {
        let name = block.name.what.as_str();
        if places.contains_key(name) {
            let message = format!("there is a rule `{name}` already");
            let next = format!("Give it another name, or write `change {name}` with the lines that differ.");
            faults.push(Fault::contradiction(block.name.span.clone(), message, next));
            continue;
        }
        places.insert(name, rules.len());
        rules.push((block, Vec::new()));
    }
    for block in read.iter().filter(|block| block.does != Act::Rule) {
        let name = block.name.what.as_str();
        if let Some(at) = places.get(name) {
            rules[*at].1.push(block);
        } else {
            let known = places.keys().copied();
            let next = "`cm-cli rules list` lists the rules.";
            faults.push(Fault::unknown(block.name.span.clone(), "rule", name, known, next));
        }
    }
    rules
}

/// All files as one text, so that a place in it says which file is meant.
struct Shelf<'f> {
    files: &'f [RuleFile],
    whole: String,
    parts: Vec<Range<usize>>,
}

impl<'f> Shelf<'f> {
    fn new(files: &'f [RuleFile]) -> Self {
        let mut whole = String::new();
        let parts = files.iter().map(|file| {
            let start = whole.len();
            whole.push_str(file.text.strip_prefix('\u{feff}').unwrap_or(&file.text));
            start..whole.len()
        });
        let parts = parts.collect();
        Self { files, whole, parts }
    }

    fn file(&self, at: usize) -> usize {
        self.parts.partition_point(|part| part.start <= at).saturating_sub(1)
    }

    /// The file and the line of a byte.
    fn place(&self, at: usize) -> (PathBuf, usize) {
        let file = self.file(at);
        let before = &self.whole[self.parts[file].start..at];
        (self.files[file].path.clone(), before.matches('\n').count() + 1)
    }

    /// The faults at their places. The same one comes once for every mixture in which it is found.
    fn problems(&self, mut faults: Vec<Fault>) -> Problems {
        faults.sort_by_key(|fault| fault.span.start);
        let mut kept: Vec<Fault> = Vec::new();
        for fault in faults {
            if !kept.iter().rev().take_while(|other| other.span.start == fault.span.start).any(|other| *other == fault)
            {
                kept.push(fault);
            }
        }
        let texts: Vec<Text> = self.parts.iter().map(|part| Text::new(&self.whole[part.clone()])).collect();
        let mut problems = Problems::default();
        for mut fault in kept {
            let file = self.file(fault.span.start);
            let start = self.parts[file].start;
            fault.span = fault.span.start - start..fault.span.end.max(fault.span.start) - start;
            problems.push(fault.put(&texts[file], &self.files[file].path));
        }
        problems.sort();
        problems
    }
}

#[cfg(test)]
mod tests;
