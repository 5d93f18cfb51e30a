//! docs/METRICS.md is made from the catalogue, and this test fails when it is old. `CM_UPDATE=1 cargo test -p cm-model --test metrics_page` makes it anew.

use std::fmt::Write as _;
use std::path::Path;

use cm_model::catalogue;
use cm_model::health::SubjectKind;
use cm_model::metric::{Kind, Limits, Retention};

fn page() -> String {
    let mut page = String::from(
        "# Metrics\n\nMade from the catalogue (`cm-model/src/catalogue/`) by `CM_UPDATE=1 cargo test -p cm-model --test metrics_page`; do not edit by hand.\n\n\
         Numbers and names are permanent. A limit marks a value as bad unless the thing measured tells limits of its own (a drive's temperature, its spare)\n\
         or the owner sets others in `dashboard.toml` under `[widgets.thresholds]`. In Prometheus every metric carries the label `host`, and one named after its subject.\n",
    );
    let mut last: Option<SubjectKind> = None;
    for entry in catalogue::all() {
        let metric = entry.metric;
        if last.replace(metric.subject) != Some(metric.subject) {
            let _ = writeln!(
                page,
                "\n## {}\n\n| no. | name | unit | kind | warning | critical | Prometheus | what it says |",
                metric.subject.word()
            );
            page.push_str("|---|---|---|---|---|---|---|---|\n");
        }
        let kind = match (metric.kind, metric.retention) {
            (Kind::Gauge, Retention::Standard) => "gauge",
            (Kind::Gauge, Retention::Lifelong) => "gauge, kept for ever",
            (Kind::Counter, Retention::Standard) => "counter",
            (Kind::Counter, Retention::Lifelong) => "counter, kept for ever",
        };
        let told = |sign: &str, limit: Option<f64>| {
            limit.map_or(String::new(), |limit| format!("{sign} {}", metric.unit.print(limit)))
        };
        let (warning, critical) = match entry.limits {
            Limits::None => (String::new(), String::new()),
            Limits::Above { warning, critical } => (told("≥", warning), told("≥", critical)),
            Limits::Below { warning, critical } => (told("≤", warning), told("≤", critical)),
        };
        let _ = writeln!(
            page,
            "| {} | `{}` | {} | {kind} | {warning} | {critical} | `{}` | {} |",
            metric.id,
            metric.name,
            metric.unit.word(),
            metric.prometheus_name(),
            metric.help,
        );
    }
    page
}

#[test]
fn the_page_is_as_the_catalogue_has_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/METRICS.md");
    if !path.parent().is_some_and(Path::is_dir) {
        eprintln!("passed over: docs/ is not part of the packaged crate");
        return;
    }
    let page = page();
    if std::env::var_os("CM_UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/METRICS.md is old: CM_UPDATE=1 cargo test -p cm-model --test metrics_page");
}
