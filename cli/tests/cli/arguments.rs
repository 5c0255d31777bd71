//! The command line itself: its tree, its help, what is made from it.

use clap::CommandFactory;
use clap::{Command, builder::StyledStr};
use cli::args::Cli;

use crate::helpers::User;
use crate::server::nowhere;

#[test]
fn the_tree_of_arguments_is_sound() {
    Cli::command().debug_assert();
}

/// The help of a verb and of those below it.
fn help(command: &mut Command, name: &str, all: &mut String) {
    let text: StyledStr = command.clone().bin_name(name).term_width(100).render_long_help();
    all.push_str(&format!("$ {name} --help\n{text}\n"));
    let verbs: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    for verb in verbs.iter().filter(|verb| *verb != "help") {
        let below = command.find_subcommand_mut(verb).unwrap();
        if !below.is_hide_set() {
            help(below, &format!("{name} {verb}"), all);
        }
    }
}

#[test]
fn each_verb_has_its_help() {
    let (mut root, mut all) = (Cli::command(), String::new());
    root.build();
    help(&mut root, "remote-agent", &mut all);
    insta::assert_snapshot!(all);
}

#[test]
fn the_version_is_one_line_of_name_commit_and_day() {
    let user = User::of(&nowhere());
    for flag in ["--version", "-V"] {
        let line = user.run(&[flag]).expect(0);
        let words: Vec<&str> = line.trim_end().split(' ').collect();
        assert_eq!(words[0], "remote-agent");
        let day = words.last().unwrap();
        assert!(day.starts_with('(') && day.len() == "(2026-01-30)".len(), "{line}");
        assert!((3..=4).contains(&words.len()) && line.ends_with('\n'), "{line}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_wrong_configuration_with_64() {
    let user = User::of(&nowhere());
    for arguments in [&["nonsense"][..], &["emit"], &["status", "--nonsense"], &[], &["completions", "tcsh"]]
    {
        let ended = user.run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stdout.is_empty() && !ended.stderr.is_empty(), "{arguments:?}");
    }
    let user = user.with("REMOTE_AGENT_URL", "ftp://x").with("REMOTE_AGENT_DISABLE_UPDATE_CHECK", "perhaps");
    for verb in [&["status"][..], &["emit", "a.b"], &["spool", "status"], &["tui"]] {
        let ended = user.run(verb);
        assert_eq!(ended.code, Some(64), "{verb:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("REMOTE_AGENT_URL") && ended.stderr.contains("REMOTE_AGENT_DISABLE"),
            "{verb:?}"
        );
    }
    // What needs no configuration does not read it.
    user.run(&["--version"]).expect(0);
    user.run(&["completions", "bash"]).expect(0);
}

#[test]
fn completions_are_printed_for_each_shell() {
    let user = User::of(&nowhere());
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = user.run(&["completions", shell]).expect(0);
        for word in ["remote-agent", "status", "emit", "session"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
}

#[test]
fn bash_reads_its_completions_and_completes_with_them() {
    let user = User::of(&nowhere());
    let script = user.run(&["completions", "bash"]).expect(0);
    std::fs::write(user.home().join("completions"), script).unwrap();
    let ask = "source ./completions; COMP_WORDS=(remote-agent st); COMP_CWORD=1; \
               function=$(complete -p remote-agent); function=${function##*-F }; function=${function%% *}; \
               $function remote-agent st remote-agent; echo \"${COMPREPLY[@]}\"";
    let output = user.command("bash").args(["--norc", "-c", ask]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "status");
}

#[test]
fn there_is_a_manual_page_for_each_verb() {
    let user = User::of(&nowhere());
    let folder = user.home().join("man/man1");
    user.run(&["man", "--dir", folder.to_str().unwrap()]).expect(0);
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for verb in
        ["status", "tui", "emit", "hook-git-install", "hook-claude-code-install", "spool-send", "completions"]
    {
        assert!(names.contains(&format!("remote-agent-{verb}.1")), "{verb} in {names:?}");
    }
    let main = std::fs::read_to_string(folder.join("remote-agent.1")).unwrap();
    assert!(main.contains(".TH") && main.contains("REMOTE_AGENT_URL"), "{main}");
    assert_eq!(user.run(&["man"]).expect(0), main);
}

#[test]
fn the_documentation_names_each_setting_and_each_verb() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let in_a_row = |name: &str| table.iter().any(|row| row.contains(&format!("`{name}`")));
    for (variable, key) in cli::config::SETTINGS {
        assert!(variable.is_none_or(in_a_row), "{variable:?} has no row");
        assert!(in_a_row(key), "{key} has no row");
    }
    for verb in ["status", "emit", "spool"] {
        assert!(page.contains(&format!("\n## `{verb}`\n")), "{verb} has no section");
    }
}
