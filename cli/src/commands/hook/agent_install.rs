//! `hook claude-code install` and `uninstall`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::own_path::own_path;
use crate::agent_hook::settings_file::{self, SettingsFileError};
use crate::args::hook::AgentPlace;
use crate::git_hook::script::quoted;
use crate::output::print;

/// Adds our entries to the agent's settings.
pub(super) fn install(wanted: &AgentPlace, private: bool) -> anyhow::Result<ExitCode> {
    let path = settings(wanted)?;
    let done = settings_file::install(&path, &command(&own_path()?, private)?)?;
    let text = format!("Claude Code tells of its sessions now: {}", path.display());
    print(&if done.changed { text } else { format!("Already so: {text}") });
    print(if private {
        "Sent: that a session, a prompt or a tool was there. Not sent: what anybody wrote."
    } else {
        "Sent: prompts, the tools used and on what, and the transcript at the end. Not sent: what tools print."
    });
    if done.are_off {
        print("But the settings say disableAllHooks, so it calls none.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes our entries out of the agent's settings.
pub(super) fn uninstall(wanted: &AgentPlace) -> anyhow::Result<ExitCode> {
    let path = settings(wanted)?;
    let done = settings_file::uninstall(&path)?;
    print(&if done.changed {
        format!("Removed from {}", path.display())
    } else {
        format!("There was nothing to remove from {}", path.display())
    });
    Ok(ExitCode::SUCCESS)
}

/// Run by a shell. Whatever becomes of this program, also if it is gone, the agent sees that all is well: exit code 2
/// would take a prompt away from whoever typed it.
fn command(program: &Path, private: bool) -> anyhow::Result<String> {
    let text = program.to_str().with_context(|| {
        format!("write the path of this program: {} is not UTF-8; move it to one that is", program.display())
    })?;
    let plain = |next: char| next.is_ascii_alphanumeric() || "/._+-".contains(next);
    let program = if text.chars().all(plain) {
        text.to_owned()
    } else {
        String::from_utf8_lossy(&quoted(program.as_os_str())).into_owned()
    };
    let private = if private { " --private" } else { "" };
    Ok(format!("{program} hook claude-code run{private} || true"))
}

/// The settings: those of the user, or those of a project that are for this machine alone.
fn settings(wanted: &AgentPlace) -> anyhow::Result<PathBuf> {
    if let Some(project) = &wanted.project {
        let project = project.canonicalize().with_context(|| format!("find {}", project.display()))?;
        let folder = project.join(".claude");
        let path = folder.join("settings.local.json");
        // What came with somebody's repository must not lead out of it.
        if folder.is_symlink() {
            return Err(SettingsFileError::Link { path: folder }.into());
        }
        settings_file::refuse_link(&path)?;
        return Ok(path);
    }
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let own = folder("CLAUDE_CONFIG_DIR").or_else(|| Some(folder("HOME")?.join(".claude")));
    Ok(own.context("find the agent's settings: HOME is not set")?.join("settings.json"))
}
