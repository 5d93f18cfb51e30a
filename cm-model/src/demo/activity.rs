//! What hosts are busy with: the spells of their stories, and the largest processes while a game pushes others out of memory.

use super::memory::greedy;
use super::rhythm::noise;
use super::spell::Spells;
use super::story::Moment;
use crate::report::service::{Activity, ActivityKind, Process, Service};
use crate::text::HostText;
use crate::unit::{BytesPerSecond, Count, Mebibytes, Percent};

pub(super) fn activities(m: &Moment<'_>) -> Vec<Activity> {
    let (story, host) = (m.story, m.host);
    let pool = host.pools.first().map_or("", |pool| pool.name);
    let going_on = [
        (ActivityKind::Gaming, story.game, "steam_app_1091500"),
        (ActivityKind::Backup, Some(story.backup), host.backup.repository),
        (ActivityKind::Scrub, story.scrub, pool),
        (ActivityKind::Upgrade, story.upgrade, host.os),
    ];
    let activity = |(kind, spells, name): (_, Option<Spells>, &'static str)| {
        let since = spells?.at(m.t)?.since;
        Some(Activity { kind, name: Some(name.into()), since: Some(m.wall(since)) })
    };
    going_on.into_iter().filter_map(activity).collect()
}

/// The game, and the services that hold the most memory beside it.
pub(super) fn processes(m: &Moment<'_>, services: &[Service]) -> Vec<Process> {
    if !greedy(m) || m.game(2_400.0) < 0.5 {
        return Vec::new();
    }
    let rate = |value: f64| Some(BytesPerSecond::saturating(value.max(0.0)).rounded(0));
    let game = Process {
        name: "Cyberpunk2077.e".into(),
        pid: Some(Count(48_213)),
        unit: Some("session-2.scope".into()),
        cpu_percent: Some(Percent::saturating(640.0 + 60.0 * noise(m.part("process", ""), m.t)).rounded(1)),
        memory_mb: Some(Mebibytes::saturating(m.host.memory.game_mb * m.game(240.0)).rounded(1)),
        read_per_s: rate(21e6 * (1.0 + 0.7 * noise(m.part("process", "read"), m.t))),
        written_per_s: rate(0.0),
    };
    let memory = |service: &Service| service.memory_used_mb.map_or(0.0, Mebibytes::get);
    let mut largest: Vec<_> = services.iter().collect();
    largest.sort_by(|a, b| memory(b).total_cmp(&memory(a)));
    let service = |(at, service): (usize, &&Service)| Process {
        name: service.name.clone(),
        pid: Some(Count(1_180 + 37 * at as u64)),
        unit: Some(HostText::new(format!("{}.service", service.name.raw()))),
        cpu_percent: service.cpu_percent,
        memory_mb: service.memory_used_mb,
        read_per_s: rate(0.0),
        written_per_s: rate(4e4 / (1.0 + at as f64)),
    };
    std::iter::once(game).chain(largest.iter().enumerate().take(4).map(service)).collect()
}
