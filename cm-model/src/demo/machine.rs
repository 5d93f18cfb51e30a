//! Processors, filesystems, network, graphics and pressure: all follow the one load.

use super::cast;
use super::drive::{busy_share, filesystem_used};
use super::memory::greedy;
use super::rhythm::{DAY, Flow, noise};
use super::story::Moment;
use super::whole;
use crate::report::service::{Cpu, Filesystem, Gpu, Interface, Missing, Pressure, Stall};
use crate::unit::{BytesPerSecond, Celsius, Count, Gibibytes, Load, Mebibytes, Megahertz, Percent, Watts};

/// Tasks that run or wait, over time.
fn load_flow(m: &Moment<'_>) -> Flow {
    Flow::new(m.part("load", ""), m.host.cpu.load, m.host.day)
        .during(m.story.game, m.host.cpu.game_load)
        .during(Some(m.story.backup), 0.3)
        .during(m.story.scrub, 0.15)
        .during(m.story.upgrade, 0.8)
}

/// The load average over `span` seconds.
pub(super) fn load(m: &Moment<'_>, span: f64) -> Load {
    Load::saturating(load_flow(m).mean(m.t, span)).rounded(2)
}

/// Share of the cores at work over the last `span` seconds, from 0 to 1.
fn work(m: &Moment<'_>, span: f64) -> f64 {
    (load_flow(m).mean(m.t, span) / f64::from(m.host.cpu.cores)).min(1.0)
}

/// How hard the machine works as a whole, a game included, from 0 to 1: heat, fans and power follow it.
pub(super) fn effort(m: &Moment<'_>, span: f64) -> f64 {
    work(m, span).max(0.8 * m.game(span))
}

pub(super) fn frequency(m: &Moment<'_>) -> Megahertz {
    let cpu = &m.host.cpu;
    let share = (1.6 * work(m, 10.0) + 0.05 * noise(m.part("frequency", ""), m.t)).clamp(0.0, 1.0);
    Megahertz::saturating(cpu.low_mhz + (cpu.high_mhz - cpu.low_mhz) * share).rounded(0)
}

pub(super) fn cpu_temperature(m: &Moment<'_>) -> Celsius {
    let cpu = &m.host.cpu;
    let wave = 1.6 * noise(m.part("cpu temperature", ""), m.t);
    Celsius::saturating(cpu.idle_c + cpu.rise_c * work(m, 90.0) + 9.0 * m.game(120.0) + wave).rounded(0)
}

/// The processors in detail. The share of all of them is the mean of those of the cores.
pub(super) fn cpu(m: &Moment<'_>) -> Cpu {
    let cpu = &m.host.cpu;
    let share = 92.0 * work(m, 10.0);
    let core = |at: u32| {
        let own = m.part("core", "").rotate_left(at) ^ u64::from(at);
        Percent::saturating((share * (1.0 + 0.8 * noise(own, m.t))).min(100.0)).rounded(1)
    };
    let cores: Vec<Percent> = (0..cpu.cores).map(core).collect();
    let mean = cores.iter().map(|core| core.get()).sum::<f64>() / f64::from(cpu.cores);
    let games = m.story.game.map_or(0, |game| game.begun(m.t).index - game.begun(m.story.boot(m.t)).index);
    Cpu {
        model: Some(cpu.model.into()),
        cores: Some(Count(u64::from(cpu.cores))),
        use_percent: Some(Percent::saturating(mean).rounded(1)),
        iowait_percent: Some(Percent::saturating(6.0 * busy_share(m, 10.0)).rounded(1)),
        steal_percent: Some(
            Percent::saturating(if cpu.guest { 0.4 + 0.3 * noise(m.part("steal", ""), m.t) } else { 0.0 }).rounded(1),
        ),
        core_use_percent: cores,
        throttled: Some(Count(u64::try_from(games).unwrap_or(0))),
    }
}

pub(super) fn filesystems(m: &Moment<'_>) -> Vec<Filesystem> {
    m.host.filesystems.iter().map(|plan| filesystem(m, plan)).collect()
}

fn filesystem(m: &Moment<'_>, plan: &cast::Filesystem) -> Filesystem {
    let used = Gibibytes::saturating(filesystem_used(m, plan)).rounded(3);
    let total = Gibibytes::saturating(plan.total_gb);
    Filesystem {
        mount: plan.mount.into(),
        device: Some(plan.device.into()),
        kind: Some(plan.kind.into()),
        used_gb: Some(used),
        total_gb: Some(total),
        available_gb: Some(Gibibytes::saturating(total.get() - used.get()).rounded(3)),
        inodes_used: plan.inodes.map(|(files, _)| whole(files as f64 * used.get() / plan.used_gb)),
        inodes_total: plan.inodes.map(|(_, most)| Count(most)),
        read_only: Some(false),
        remote: Some(plan.remote),
    }
}

