//! JSON types that cross a process border, and the build stamp of every program.
//!
//! Owns the shapes, and how foreign text in them is shown in a terminal; decides nothing. Additive only: keys may appear, none changes type or disappears.

mod changelog;
mod events;
mod health;
mod problem;
mod sessions;
pub mod stamp;
mod state;
pub mod terminal;

pub use changelog::{ChangeEntry, ChangeGroup, ChangeKind, Changelog, EntryKind};
pub use events::{
    BatchReceipt, DeadLetter, Event, EventBatch, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, Page, RejectedEvent,
    ReplayReceipt, ReplayRequest, StoredEvent,
};
pub use health::{Check, CheckStatus, Health, HealthStatus};
pub use problem::Problem;
pub use sessions::{Activity, Session, Transcript, Workspace, WorkspaceFolder};
pub use stamp::BuildStamp;
pub use state::{
    AdvisoryNotice, Behind, CheckError, Comparison, ErrorCode, NextHop, Pending, PendingReason, Security,
    Severity, SkipRequest, SnoozeRequest, Status, Targets, UpgradeAdvice, UpgradeHow, VersionState, Via,
    Withdrawn,
};
