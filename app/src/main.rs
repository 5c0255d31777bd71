//! `remote-agent-server`: reads the command line, runs a verb, returns its exit code.

fn main() {}