pub(super) fn interface(m: &Moment<'_>, at: usize, plan: &cast::Interface) -> Interface {
    let flow = |way: &str, base: f64| Flow::new(m.part(way, plan.name), base, m.host.day);
    let (mut received, mut sent) = (flow("received", plan.rx_per_s), flow("sent", plan.tx_per_s));
    if at == 0 {
        let saved = m.host.backup.grows_gb / 3.0 * 1_073_741_824.0 / m.host.backup.takes_s;
        received = received.during(m.story.game, 140e3).during(m.story.upgrade, 2.4e6);
        sent = sent.during(m.story.game, 38e3).during(Some(m.story.backup), 30e3 + saved);
    }
    let up = plan.rx_per_s > 0.0;
    let boot = m.story.boot(m.t);
    let uptime_days = (m.t - boot) / DAY;
    let rate = |flow: &Flow| Some(BytesPerSecond::saturating(flow.mean(m.t, 10.0)).rounded(0));
    Interface {
        name: plan.name.into(),
        up: Some(up),
        speed_mbit: plan.speed_mbit.map(Count),
        rx_bytes: Some(whole(received.between(boot, m.t))),
        tx_bytes: Some(whole(sent.between(boot, m.t))),
        rx_per_s: rate(&received),
        tx_per_s: rate(&sent),
        rx_errors: Some(Count(0)),
        tx_errors: Some(Count(0)),
        rx_dropped: Some(if up { whole(uptime_days * 31.0 * m.lot("dropped", plan.name)) } else { Count(0) }),
        tx_dropped: Some(Count(0)),
    }
}

pub(super) fn gpus(m: &Moment<'_>) -> Vec<Gpu> {
    m.host.gpus.iter().map(|plan| gpu(m, plan)).collect()
}

fn gpu(m: &Moment<'_>, plan: &cast::Gpu) -> Gpu {
    let wave = noise(m.part("gpu", plan.name), m.t);
    // A game keeps it near its most; the desktop hardly wakes it.
    let between = |(rest, game): (f64, f64), rise: f64, rough: f64| {
        let way = m.game(rise);
        rest * (1.0 + 0.5 * rough * wave) * (1.0 - way) + game * (1.0 - rough * 0.1 * wave.abs()) * way
    };
    let memory = plan.idle_memory_mb * (1.0 + 0.05 * wave) + 0.55 * plan.memory_mb * m.game(60.0);
    Gpu {
        name: plan.name.into(),
        load_percent: Some(Percent::saturating(between(plan.load_percent, 30.0, 1.0)).rounded(0)),
        memory_used_mb: Some(Mebibytes::saturating(memory.min(plan.memory_mb)).rounded(0)),
        memory_total_mb: Some(Mebibytes::saturating(plan.memory_mb)),
        temperature_c: Some(Celsius::saturating(between(plan.temperature_c, 240.0, 0.1)).rounded(0)),
        power_w: Some(Watts::saturating(between(plan.power_w, 40.0, 0.6)).rounded(1)),
    }
}

/// How long tasks stood still: for the processor by load, for memory while a game pushes others out, for disks by use.
pub(super) fn pressure(m: &Moment<'_>) -> Pressure {
    let wave = 1.0 + 0.6 * noise(m.part("pressure", ""), m.t);
    let tight = |span: f64| {
        let story = m.story.game.filter(|_| greedy(m));
        let filled = 0.4 + 0.6 * m.game(2_400.0);
        wave * filled * Flow::new(0, 0.0, m.host.day).during(story, 9.0).mean(m.t, span)
    };
    let stall = |share: &dyn Fn(f64) -> f64, full: f64| {
        let percent = |span: f64, part: f64| Some(Percent::saturating((share(span) * part).min(100.0)).rounded(2));
        Some(Stall {
            some_10: percent(10.0, 1.0),
            some_60: percent(60.0, 1.0),
            some_300: percent(300.0, 1.0),
            full_10: percent(10.0, full),
            full_60: percent(60.0, full),
            full_300: percent(300.0, full),
        })
    };
    Pressure {
        cpu: stall(&|span| 11.0 * work(m, span) * wave, 0.0),
        memory: stall(&tight, 0.4),
        io: stall(&|span| 7.0 * busy_share(m, span) * wave, 0.7),
    }
}

pub(super) fn missing(host: &cast::Pattern) -> Vec<Missing> {
    host.missing.iter().map(|&(what, why)| Missing { what: what.into(), why: why.into() }).collect()
}
