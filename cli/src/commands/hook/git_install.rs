//! `hook git install` and `uninstall`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::own_path::own_path;
use crate::args::hook::GitPlace;
use crate::folders::Folders;
use crate::git_hook::place::{self, Place, Repository};
use crate::git_hook::script::KNOWN;
use crate::git_hook::{TOLD, beside, instead};
use crate::output::print;

/// Adds our hooks.
pub(super) fn install(wanted: &GitPlace) -> anyhow::Result<ExitCode> {
    let program = own_path()?;
    let global = global_folder()?;
    if wanted.global {
        let place = place::everywhere(global, |name| std::env::var_os(name))?;
        let done = instead::install(&place, &program)?;
        print(&tell(
            "All your repositories tell of commits, checkouts, merges and pushes now.",
            done.changed,
        ));
        print(&format!("core.hooksPath is {}", place.folder.display()));
        match done.chain {
            Some(chain) => print(&format!("Hooks in {} run as before.", chain.display())),
            None => print("The repositories' own hooks run as before."),
        }
        print("A repository that sets core.hooksPath itself (husky does) needs its own `hook git install`.");
        return Ok(ExitCode::SUCCESS);
    }
    let repository = Repository::around(&folder(wanted)?)?;
    match repository.place(&global)? {
        Place::Everywhere => print("Nothing to do: they are there for all your repositories, this one too."),
        Place::Beside(folder) => {
            let changed = beside::install(&folder, &program)?;
            print(&tell(&format!("{} tells of {}.", folder.display(), TOLD.join(", ")), changed));
        }
        Place::Instead(place) => {
            let done = instead::install(&place, &program)?;
            // Ours of a time when there were no others would be called from there.
            let moved = beside::uninstall(&repository.plain_hooks())?;
            let text = format!("core.hooksPath of this repository is {}", place.folder.display());
            print(&tell(&text, done.changed || moved));
            let hooks = done.chain.unwrap_or_else(|| repository.plain_hooks());
            print(&format!("Hooks in {} run as before.", hooks.display()));
            tell_of_managers(&place.around.join(hooks));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes our hooks away.
pub(super) fn uninstall(wanted: &GitPlace) -> anyhow::Result<ExitCode> {
    let global = global_folder()?;
    if wanted.global {
        let place = place::everywhere(global, |name| std::env::var_os(name))?;
        let done = instead::uninstall(&place)?;
        print(if done.changed {
            "Removed; core.hooksPath is what it was."
        } else {
            "There was nothing to remove."
        });
        return Ok(ExitCode::SUCCESS);
    }
    let repository = Repository::around(&folder(wanted)?)?;
    let mut changed = instead::uninstall(&repository.instead())?.changed;
    // The second one is the same, unless a folder inside the repository's own is configured.
    for place in repository.own_hooks().into_iter().chain([repository.plain_hooks()]) {
        changed |= beside::uninstall(&place)?;
    }
    if changed {
        print("Removed.");
    } else if repository.place(&global)? == Place::Everywhere {
        print(
            "Only those for all your repositories are there: `remote-agent hook git uninstall --global` removes them,",
        );
        print("`git config remote-agent.enabled false` leaves this repository out.");
    } else {
        print("There was nothing to remove.");
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(text: &str, changed: bool) -> String {
    if changed { text.to_owned() } else { format!("Already so: {text}") }
}

/// A hook manager that installs itself anew wants the setting for itself, or refuses to work while it is there.
fn tell_of_managers(hooks: &Path) {
    let names = ["pre-commit", "lefthook", "husky", "overcommit"];
    for hook in KNOWN {
        let text = std::fs::read(hooks.join(hook)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        if let Some(name) = names.iter().find(|name| text.contains(**name)) {
            print(&format!(
                "{hook} there is {name}'s. To install {name} anew, uninstall these, and install them again after it."
            ));
            return;
        }
    }
}

fn folder(wanted: &GitPlace) -> anyhow::Result<PathBuf> {
    let named = wanted.repository.as_deref().unwrap_or(Path::new("."));
    named.canonicalize().with_context(|| format!("find {}", named.display()))
}

/// Beside the settings, which nobody throws away as they might a cache: without it git would run no hooks at all.
fn global_folder() -> anyhow::Result<PathBuf> {
    let folders =
        Folders::from(|name| std::env::var(name).ok()).context("find your folders: HOME is not set")?;
    Ok(folders.config.join("git-hooks"))
}
