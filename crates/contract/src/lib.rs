//! JSON types that cross a process border, and the build stamp of every program.
//!
//! Owns the shapes; decides nothing. Additive only: keys may appear, none changes type or disappears.

mod changelog;
mod problem;
pub mod stamp;
mod state;

pub use changelog::{ChangeEntry, ChangeGroup, ChangeKind, Changelog, EntryKind};
pub use problem::Problem;
pub use stamp::BuildStamp;
pub use state::{
    AdvisoryNotice, Behind, CheckError, Comparison, ErrorCode, NextHop, Pending, PendingReason, Security,
    Severity, SkipRequest, SnoozeRequest, Status, Targets, UpgradeAdvice, UpgradeHow, VersionState, Via,
    Withdrawn,
};
