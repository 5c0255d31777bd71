//! `hook git install` and `uninstall`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::own_path::own_path;
use crate::args::hook::GitPlace;
use crate::folders::Folders;
use crate::git_hook::place::{self, Place, Repository};
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
        match done.kept.first() {
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
            let done = beside::install(&folder, &program)?;
            print(&tell(&format!("{} tells of {}.", folder.display(), TOLD.join(", ")), done.changed));
            for kept in &done.kept {
                print(&format!("Kept, and called first: {}", kept.display()));
            }
            tell_of_managers(&done.kept);
        }
        Place::Instead(place) => {
            let done = instead::install(&place, &program)?;
            print(&tell(
                &format!("core.hooksPath of this repository is {}", place.folder.display()),
                done.changed,
            ));
            if let Some(chain) = done.kept.first() {
                print(&format!("Hooks in {} run as before.", chain.display()));
                print("If a hook manager sets core.hooksPath again, run this again.");
            }
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
    let mut changed = instead::uninstall(&repository.instead()?)?.changed;
    let mut places = vec![repository.plain_hooks()];
    if let Place::Beside(folder) = repository.place(&global)?
        && !places.contains(&folder)
    {
        places.push(folder);
    }
    for place in places {
        let done = beside::uninstall(&place)?;
        for restored in &done.kept {
            print(&format!("Restored: {}", restored.display()));
        }
        changed |= done.changed;
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

/// A hook manager that installs itself anew takes our place; it leaves ours or throws it away.
fn tell_of_managers(kept: &[PathBuf]) {
    let names = ["pre-commit", "lefthook", "husky", "overcommit"];
    for path in kept {
        let text = std::fs::read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        if let Some(name) = names.iter().find(|name| text.contains(**name)) {
            print(&format!("That one is {name}'s. After `{name} install`, run this again."));
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
