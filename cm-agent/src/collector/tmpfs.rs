//! Filesystems in memory: `/tmp`, `/run`, `/dev/shm` and the like, which take what they hold from it.

use cm_model::report::service::Tmpfs as Block;
use cm_model::unit::Bytes;

use super::{Absent, Collector, Draft, Look};
use crate::machine::capacity::Uncounted;
use crate::machine::mount::{Mount, lies_within};

/// The collector.
#[derive(Debug)]
pub struct Tmpfs;

impl Collector for Tmpfs {
    fn name(&self) -> &'static str {
        "tmpfs"
    }

    fn collect(&mut self, look: &Look<'_>, draft: &mut Draft) -> Result<(), Absent> {
        let mut found = Vec::new();
        for mount in worth_telling(look.mounts()?) {
            match look.machine.capacity(&mount.point) {
                Ok(capacity) => found.push(Block {
                    mount: (&*mount.point).into(),
                    used_mb: Some(Bytes::new(capacity.used()).mebibytes()),
                    size_mb: Some(Bytes::new(capacity.blocks as f64 * capacity.bsize as f64).mebibytes()),
                }),
                // Somebody else's, such as a directory of another user under /run: it is nobody's surprise.
                Err(Uncounted::Refused(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {}
                Err(error) => draft.missing(format!("tmpfs {}", mount.point), error),
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        draft.service.memory.get_or_insert_default().tmpfs = found;
        Ok(())
    }
}

/// The most that are told.
const MOST: usize = 64;

/// Those that programs write to, each once at its shortest place, by place. Not those of the system's own plumbing, nor
/// what is read-only, such as the credentials that systemd hands to services.
fn worth_telling(mounts: &[Mount]) -> Vec<&Mount> {
    let plumbing = |point: &str| {
        point == "/dev"
            || ["/proc", "/sys", "/run/credentials", "/run/lock"].iter().any(|above| lies_within(point, above))
    };
    let mut told: Vec<&Mount> = Vec::new();
    for mount in mounts.iter().filter(|mount| mount.kind == "tmpfs" && !mount.read_only && !plumbing(&mount.point)) {
        match told.iter_mut().find(|other| other.device == mount.device) {
            Some(other) if (mount.point.len(), &mount.point) < (other.point.len(), &other.point) => *other = mount,
            Some(_) => {}
            None => told.push(mount),
        }
    }
    told.sort_by(|a, b| a.point.cmp(&b.point));
    told.truncate(MOST);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::mount::parse;

    #[test]
    fn those_that_programs_write_to_each_once() {
        let text = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / /dev rw - tmpfs tmpfs rw\n3 1 0:6 / /run rw - tmpfs run rw\n\
                    4 1 0:7 / /tmp rw - tmpfs tmpfs rw\n5 1 0:7 /x /var/tmp rw - tmpfs tmpfs rw\n\
                    6 1 0:8 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n7 3 0:9 / /run/credentials/a ro - tmpfs tmpfs ro\n\
                    8 2 0:10 / /dev/shm rw - tmpfs tmpfs rw\n9 3 0:11 / /run/lock rw - tmpfs tmpfs rw\n";
        let mounts = parse(text);
        let told: Vec<_> = worth_telling(&mounts).iter().map(|mount| &*mount.point).collect();
        assert_eq!(told, ["/dev/shm", "/run", "/tmp"]);
    }
}
