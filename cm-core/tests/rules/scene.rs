//! One scene: rules, readings, and what is to hold at moments of it.

use std::collections::BTreeMap;
use std::time::Duration;

use cm_core::clock::WallTime;
use cm_core::forecast::usual::Band;
use cm_core::health::{Subject, SubjectKind};
use cm_core::host::{Host, HostId, Role};
use cm_core::metric::Limits;
use cm_core::registry::Registry;
use cm_core::rule::{Frame, LabelId, Need, Place, RuleFile, RuleSet, Seen, Standing};
use cm_core::series::Point;
use cm_core::text::HostText;

const BEGIN: i64 = 1_766_000_000;

/// Plays a scene; what comes out otherwise than it says, with the line.
pub(crate) fn play(file: &str, text: &str) -> Vec<String> {
    let mut scene = Scene::default();
    let mut wrong = Vec::new();
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line)).peekable();
    while let Some((at, line)) = lines.next() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut block = Vec::new();
        while let Some((at, line)) = lines.next_if(|(_, line)| line.starts_with(' ') || line.trim().is_empty()) {
            if !line.trim().is_empty() && !line.trim().starts_with('#') {
                block.push((at, line));
            }
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["rules", rest @ ..] => scene.rules(&block, rest == ["alone"]),
            ["load", step] => block.iter().for_each(|(at, line)| scene.load(span(step), line, *at)),
            ["eval", "at", moment, rest @ ..] => {
                let watching = if let ["watching", for_long] = rest { span(for_long) } else { span(moment) };
                let expected: Vec<(usize, &str)> = block.iter().map(|(at, line)| (*at, line.trim())).collect();
                let found = scene.eval(span(moment), watching, &expected);
                wrong.extend(
                    found
                        .into_iter()
                        .map(|(line, what)| format!("{file}:{}: {what}", if line == 0 { at } else { line })),
                );
            }
            _ => panic!("{file}:{at}: not a line of a scene: {line}"),
        }
    }
    wrong
}

fn span(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_alphabetic()).expect("a unit"));
    let unit = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        other => panic!("{other} is no unit of time"),
    };
    Duration::from_secs_f64(number.parse::<f64>().expect("a number") * unit)
}

/// Where each thing of each host stands.
type Places = Vec<((String, String), Place)>;

/// What is known of one thing.
#[derive(Default)]
struct Known {
    values: BTreeMap<String, (Duration, Vec<Option<f64>>)>,
    words: BTreeMap<String, Vec<HostText>>,
    limits: BTreeMap<String, Limits>,
    usual: BTreeMap<String, Band>,
    left: BTreeMap<String, Option<Duration>>,
    gone: Duration,
}

#[derive(Default)]
struct Scene {
    registry: Registry,
    rules: RuleSet,
    hosts: BTreeMap<String, Option<String>>,
    things: BTreeMap<(String, SubjectKind, String), Known>,
}

fn kind(word: &str) -> SubjectKind {
    serde_json::from_value(word.into()).unwrap_or_else(|_| panic!("{word} is no sort of thing"))
}

impl Scene {
    fn rules(&mut self, block: &[(usize, &str)], alone: bool) {
        let text: String = block.iter().flat_map(|(_, line)| [line.trim(), "\n"]).collect();
        let file = RuleFile { path: "scene.rules".into(), text };
        let read = if alone { RuleSet::of } else { RuleSet::read };
        let (set, problems) = read(&[file], &self.registry);
        assert!(problems.is_empty(), "{problems}");
        (self.rules, self.hosts, self.things) = (set, BTreeMap::new(), BTreeMap::new());
    }

