//! `doctor`: what the library finds of this machine and this process, printed; a configuration that is refused is one of the
//! findings and no reason to stop.

use std::env;
use std::process::ExitCode;

use cm_agent::Machine;
use cm_agent::config::{Config, ConfigError};
use cm_agent::doctor::{Check, Surroundings, look};
use cm_model::clock::SystemClock;
use cm_model::health::Health;
use cm_model::problem::Problem;
use cm_model::wording::Glyphs;

use super::surroundings::surrounded;
use super::{Trouble, block_on, print};

pub(super) fn perform(
    configuration: Result<Config, ConfigError>,
    json: bool,
    check: bool,
) -> Result<ExitCode, Trouble> {
    let (checks, config) = match configuration {
        Ok(config) => (vec![well(&config)], config),
        Err(error) => (troubles(&error), Config::default()),
    };
    let around = Surroundings::of_this_process(&Machine::itself(), |name| env::var_os(name));
    let options = surrounded(config.collect);
    let findings = block_on(async { Ok(look(checks, &options, &around, &SystemClock).await) })?;
    print(&if json { findings.json() } else { findings.table(glyphs()) })?;
    Ok(match findings.health() {
        _ if !check => ExitCode::SUCCESS,
        Health::Ok | Health::Note => ExitCode::SUCCESS,
        Health::Warning => ExitCode::from(1),
        Health::Critical => ExitCode::from(2),
        Health::Unknown => ExitCode::from(3),
    })
}

fn well(config: &Config) -> Check {
    let beyond = config.serve.listen.iter().any(|address| !address.is_loopback());
    let served = if beyond { "served to the network" } else { "served to this machine alone" };
    let check = Check::well("configuration", "", format!("read; {served}"));
    match config.tokens() {
        Ok(_) if config.sends_tokens_in_the_clear() => {
            check.trouble(Health::Note, "Tokens cross the network in the clear: put TLS in front of it.")
        }
        Ok(_) => check,
        Err(error) => troubles(&error).swap_remove(0),
    }
}

fn troubles(error: &ConfigError) -> Vec<Check> {
    let told = |text: String, next: String, code| {
        Check::well("configuration", "", text).trouble(Health::Critical, next).code(code)
    };
    if let ConfigError::Wrong { problems } = error {
        let of = |problem: &Problem| {
            let code = problem.code.unwrap_or_else(|| error.code());
            told(format!("{}: {}", problem.location(), problem.message), problem.next.clone(), code)
        };
        return problems.iter().map(of).collect();
    }
    let mut text = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        text = format!("{text}: {cause}");
    }
    let next = error.next().unwrap_or_else(|| error.code().fault().next.to_owned());
    vec![told(text, next, error.code())]
}

/// What the locale lets a screen show.
fn glyphs() -> Glyphs {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(env::var_os).find(|value| !value.is_empty());
    let locale = locale.unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if locale.contains("utf-8") || locale.contains("utf8") { Glyphs::Unicode } else { Glyphs::Ascii }
}
