//! `man`: one page for each verb, from the same arguments that are read.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Command, CommandFactory};
use contract::BuildStamp;

use crate::args::{Cli, ManArgs, PROGRAM};
use crate::output::print;

/// Runs it.
///
/// # Errors
/// If a page cannot be written.
pub fn run(args: &ManArgs, stamp: BuildStamp) -> anyhow::Result<ExitCode> {
    let pages = pages(stamp)?;
    let Some(folder) = &args.dir else {
        let (_, page) = pages.first().context("there is no page")?;
        io::stdout().lock().write_all(page)?;
        return Ok(ExitCode::SUCCESS);
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, page) in &pages {
        let path = folder.join(name);
        fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
    }
    print(&format!("wrote {} pages to {}", pages.len(), display(folder)));
    Ok(ExitCode::SUCCESS)
}

fn display(folder: &Path) -> String {
    contract::terminal::one_line(&folder.to_string_lossy(), 500)
}

/// File names and pages; the main one first.
fn pages(stamp: BuildStamp) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut root = Cli::command();
    root.build();
    let mut pages = Vec::new();
    collect(&root, PROGRAM, &format!("{PROGRAM} {}", stamp.line()), &mut pages)?;
    Ok(pages)
}

fn collect(
    command: &Command,
    name: &str,
    source: &str,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> anyhow::Result<()> {
    let man = clap_mangen::Man::new(command.clone()).title(name.to_uppercase()).source(source);
    let mut page = Vec::new();
    man.render(&mut page).context("cannot write a manual page")?;
    pages.push((format!("{name}.1"), page));
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        collect(verb, &format!("{name}-{}", verb.get_name()), source, pages)?;
    }
    Ok(())
}
