//! What the process was given beside its arguments: its environment, and the configuration that lies in a usual place.

use std::env;
use std::path::PathBuf;

use cm_agent::CollectOptions;
use cm_agent::config::{Config, ConfigError};
use cm_agent::dbus::Address;

/// The configuration: of the file that was named, or of the first one that is there.
pub(super) fn configuration(named: Option<PathBuf>) -> Result<Config, ConfigError> {
    Ok(named.or_else(usual_config).map(|path| Config::load(&path)).transpose()?.unwrap_or_default())
}

/// With what this process was given beside its configuration.
pub(super) fn surrounded(mut options: CollectOptions) -> CollectOptions {
    let folder = |name: &str| {
        let given = env::var_os(name)?;
        // systemd gives several folders with colons between them.
        env::split_paths(&given).next().filter(|path| path.is_absolute() && path.as_os_str() != "/")
    };
    let own = || folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    options.backup.cache = folder("CACHE_DIRECTORY").or_else(|| Some(own()?.join("cm-agent")));
    options.backup.credentials = folder("CREDENTIALS_DIRECTORY");
    options.backup.home = folder("HOME");
    if let Ok(address) = env::var("DBUS_SYSTEM_BUS_ADDRESS") {
        match Address::parse(&address) {
            Ok(address) => options.bus = address,
            Err(error) => tracing::warn!(%error, "DBUS_SYSTEM_BUS_ADDRESS is not used"),
        }
    }
    options
}

/// The first configuration file that is there, of the places where one is usual.
fn usual_config() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    let folders = own.into_iter().chain(["/etc".into()]);
    folders.map(|folder| folder.join("cm-dashboard/agent.toml")).find(|path| path.exists())
}
