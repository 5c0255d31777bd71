//! What a person at a terminal sees: results on stdout, talk on stderr, an exit code.

use std::io::{self, Write};

/// The exit code for a wrong configuration.
pub const EXIT_CONFIG: u8 = 64;

/// A result, on stdout. A reader that has gone is no reason to panic.
pub fn print(line: &str) {
    drop(writeln!(io::stdout().lock(), "{line}"));
}

/// Talk, on stderr, after the name of the program.
pub fn complain(program: &str, line: &str) {
    drop(writeln!(io::stderr().lock(), "{program}: {line}"));
}
