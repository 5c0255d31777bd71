//! Why something cannot be kept or read, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::line::LineError;

/// Why something cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// A file or the folder refuses.
    #[error("cannot {verb} {}{}", path.display(), advice(source))]
    Io {
        /// What was tried.
        verb: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// As much waits as may.
    #[error(
        "{} MiB wait for the server already, and no more is kept; see why with `remote-agent spool status`",
        bytes >> 20
    )]
    Full {
        /// How much waits.
        bytes: u64,
    },
    /// A newer version of this program has written it.
    #[error("{} holds entries of a newer version of remote-agent; they are kept: update this program to send them", .0.display())]
    Newer(PathBuf),
    /// Root would make files in somebody's home that they could not use.
    #[error(
        "{} belongs to another user, and root would lock them out of what it makes there; run this as that user, or set XDG_STATE_HOME", .0.display()
    )]
    AnotherUsers(PathBuf),
    /// Another process holds the lock and does not let go.
    #[error("another process has been writing to {} for too long; is one of them stopped?", .0.display())]
    Busy(PathBuf),
    /// An entry has no line.
    #[error(transparent)]
    Line(#[from] LineError),
}

impl SpoolError {
    /// Names what was tried, with what.
    pub(super) fn io(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { verb, path, source }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "; make room on its disk, then try again"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "; its disk is read-only: set XDG_STATE_HOME to a folder that can be written"
        }
        io::ErrorKind::PermissionDenied => {
            "; it must belong to you, or set XDG_STATE_HOME to a folder that does"
        }
        _ => "",
    }
}
