//! What a person sees: results on stdout, talk on stderr, colour where it helps.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;

use crate::args::PROGRAM;

/// The exit code for a wrong command line.
pub const EXIT_USAGE: u8 = 2;
/// The exit code for a wrong configuration.
pub const EXIT_CONFIG: u8 = 64;

/// How something is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Something to do, without hurry.
    Notice,
    /// Something to do now.
    Alarm,
    /// Beside the point.
    Faint,
    /// The point.
    Strong,
}

/// Paints, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Colour where stdout is a terminal that has it, unless `NO_COLOR` says otherwise.
    #[must_use]
    pub fn for_stdout() -> Self {
        Self { on: io::stdout().is_terminal() && wanted(|name| std::env::var(name).ok()) }
    }

    /// The same for stderr.
    #[must_use]
    pub fn for_stderr() -> Self {
        Self { on: io::stderr().is_terminal() && wanted(|name| std::env::var(name).ok()) }
    }

    /// Always or never, for tests.
    #[must_use]
    pub fn fixed(on: bool) -> Self {
        Self { on }
    }

    /// The text in its colour. It must be safe for a terminal already.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.on {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Notice => "33",
            Tone::Alarm => "1;31",
            Tone::Faint => "2",
            Tone::Strong => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Whether the environment wants colour.
pub fn wanted(look_up: impl Fn(&str) -> Option<String>) -> bool {
    let refused = look_up("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && look_up("TERM").is_none_or(|term| term != "dumb")
}

/// A result, on stdout. A reader that has gone is no reason to panic.
pub fn print(text: &str) {
    drop(writeln!(io::stdout().lock(), "{text}"));
}

/// A result that a script may rely on, on stdout. A reader that has gone is no failure, a full disk is one.
///
/// # Errors
/// If it cannot be written.
pub fn answer(lines: &[String]) -> anyhow::Result<()> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    match write(&text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// A result, on stdout, told when nobody reads it any more.
///
/// # Errors
/// If it cannot be written.
pub fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Talk, on stderr, after the name of the program.
pub fn complain(text: &str) {
    drop(writeln!(io::stderr().lock(), "{PROGRAM}: {text}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_stays_away_where_it_is_not_wanted() {
        assert!(wanted(|_| None));
        assert!(wanted(|name| (name == "NO_COLOR").then(String::new)));
        assert!(!wanted(|name| (name == "NO_COLOR").then(|| "1".into())));
        assert!(!wanted(|name| (name == "TERM").then(|| "dumb".into())));
        assert_eq!(Paint::fixed(false).paint(Tone::Alarm, "x"), "x");
        assert_ne!(Paint::fixed(true).paint(Tone::Alarm, "x"), "x");
    }
}
