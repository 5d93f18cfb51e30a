//! The socket of a bus: bytes and open files to and fro. Nothing here waits past a moment that was given.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, SocketAddrUnix, SocketFlags,
    SocketType, connect, recvmsg, send, socket_with,
};
use tokio::time::Instant;

use super::Broken;
use super::address::Address;
use super::message::Incoming;

/// The most bytes that wait to be sent: the other end reads no more.
const MOST_OUTGOING: usize = 256 * 1024;

/// A connected socket.
#[derive(Debug)]
pub(super) struct Socket {
    fd: OwnedFd,
    outgoing: Vec<u8>,
}

impl Socket {
    /// Connects. A socket whose backlog is full refuses rather than keeps waiting.
    pub(super) fn connect(address: &Address) -> io::Result<Self> {
        let address = match address {
            Address::Path(path) => SocketAddrUnix::new(path)?,
            Address::Abstract(name) => SocketAddrUnix::new_abstract_name(name)?,
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let fd = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        connect(&fd, &address)?;
        Ok(Self::over(fd))
    }

    /// Over a socket that is connected already, and does not block.
    pub(super) const fn over(fd: OwnedFd) -> Self {
        Self { fd, outgoing: Vec::new() }
    }

    pub(super) fn duplicate(&self) -> io::Result<OwnedFd> {
        self.fd.try_clone()
    }

    /// Sends, or keeps what the other end does not take yet.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        if self.outgoing.len() + bytes.len() > MOST_OUTGOING {
            return Err(Broken::Swamped);
        }
        self.outgoing.extend_from_slice(bytes);
        self.flush()
    }

    /// Sends what is kept, as far as the other end takes it.
    pub(super) fn flush(&mut self) -> Result<(), Broken> {
        while !self.outgoing.is_empty() {
            match send(&self.fd, &self.outgoing, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
                Ok(sent) => drop(self.outgoing.drain(..sent)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(Broken::Failed(error.into())),
            }
        }
        Ok(())
    }

    /// Reads what has come, up to a piece; 0 where nothing has. Open files that came with it are handed to `incoming`.
    pub(super) fn receive(&self, piece: &mut [u8], incoming: &mut Incoming) -> Result<usize, Broken> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let mut into = [io::IoSliceMut::new(piece)];
        match retry_on_intr(|| recvmsg(&self.fd, &mut into, &mut beside, flags)) {
            Ok(read) if read.bytes == 0 => Err(Broken::Ended),
            Ok(read) => {
                let files = beside.drain().filter_map(|message| match message {
                    RecvAncillaryMessage::ScmRights(files) => Some(files),
                    _ => None,
                });
                incoming.push_files(files.flatten())?;
                Ok(read.bytes)
            }
            Err(Errno::AGAIN) => Ok(0),
            Err(error) => Err(Broken::Failed(error.into())),
        }
    }

    /// Waits until something has come, and answers whether it has by then; sends on meanwhile.
    pub(super) fn wait(&mut self, until: Instant) -> Result<bool, Broken> {
        loop {
            self.flush()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            let mut wanted = PollFlags::IN;
            wanted.set(PollFlags::OUT, !self.outgoing.is_empty());
            let left = Timespec::try_from(left.min(Duration::from_mins(1))).expect("a minute at most");
            let mut polled = [PollFd::new(&self.fd, wanted)];
            match poll(&mut polled, Some(&left)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) if polled[0].revents() == PollFlags::OUT => {}
                Ok(_) => return Ok(true),
                Err(error) => return Err(Broken::Failed(error.into())),
            }
        }
    }
}
