//! docs/CONFIGURATION.md is made from the lists of settings, and this test fails when it is old. `CM_UPDATE=1 cargo test -p cm-core --test configuration_page` makes it anew.

use std::fmt::Write as _;
use std::path::Path;

use cm_core::config::dashboard::{SETTINGS, TABLES, THRESHOLDS};
use cm_core::config::external;
use cm_core::config::hosts::{HOST_SETTINGS, ROLE_SETTINGS};
use cm_core::config::keys::{ABOUT, EXAMPLE};
use cm_core::config::notify;
use cm_core::config::notify::field::Field;
use cm_core::config::setting::{Effect, Setting, Usual};

const OPENING: &str = "# Configuration

Made from the lists of settings (`cm-core/src/config/`) by `CM_UPDATE=1 cargo test -p cm-core --test configuration_page`; do not edit by hand.

Two files, `hosts.toml` and `dashboard.toml`, are looked for in `$XDG_CONFIG_HOME/cm-dashboard/` (mostly `~/.config/cm-dashboard/`) and then in
`/etc/cm-dashboard/`; of each the first one found is used. `--config PATH` names a folder, or one file of either kind or both. Without any file this
machine is watched. `cm-cli config init` writes both with every setting as a comment, `cm-cli config check` checks them, `cm-cli config show` prints
what is in force and where each value comes from.

A value comes from the last of these that has it: the default, the file, the environment, the host's own table, the command line.
A file, a folder on the way to it or a token that somebody other than root or you could have written is refused, with the command that mends it.

";

fn row(page: &mut String, setting: &Setting) {
    let default = match setting.usual {
        Usual::Words(words, _) => words.to_owned(),
        Usual::Switch(on) => format!("`{on}`"),
        Usual::Whole(number) => format!("`{number}`"),
        Usual::Command(words) => format!("`{words:?}`"),
        Usual::Word(word) | Usual::Path(word) => format!("`\"{word}\"`"),
        Usual::Port(port) => format!("`{port}`"),
    };
    let later = match setting.effect {
        Effect::Now => String::new(),
        Effect::Later(part) => format!(" *Takes effect with {part}.*"),
    };
    let variable = setting.variable().map(|name| format!("`{name}`")).unwrap_or_default();
    let (key, takes, help) = (setting.key(), setting.takes.words(), setting.help);
    let _ = writeln!(page, "| `{key}` | {takes} | {default} | {variable} | {help}{later} |");
}

fn table<'s>(page: &mut String, name: &str, about: &str, settings: impl Iterator<Item = &'s Setting>) {
    let _ = write!(page, "### `[{name}]`\n\n{about}\n\n");
    page.push_str("| setting | takes | default | environment | what it does |\n|---|---|---|---|---|\n");
    settings.for_each(|setting| row(page, setting));
    page.push('\n');
}

fn fields(page: &mut String, fields: &[Field]) {
    page.push_str("| setting | takes | default | what it does |\n|---|---|---|---|\n");
    for field in fields {
        let keys: Vec<String> = field.keys().iter().map(|key| format!("`{key}`")).collect();
        let (keys, usual) = (keys.join(" or "), field.usual.unwrap_or("*must be there*"));
        let _ = writeln!(page, "| {keys} | {} | {usual} | {} |", field.form.words(), field.help);
    }
    page.push('\n');
}

fn notify_part(page: &mut String) {
    let name = notify::TABLE;
    let _ = write!(page, "### `[{name}]`\n\n{}\n\n```toml\n[{name}]\n{}\n```\n\n", notify::ABOUT, notify::EXAMPLE);
    fields(page, notify::FIELDS);
    page.push_str(
        "Hours are days, a beginning, and an end or a length: `22:00-06:00`, `mon-fri 09:00-17:00`, `sat,sun 02:00 for 4h Europe/Berlin`. \
         A secret stands in a file that nobody else may read (`…_file`, relative to this file), or in a credential that systemd hands over (`…_credential`).\n\n",
    );
    let _ = write!(page, "#### `[[{name}.channel]]`\n\nA way to reach somebody.\n\n");
    fields(page, notify::channel::FIELDS);
    for about in notify::kind::KINDS {
        let _ = write!(page, "`kind = \"{}\"`: {}\n\n", about.word, about.about);
        if !about.fields.is_empty() {
            fields(page, about.fields);
        }
    }
    let _ = write!(
        page,
        "#### `[[{name}.route]]`\n\nWho is told of what. An incident goes to the channels of every route that takes it.\n\n"
    );
    fields(page, notify::route::FIELDS);
}

fn page() -> String {
    let mut page = String::from(OPENING);
    page.push_str("## hosts.toml\n\n");
    let about = "One watched host; `[hosts.srv01]` alone is enough where that name resolves. Hosts are shown in the order of the file. \
                 Every table of `dashboard.toml` can stand below a host too, as `[hosts.srv01.widgets.thresholds]`, and goes first for that host.";
    table(&mut page, "hosts.NAME", about, HOST_SETTINGS.iter());
    table(&mut page, "roles.NAME", "What holds for all hosts of a role.", ROLE_SETTINGS.iter());
    page.push_str("## dashboard.toml\n\n");
    for (name, about) in TABLES {
        let extra = Some(&THRESHOLDS).filter(|setting| setting.table() == *name);
        table(&mut page, name, about, SETTINGS.iter().filter(|setting| setting.table() == *name).chain(extra));
    }
    let (about, example) = (external::ABOUT, external::EXAMPLE);
    let _ = writeln!(page, "### `[{0}.NAME]`\n\n{about}\n\n```toml\n[{0}.ups]\n{example}\n```\n", external::TABLE);
    notify_part(&mut page);
    let _ = writeln!(page, "### `[keys]`\n\n{ABOUT}\n\n```toml\n[keys]\n{EXAMPLE}\n```");
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

#[test]
fn the_page_is_as_the_lists_have_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/CONFIGURATION.md");
    if !path.parent().is_some_and(Path::is_dir) {
        eprintln!("passed over: docs/ is not part of the packaged crate");
        return;
    }
    let page = page();
    if std::env::var_os("CM_UPDATE").is_some() {
        std::fs::write(&path, &page).expect("docs/ can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, page, "run: CM_UPDATE=1 cargo test -p cm-core --test configuration_page");
}