    fn load(&mut self, step: Duration, line: &str, at: usize) {
        let (left, right) = line.split_once('=').unwrap_or_else(|| panic!("line {at}: `=` is missing"));
        let left: Vec<&str> = left.split_whitespace().collect();
        let host = left[0].to_owned();
        let role = self.hosts.entry(host.clone()).or_default();
        if let [_, "role"] = left.as_slice() {
            *role = Some(right.trim().trim_matches('"').to_owned());
            return;
        }
        let (thing, name) = left[1].split_once(':').unwrap_or((left[1], ""));
        let known = self.things.entry((host, kind(thing), name.to_owned())).or_default();
        let mut numbers = right.split_whitespace();
        let mut number = |word: &str| -> Option<f64> {
            (word != "-").then(|| word.parse().unwrap_or_else(|_| panic!("line {at}: {word} is no number")))
        };
        match &left[2..] {
            ["gone"] => known.gone = span(right.trim()),
            ["left", metric] => {
                let left = right.trim();
                known.left.insert((*metric).to_owned(), (left != "never").then(|| span(left)));
            }
            ["limit", metric] => {
                let way = numbers.next().expect("above or below");
                let [warning, critical] = [(); 2].map(|()| numbers.next().and_then(&mut number));
                let limits = if way == "above" {
                    Limits::Above { warning, critical }
                } else {
                    Limits::Below { warning, critical }
                };
                known.limits.insert((*metric).to_owned(), limits);
            }
            ["usual", metric] => {
                let all: Vec<f64> = numbers.filter_map(number).collect();
                known.usual.insert((*metric).to_owned(), Band { low: all[0], middle: all[1], high: all[2] });
            }
            [name] if right.contains('"') => {
                let words = right.split('|').map(|word| HostText::from(word.trim().trim_matches('"')));
                known.words.insert((*name).to_owned(), words.collect());
            }
            [metric] => {
                let values = numbers.flat_map(run).collect();
                known.values.insert((*metric).to_owned(), (step, values));
            }
            other => panic!("line {at}: {other:?}"),
        }
    }

    /// Everything as it is at a moment.
    fn frame(&self, moment: Duration, watching: Duration) -> (Frame, Places) {
        let now = WallTime::from_secs(BEGIN).after(moment);
        let mut frame = Frame::new(now, watching);
        let mut hosts = BTreeMap::new();
        let mut places = Vec::new();
        for (name, role) in &self.hosts {
            let host = Host::new(HostId::new(name).expect("a name"));
            let role = role.as_ref().map(|role| Role::new(role).expect("a name"));
            hosts.insert(name, frame.host(Host { role, ..host }));
            places.push(((name.clone(), "-".to_owned()), hosts[name]));
        }
        for ((host, kind, name), known) in &self.things {
            let place = if *kind == SubjectKind::Host {
                hosts[host]
            } else {
                let place = frame.thing(hosts[host], Subject::named(*kind, name.as_str().into()));
                places.push(((host.clone(), if name.is_empty() { "-".to_owned() } else { name.clone() }), place));
                place
            };
            self.fill(&mut frame, known, place, moment, now);
        }
        (frame, places)
    }

    fn fill(&self, frame: &mut Frame, known: &Known, place: Place, moment: Duration, now: WallTime) {
        let metric = |name: &str| self.registry.by_name(name).unwrap_or_else(|| panic!("{name} is no metric"));
        for (name, (step, values)) in &known.values {
            let metric = metric(name);
            let points: Vec<Point> = values
                .iter()
                .enumerate()
                .filter_map(|(at, value)| {
                    let at = WallTime::from_secs(BEGIN).after(*step * u32::try_from(at).expect("few"));
                    Some(Point { at, value: (*value)? })
                })
                .collect();
            let at = usize::try_from(moment.as_millis() / step.as_millis()).expect("few");
            if let Some(Some(value)) = values.get(at.min(values.len() - 1)) {
                frame.set(metric, place, *value);
            }
            for need in self.rules.needs() {
                if let Need::Window { metric: wanted, length } = *need
                    && wanted == metric.id
                {
                    frame.set_window(metric, length, place, Seen::of(points.iter().copied(), length, now));
                }
            }
        }
        for (name, words) in &known.words {
            let label = LabelId::by_name(name).unwrap_or_else(|| panic!("{name} is no label"));
            frame.set_words(label, place, words);
        }
        known.limits.iter().for_each(|(name, limits)| frame.set_limits(metric(name), place, *limits));
        known.usual.iter().for_each(|(name, band)| frame.set_usual(metric(name), place, *band));
        known.left.iter().for_each(|(name, left)| frame.set_forecast(metric(name), place, *left));
        frame.set_unlisted(place, known.gone);
    }

