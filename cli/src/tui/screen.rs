//! The terminal: taken over, and given back whatever happens.

use std::io::{self, IsTerminal, Stdout, Write};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use ratatui::crossterm::{execute, queue};
use ratatui::layout::Rect;

use super::frame_writer::FrameWriter;
use super::look::Look;
use super::model::Model;
use super::view::view;

/// Whether the terminal is taken over. One for the process, because the terminal is.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is taken over. Giving it up gives it back.
pub struct Screen {
    // Dropped, it would complain on standard error that there is no terminal to show a cursor on, and panic if that is
    // gone as well.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<FrameWriter<Stdout>>>>,
    look: Look,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// If standard output is no terminal, or one that cannot do it.
    pub fn enter(look_up: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        if !io::stdout().is_terminal() {
            bail!(
                "the screen needs a terminal on standard output; `remote-agent status` prints what can be piped"
            );
        }
        if look_up("TERM").is_none_or(|term| term.is_empty() || term == "dumb") {
            bail!(
                "this terminal (TERM=dumb or unset) cannot draw a screen; try `remote-agent status --watch`"
            );
        }
        restore_on_panic();
        let terminal =
            take().and_then(|()| Terminal::new(CrosstermBackend::new(FrameWriter::new(io::stdout()))));
        match terminal {
            Ok(terminal) => Ok(Self { terminal: ManuallyDrop::new(terminal), look: Look::from(look_up) }),
            Err(error) => {
                give_back();
                Err(error).context("the terminal cannot be taken over")
            }
        }
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        size().unwrap_or((80, 24))
    }

    /// Shows the model.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn draw(&mut self, model: &Model) -> io::Result<()> {
        let look = self.look;
        self.terminal.draw(|frame| view(frame.buffer_mut(), model, look)).map(drop)
    }

    /// Gives the terminal back for a pause.
    pub fn pause(&mut self) {
        give_back();
    }

    /// Takes the terminal over again, whatever became of it meanwhile.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn resume(&mut self) -> io::Result<()> {
        give_back();
        take()?;
        // `Terminal::clear` would ask the terminal where its cursor is, and the answer would go to the keyboard's thread.
        let (columns, rows) = self.size();
        self.terminal.resize(Rect::new(0, 0, columns, rows))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, Hide)
}

/// Gives the terminal back if it is taken. There is nobody left to tell of a failure.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        drop(queue!(out, LeaveAlternateScreen, Show).and_then(|()| out.flush()));
        drop(disable_raw_mode());
    }
}

/// What a panic says is to be read on the terminal as it was.
fn restore_on_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        give_back();
        before(info);
    }));
}
