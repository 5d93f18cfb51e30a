//! The one system call by which an NVMe drive is asked for a page: the only file of the project with `unsafe`.
//!
//! It can ask for the three pages of [`Page`] and for nothing else: no command that writes, formats or tests. It does not know
//! what is in a page.

#![expect(unsafe_code, reason = "the kernel has no other way to a drive's log; each block says why it is sound")]

use std::ffi::c_void;
use std::os::fd::BorrowedFd;

use rustix::io::Errno;
use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, ioctl, opcode};

/// The pages that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// Log page 02h, SMART / health information: 512 bytes.
    Health,
    /// Log page 06h, device self-test: its head and the newest result, 32 bytes.
    SelfTest,
    /// Identify, CNS 01h, the controller: 4096 bytes.
    Controller,
}

/// The longest of them.
pub(super) const LONGEST: usize = 4096;

impl Page {
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Health => 512,
            Self::SelfTest => 32,
            Self::Controller => LONGEST,
        }
    }

    /// Operation code, namespace and command double word 10 (NVM Express base specification 2.0, 5.16 and 5.17). A log's
    /// double word holds its number and, from bit 16 on, its length in double words less one.
    const fn command(self) -> (u8, u32, u32) {
        const GET_LOG_PAGE: u8 = 0x02;
        const IDENTIFY: u8 = 0x06;
        const EVERY_NAMESPACE: u32 = u32::MAX;
        match self {
            Self::Health => (GET_LOG_PAGE, EVERY_NAMESPACE, 127 << 16 | 0x02),
            Self::SelfTest => (GET_LOG_PAGE, EVERY_NAMESPACE, 7 << 16 | 0x06),
            Self::Controller => (IDENTIFY, 0, 0x01),
        }
    }
}

/// The bytes of a page. Aligned to a page of memory, so that the drive can write into it without a copy.
#[repr(C, align(4096))]
pub(super) struct Bytes(pub(super) [u8; LONGEST]);

impl Bytes {
    /// The first `N` of them.
    pub(super) fn first<const N: usize>(&self) -> &[u8; N] {
        self.0.first_chunk().expect("no page is longer than the longest")
    }
}

/// `struct nvme_passthru_cmd` of `linux/nvme_ioctl.h`.
#[repr(C)]
#[derive(Default)]
struct Command {
    opcode: u8,
    flags: u8,
    reserved: u16,
    namespace: u32,
    double_words_2_and_3: [u32; 2],
    metadata: u64,
    address: u64,
    metadata_length: u32,
    data_length: u32,
    double_word_10: u32,
    double_words_11_to_15: [u32; 5],
    timeout_ms: u32,
    result: u32,
}

const _: () = assert!(size_of::<Command>() == 72, "the kernel's structure has 72 bytes");

/// `NVME_IOCTL_ADMIN_CMD`, `_IOWR('N', 0x41, struct nvme_admin_cmd)`.
const ADMIN_COMMAND: Opcode = opcode::read_write::<Command>(b'N', 0x41);

/// One admin command, and the memory that it fills.
struct Ask<'a> {
    command: Command,
    _into: &'a mut Bytes,
}

// SAFETY: `as_ptr` gives the structure that ADMIN_COMMAND takes, as its number says by its size. The kernel writes into that
// structure and into `data_length` bytes at `address`; both are borrowed mutably for as long as the call lasts, and `ask` sets the
// length to at most that of `Bytes`. Any bytes are good `Bytes`.
unsafe impl Ioctl for Ask<'_> {
    type Output = i32;

    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        ADMIN_COMMAND
    }

    fn as_ptr(&mut self) -> *mut c_void {
        (&raw mut self.command).cast()
    }

    unsafe fn output_from_ptr(out: IoctlOutput, _: *mut c_void) -> Result<i32, Errno> {
        Ok(out)
    }
}

/// Asks the drive behind `fd` for a page. Gives the drive's own status, of which 0 means that `into` is filled.
///
/// It waits as long as the kernel lets a drive take (60 s): a shorter limit would make it reset a drive that is merely busy.
pub(super) fn ask(fd: BorrowedFd<'_>, page: Page, into: &mut Bytes) -> Result<i32, Errno> {
    let (opcode, namespace, double_word_10) = page.command();
    let data_length = u32::try_from(page.length().min(LONGEST)).expect("4096 at most");
    let address = into.0.as_mut_ptr().expose_provenance() as u64;
    let command = Command { opcode, namespace, address, data_length, double_word_10, ..Command::default() };
    // SAFETY: see the implementation of `Ioctl`; commands of these two operation codes change nothing on a drive. A file that is
    // no NVMe device knows no request of this number and refuses it.
    unsafe { ioctl(fd, Ask { command, _into: into }) }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn the_request_is_the_one_of_the_kernels_header() {
        assert_eq!(ADMIN_COMMAND, 0xC048_4E41);
    }

    #[test]
    fn the_length_of_a_log_is_told_in_double_words() {
        for page in [Page::Health, Page::SelfTest] {
            let (_, _, word) = page.command();
            assert_eq!(((word >> 16) as usize + 1) * 4, page.length(), "{page:?}");
        }
    }

    #[test]
    fn what_is_no_nvme_drive_refuses() {
        let file = std::fs::File::open("/dev/null").unwrap();
        let mut bytes = Bytes([0; LONGEST]);
        for page in [Page::Health, Page::SelfTest, Page::Controller] {
            assert_eq!(ask(file.as_fd(), page, &mut bytes), Err(Errno::NOTTY), "{page:?}");
        }
    }
}
