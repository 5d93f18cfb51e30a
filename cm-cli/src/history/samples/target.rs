//! Where an export goes: stdout, or a file that is written beside its place and moved there whole, or the end of one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::unwritten;
use crate::complaint::Complaint;
use crate::request::Samples;

pub(super) enum Target<'t> {
    Stdout(&'t mut dyn Write),
    File(Written),
}

/// A file that is being written.
pub(super) struct Written {
    to: BufWriter<File>,
    /// Where it is written.
    place: PathBuf,
    /// Where it is moved to at the end; nothing for one that is only gone on with.
    home: Option<PathBuf>,
    /// How much of it is whole slices.
    kept: u64,
    is_begun: bool,
}

impl<'t> Target<'t> {
    /// Opens what was asked for; `out` is stdout.
    pub(super) fn open(asked: &Samples, out: &'t mut dyn Write) -> Result<Self, Complaint> {
        let Some(file) = asked.output.as_deref().filter(|file| *file != Path::new("-")) else {
            return Ok(Self::Stdout(out));
        };
        let open = || -> io::Result<Written> {
            if asked.append {
                let opened = OpenOptions::new().append(true).create(true).open(file)?;
                let kept = opened.metadata()?.len();
                let to = BufWriter::new(opened);
                return Ok(Written { to, place: file.to_owned(), home: None, kept, is_begun: kept > 0 });
            }
            let place = beside(file);
            let to = BufWriter::new(File::create(&place)?);
            Ok(Written { to, place, home: Some(file.to_owned()), kept: 0, is_begun: false })
        };
        open().map(Self::File).map_err(|error| unwritten(file, &error))
    }

    /// Whether something stands in the file already.
    pub(super) fn is_begun(&self) -> bool {
        matches!(self, Self::File(Written { is_begun: true, .. }))
    }

    /// Where it is now, if it is a file.
    pub(super) fn place(&self) -> Option<PathBuf> {
        match self {
            Self::Stdout(_) => None,
            Self::File(written) => Some(written.place.clone()),
        }
    }

    /// Whole up to here.
    pub(super) fn keep(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(written) => {
                written.to.flush()?;
                written.kept = written.to.get_ref().metadata()?.len();
                Ok(())
            }
        }
    }

    /// Takes away what came after the last whole slice.
    pub(super) fn cut_back(&mut self) {
        if let Self::File(written) = self {
            // What it was about is told already; at worst the last line is torn.
            let _ = written.to.get_ref().set_len(written.kept);
        }
    }

    /// Puts a finished file in its place.
    pub(super) fn close(&mut self) -> Result<(), Complaint> {
        let Self::File(written) = self else { return Ok(()) };
        let Some(home) = &written.home else { return Ok(()) };
        let moved = written.to.get_ref().sync_all().and_then(|()| fs::rename(&written.place, home));
        moved.map_err(|error| unwritten(home, &error))?;
        written.place.clone_from(home);
        Ok(())
    }
}

impl Write for Target<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(written) => written.to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Only whole slices are flushed on purpose, by `keep`: a writer of CSV flushes after every series.
        Ok(())
    }
}

/// `FILE.part`.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}
