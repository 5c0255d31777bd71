//! `hook git run`: what git calls.

use std::ffi::OsString;
use std::io::{self, Read};

use anyhow::Context;
use chrono::Utc;

use super::keep::keep;
use crate::config::{Config, Mistakes};
use crate::git_hook::{self, Call, TOLD};

/// What git tells of a push: a line for each branch or tag.
const LONGEST_INPUT: u64 = 4 << 20;

/// Tells what happened.
pub(super) fn run(
    hook: &str,
    arguments: &[OsString],
    configured: impl Fn() -> Result<Config, Mistakes>,
) -> anyhow::Result<()> {
    if !TOLD.contains(&hook) {
        return Ok(());
    }
    let mut input = Vec::new();
    if hook == "pre-push" {
        // What came until then is told; git waits for nobody who does not read.
        drop(io::stdin().lock().take(LONGEST_INPUT).read_to_end(&mut input));
    }
    let folder = std::env::current_dir().context("find the current folder")?;
    let look_up = |name: &str| std::env::var_os(name);
    let call = Call { hook, arguments, input: &input, folder: &folder, look_up: &look_up, now: Utc::now() };
    let told = git_hook::observe(&call).with_context(|| format!("see what {hook} is about"))?;
    told.map_or(Ok(()), |event| keep(event, None, configured()))
}
