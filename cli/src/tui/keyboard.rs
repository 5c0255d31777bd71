//! Keys, sizes and signals, as they come.

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;

use super::happening::{Happening, Teller};
use super::key::Key;
use super::message::Message;

/// Reads keys until nobody listens or there are none any more.
pub fn read_keys(out: &Teller) {
    loop {
        let happening = match event::read() {
            Ok(Event::Key(event)) if event.kind != KeyEventKind::Release => match translate(event) {
                Some(Key::Ctrl('z')) => Happening::Pause,
                Some(key) if event.modifiers.contains(KeyModifiers::ALT) => {
                    Happening::Told(Box::new(Message::EscapeAnd(key)))
                }
                Some(key) => Happening::Told(Box::new(Message::Key(key))),
                None => continue,
            },
            Ok(Event::Resize(columns, rows)) => Happening::Told(Box::new(Message::Resized(columns, rows))),
            Ok(_) => continue,
            Err(error) => Happening::NoTerminal(error.to_string()),
        };
        let last = matches!(happening, Happening::NoTerminal(_));
        if !out.happened(happening) || last {
            return;
        }
    }
}

/// Waits for signals from now on, in a thread of its own.
///
/// # Errors
/// If the system does not allow it.
pub fn signals() -> io::Result<Signals> {
    Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGCONT])
}

/// Tells signals until nobody listens.
pub fn read_signals(mut signals: Signals, out: &Teller) {
    for signal in signals.forever() {
        let happening = match signal {
            SIGCONT => Happening::Continued,
            signal => Happening::Signal(signal),
        };
        if !out.happened(happening) {
            return;
        }
    }
}

fn translate(key: KeyEvent) -> Option<Key> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if key.modifiers.intersects(KeyModifiers::SUPER | KeyModifiers::META) {
        return None;
    }
    Some(match key.code {
        KeyCode::Char(letter) if control => Key::Ctrl(letter.to_ascii_lowercase()),
        KeyCode::Char(letter) => Key::Char(letter),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        _ => return None,
    })
}
