//! Which program has a port: for the message that says why ours cannot have it. Best effort: without rights over the
//! other program its name cannot be seen.

use std::fs;
use std::path::Path;

/// `sshd (process 812)`, if it can be seen. Cost: one walk over the file descriptors of all processes of this user.
pub(super) fn of(port: u16) -> Option<String> {
    let proc = Path::new("/proc");
    let tables = ["net/tcp", "net/tcp6"].map(|table| fs::read_to_string(proc.join(table)).unwrap_or_default());
    let socket = format!("socket:[{}]", tables.iter().find_map(|table| listening(table, port))?);
    let numbered = |name: &std::ffi::OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    let processes = fs::read_dir(proc).ok()?.flatten().filter(|entry| numbered(&entry.file_name()));
    let owner = { processes }.find(|process| {
        let descriptors = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        descriptors.filter_map(|fd| fs::read_link(fd.path()).ok()).any(|target| target.as_os_str() == &*socket)
    })?;
    let name = fs::read_to_string(owner.path().join("comm")).ok()?;
    let name: String = name.trim().chars().map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect();
    Some(format!("{name} (process {})", owner.file_name().to_str()?))
}

/// The inode of the socket that listens on a port, from the text of `/proc/net/tcp` (proc(5)).
fn listening(table: &str, port: u16) -> Option<&str> {
    const LISTEN: &str = "0A";
    let port = format!("{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let local_port = words.next()?.rsplit(':').next()?;
        let state = words.nth(1)?;
        (local_port == port && state == LISTEN).then(|| words.nth(5)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_that_listens_is_found_and_one_that_is_merely_connected_is_not() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:17EF 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 111 1 0 20 4 30 10 -1\n   \
            1: 0100007F:17EF 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 222 1 0 100 0 0 10 0\n";
        assert_eq!(listening(table, 6127), Some("222"));
        assert_eq!(listening(table, 6128), None);
        assert_eq!(listening("", 6127), None);
    }

    #[test]
    fn this_very_process_is_named() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let holder = of(listener.local_addr().unwrap().port()).unwrap();
        assert!(holder.ends_with(&format!("(process {})", std::process::id())), "{holder}");
    }
}
