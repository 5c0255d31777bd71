//! git: what happened, told from the hook that git calls. Little is asked of git itself, because somebody waits.
//!
//! Below: `observe` and the four hooks (what happened), `repository`, `git_dir` and `git_process` (where from), `script`,
//! `beside`, `instead` and `place` (how git comes to call us).

pub mod address;
pub mod beside;
mod checkout;
mod commit;
mod git_dir;
mod git_process;
pub mod instead;
mod merge;
mod observe;
pub mod place;
mod push;
mod repository;
pub mod script;

pub(crate) use git_dir::top_around;
pub use git_process::GitError;
pub(crate) use observe::workspace;
pub use observe::{Call, observe};

/// The hooks that tell something; all others are none of our business.
pub const TOLD: [&str; 4] = ["post-commit", "post-checkout", "post-merge", "pre-push"];