    /// What is otherwise than expected, each with the line that says so; 0 for what no line says.
    fn eval(&self, moment: Duration, watching: Duration, expected: &[(usize, &str)]) -> Vec<(usize, String)> {
        let (frame, places) = self.frame(moment, watching);
        let judged = self.rules.judge(&frame);
        let mut wrong = Vec::new();
        let mut told = Vec::new();
        for (line, text) in expected {
            let (words, sentence) =
                text.split_once('"').map_or((*text, None), |(words, rest)| (words, rest.strip_suffix('"')));
            let words: Vec<&str> = words.split_whitespace().collect();
            let [rule, host, thing, standing] = words[..] else { panic!("line {line}: RULE HOST THING STANDING") };
            assert!(self.rules.rule(rule).is_some(), "line {line}: there is no rule {rule}");
            let of_rule: Vec<_> = judged.iter().filter(|one| one.rule.name() == rule).collect();
            let found = places.iter().filter(|((of, name), _)| of == host && name == thing).find_map(|(_, place)| {
                let one = of_rule.iter().find(|one| one.standing(*place) != Standing::NotAsked)?;
                Some((*one, *place))
            });
            let Some((one, place)) = found else {
                if standing != "off" {
                    wrong.push((*line, format!("{rule} is not asked of {host} {thing}")));
                }
                continue;
            };
            told.push((rule.to_owned(), place));
            let is = word(one.standing(place));
            if is != standing {
                wrong.push((*line, format!("{rule} {host} {thing} is {is}")));
            }
            if let Some(sentence) = sentence {
                let found = one.body.finding(&frame, place).map(|finding| finding.text.raw().to_owned());
                if found.as_deref() != Some(sentence) {
                    wrong.push((*line, format!("it says {found:?}")));
                }
            }
        }
        for one in &judged {
            for (place, severity) in one.holding() {
                if !told.contains(&(one.rule.name().to_owned(), place)) {
                    let text = one.body.finding(&frame, place).map(|finding| finding.text);
                    let ((host, thing), _) = places.iter().find(|(_, known)| *known == place).expect("it was put in");
                    wrong.push((0, format!("and {} {host} {thing} is {severity}: {text:?}", one.rule.name())));
                }
            }
        }
        wrong
    }
}

fn word(standing: Standing) -> String {
    match standing {
        Standing::NotAsked => "off".to_owned(),
        Standing::Clear => "clear".to_owned(),
        Standing::Between => "between".to_owned(),
        Standing::Absent => "absent".to_owned(),
        Standing::Holds(severity) => severity.to_string(),
    }
}

/// `70+1x9`, `5x3`, `_x4`, `7`.
fn run(word: &str) -> Vec<Option<f64>> {
    let (value, more) =
        word.split_once('x').map_or((word, 0), |(value, more)| (value, more.parse().expect("a number")));
    if value == "_" {
        return vec![None; more.max(1)];
    }
    let sign = value[1..].find(['+', '-']).map(|at| at + 1);
    let (first, step) = sign.map_or((value, "0"), |at| value.split_at(at));
    let (first, step): (f64, f64) = (first.parse().expect("a number"), step.parse().expect("a number"));
    (0..=more).map(|at| Some(first + step * f64::from(u32::try_from(at).expect("few")))).collect()
}
