//! A panic gives the terminal back before it says what it has to say.

use std::process::{Command, Stdio};

use cli::tui::screen::Screen;

const PANICS: &str = "given_back::on_the_screen";

/// Not a test of its own: the other one runs it on a terminal.
#[test]
#[ignore = "needs a terminal; the test below runs it on one"]
fn on_the_screen() {
    let _screen = Screen::enter(|name| (name == "TERM").then(|| "xterm".to_owned())).unwrap();
    panic!("a mistake in the program");
}

#[test]
fn a_panic_is_read_on_the_terminal_as_it_was() {
    let program = std::env::current_exe().unwrap();
    let run = format!("stty -g; {} --ignored --exact {PANICS} --nocapture; stty -g", program.display());
    let done = Command::new("script")
        .args(["--quiet", "--return", "--command", &run, "/dev/null"])
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let place = |what: &str| said.find(what).unwrap_or_else(|| panic!("no {what:?} in {said:?}"));
    let (taken, given_back) = (place("\u{1b}[?1049h"), place("\u{1b}[?1049l"));
    assert!(taken < given_back && given_back < place("a mistake in the program"), "{said:?}");
    assert!(place("\u{1b}[?25h") > taken, "the cursor is shown again: {said:?}");
    let settings: Vec<&str> =
        said.lines().map(str::trim).filter(|line| line.matches(':').count() > 20).collect();
    assert!(settings.len() == 2 && settings[0] == settings[1], "{settings:?}");
}
