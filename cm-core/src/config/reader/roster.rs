//! The part of the reader that is about who is watched: `[hosts.NAME]` and `[roles.NAME]`.

use cm_model::fault::Code;
use cm_model::host::HostId;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Reader, Said, SaidHost, SaidRole};
use crate::config::dashboard::{SETTINGS, TABLES};
use crate::config::hosts::{HOST_SETTINGS, ROLE_SETTINGS};
use crate::config::setting::{Setting, read_name};
use crate::config::threshold::Thresholds;
use crate::config::value::Values;

impl Reader<'_> {
    pub(super) fn hosts(&mut self, hosts: &DeTable<'_>, said: &mut Said) {
        let mut in_order: Vec<_> = hosts.iter().collect();
        in_order.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in in_order {
            let id = match read_name(key.get_ref()) {
                Ok(id) => id,
                Err(misfit) => {
                    self.misfit(misfit, key.span());
                    continue;
                }
            };
            let Some(table) = self.host_table(&id, value) else { continue };
            let mut host = SaidHost {
                id,
                at: self.at(key.span()),
                sound: true,
                own: Values::default(),
                dashboard: Values::default(),
                thresholds: Thresholds::default(),
            };
            let before = self.problems.count();
            self.host(table, &mut host);
            host.sound = self.problems.count() == before;
            said.hosts.push(host);
        }
    }

    fn host_table<'t, 'i>(&mut self, id: &HostId, value: &'t Spanned<DeValue<'i>>) -> Option<&'t DeTable<'i>> {
        if let DeValue::String(address) = value.get_ref() {
            let message = format!("`{id}` is a table, not text");
            let next = format!("Write [hosts.{id}], and below it address = \"{address}\"");
            self.error(Code::CONFIG_WRONG_TYPE, value.span(), message, Some(next));
            return None;
        }
        self.table(&format!("hosts.{id}"), value)
    }

    fn host(&mut self, table: &DeTable<'_>, host: &mut SaidHost) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if let Some(setting) = HOST_SETTINGS.iter().find(|setting| setting.key() == name) {
                let _ = self.setting(setting, key, value, false, &mut host.own);
            } else if TABLES.iter().any(|(table, _)| *table == name) {
                self.dashboard_table(name, value, Some(&host.id), &mut host.dashboard, &mut host.thresholds);
            } else if let Some(home) = SETTINGS.iter().find(|setting| setting.key() == name) {
                let next = format!("Write it below [hosts.{}.{}].", host.id, home.table());
                let message = format!("`{name}` is no setting of a host, but of [{}]", home.table());
                self.error(Code::CONFIG_UNKNOWN_KEY, key.span(), message, Some(next));
            } else {
                let tables = TABLES.iter().map(|(table, _)| *table);
                let known: Vec<&str> = HOST_SETTINGS.iter().map(Setting::key).chain(tables).collect();
                self.unknown_key(name, key.span(), &known);
            }
        }
    }

    pub(super) fn roles(&mut self, roles: &DeTable<'_>, said: &mut Said) {
        for (key, value) in roles {
            let name = match read_name(key.get_ref()) {
                Ok(name) => name,
                Err(misfit) => {
                    self.misfit(misfit, key.span());
                    continue;
                }
            };
            let Some(table) = self.table(&format!("roles.{name}"), value) else { continue };
            let mut own = Values::default();
            for (key, value) in table {
                let wanted = key.get_ref().as_ref();
                if let Some(setting) = ROLE_SETTINGS.iter().find(|setting| setting.key() == wanted) {
                    let _ = self.setting(setting, key, value, false, &mut own);
                } else {
                    let known: Vec<&str> = ROLE_SETTINGS.iter().map(Setting::key).collect();
                    self.unknown_key(wanted, key.span(), &known);
                }
            }
            said.roles.push(SaidRole { name, at: self.at(key.span()), own });
        }
    }
}
