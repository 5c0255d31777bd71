//! What a key does, wherever somebody is.

use crate::tui::arrangement::{help_bottom, list_height};
use crate::tui::key::{Key, Motion};
use crate::tui::look::Tone;
use crate::tui::message::{Ask, Decision};
use crate::tui::model::{Model, Tab};
use crate::tui::open_session::OpenSession;
use crate::tui::update_words::{Said, skippable};

/// Lets a key take its effect. What is on top gets it first: the help, a question, the filter.
pub(super) fn press(model: &mut Model, key: Key, asks: &mut Vec<Ask>) {
    if key == Key::Ctrl('c') {
        model.leaving = true;
    } else if let Some(top) = model.help {
        press_in_help(model, top, key);
    } else if let Some(decision) = model.question.take() {
        answer(model, key, decision, asks);
    } else if model.sessions.typing {
        type_filter(model, key);
    } else {
        model.notice = None;
        press_anywhere(model, key, asks);
    }
}

/// Lets Escape and a key take their effect. Where Escape would leave, it was Alt and not meant so.
pub(super) fn press_after_escape(model: &mut Model, key: Key, asks: &mut Vec<Ask>) {
    let on_top = model.help.is_some() || model.question.is_some() || model.sessions.typing;
    let inside = model.tab != Tab::Sessions || model.open.is_some() || !model.sessions.filter().is_empty();
    if on_top || inside {
        press(model, Key::Esc, asks);
    }
    press(model, key, asks);
}

fn press_in_help(model: &mut Model, top: usize, key: Key) {
    let bottom = help_bottom(model.size);
    model.help = match (key.motion(), key) {
        (Some(Motion::Rows(-1) | Motion::Screens(-1)), _) => Some(top.saturating_sub(1)),
        (Some(Motion::Rows(_) | Motion::Screens(_)), _) => Some((top + 1).min(bottom)),
        (Some(Motion::First), _) => Some(0),
        (Some(Motion::Last), _) => Some(bottom),
        (None, Key::Char('q')) => {
            model.leaving = true;
            None
        }
        (None, _) => None,
    };
}

fn answer(model: &mut Model, key: Key, decision: Decision, asks: &mut Vec<Ask>) {
    if matches!(key, Key::Char('y' | 'Y') | Key::Enter) {
        asks.push(Ask::Decide(decision));
    } else {
        model.notice = Some(Said::new(Tone::Faint, "Nothing was changed."));
    }
}

fn type_filter(model: &mut Model, key: Key) {
    let height = list_height(model);
    let mut filter = model.sessions.filter().to_owned();
    match key {
        Key::Enter => return model.sessions.typing = false,
        Key::Up | Key::Down | Key::PageUp | Key::PageDown => {
            model.sessions.typing = false;
            return key.motion().into_iter().for_each(|motion| model.sessions.step(motion, height));
        }
        Key::Esc => {
            model.sessions.typing = false;
            filter.clear();
        }
        Key::Backspace | Key::Ctrl('h') => drop(filter.pop()),
        Key::Ctrl('u') => filter.clear(),
        Key::Char(typed) => filter.push(typed),
        _ => return,
    }
    model.sessions.set_filter(&filter, height);
}

fn press_anywhere(model: &mut Model, key: Key, asks: &mut Vec<Ask>) {
    match key {
        Key::Char('q') => model.leaving = true,
        Key::Char('?') => model.help = Some(0),
        Key::Char('1') => show(model, Tab::Sessions),
        Key::Char('2') => show(model, Tab::Live),
        Key::Char('3') => show(model, Tab::Git),
        Key::Char('4' | 'c') => show(model, Tab::Changes),
        Key::Tab | Key::Right => show(model, model.tab.beside(1)),
        Key::BackTab | Key::Left => show(model, model.tab.beside(Tab::ALL.len() - 1)),
        Key::Char('r') => refresh(model, asks),
        Key::Char('f') => force(model, asks),
        Key::Char('s') => ask_to_skip(model),
        Key::Char('S') => ask_to_unskip(model),
        Key::Char('/') => start_filter(model, asks),
        Key::Enter => enter(model, asks),
        Key::Esc => back(model, asks),
        _ => key.motion().into_iter().for_each(|motion| step(model, motion)),
    }
}

fn show(model: &mut Model, tab: Tab) {
    model.tab = tab;
}

fn step(model: &mut Model, motion: Motion) {
    let height = list_height(model);
    match model.tab {
        Tab::Sessions => match &mut model.open {
            Some(open) => open.events.step(motion, height),
            None => model.sessions.step(motion, height),
        },
        Tab::Live => model.live.step(motion, height),
        Tab::Git => model.git.step(motion, height),
        Tab::Changes => model.changes.step(motion, height),
    }
}

fn refresh(model: &mut Model, asks: &mut Vec<Ask>) {
    if model.tab == Tab::Changes {
        model.changes.forget();
    }
    if let Some(open) = &mut model.open
        && open.trouble.take().is_some()
    {
        open.asked = true;
        asks.push(Ask::Events(Box::new(open.session.clone()), open.from));
    }
    asks.push(Ask::Refresh);
    model.notice = Some(Said::new(Tone::Faint, "Reading again…"));
}

fn force(model: &mut Model, asks: &mut Vec<Ask>) {
    if !model.update_check {
        model.notice = Some(switched_off());
    } else if !model.forcing {
        model.forcing = true;
        model.notice = Some(Said::new(Tone::Faint, "Looking for updates…"));
        asks.push(Ask::Force);
    }
}

fn ask_to_skip(model: &mut Model) {
    let state = model.server.version.as_ref().filter(|_| model.update_check);
    match state.and_then(skippable) {
        _ if !model.update_check => model.notice = Some(switched_off()),
        Some(version) => model.question = Some(Decision::Skip(version.to_owned())),
        None => model.notice = Some(Said::new(Tone::Faint, "There is no newer version to skip.")),
    }
}

fn ask_to_unskip(model: &mut Model) {
    if model.update_check {
        model.question = Some(Decision::Unskip);
    } else {
        model.notice = Some(switched_off());
    }
}

fn switched_off() -> Said {
    Said::new(Tone::Faint, "Updates are switched off (REMOTE_AGENT_DISABLE_UPDATE_CHECK).")
}

fn start_filter(model: &mut Model, asks: &mut Vec<Ask>) {
    if model.open.take().is_some() {
        asks.push(Ask::Watch(None));
    }
    model.tab = Tab::Sessions;
    model.sessions.typing = true;
}

fn enter(model: &mut Model, asks: &mut Vec<Ask>) {
    match model.tab {
        Tab::Sessions => match &mut model.open {
            Some(open) => open.whole = !open.whole && !open.events.is_empty(),
            None => {
                let session = model.sessions.selected().cloned();
                open(model, session, asks);
            }
        },
        Tab::Live => model.live_whole = !model.live_whole && !model.live.is_empty(),
        Tab::Git => {
            let id = model.git.selected().and_then(|entry| entry.session_id.clone());
            let session =
                id.and_then(|id| model.sessions.all().iter().find(|session| session.id == id)).cloned();
            if session.is_none() {
                model.notice =
                    Some(Said::new(Tone::Faint, "This happened outside of the sessions that are listed."));
            }
            open(model, session, asks);
        }
        Tab::Changes => {}
    }
}

fn open(model: &mut Model, session: Option<contract::Session>, asks: &mut Vec<Ask>) {
    let Some(session) = session else { return };
    model.tab = Tab::Sessions;
    asks.push(Ask::Watch(Some(Box::new(session.clone()))));
    asks.push(Ask::Events(Box::new(session.clone()), None));
    model.open = Some(OpenSession::new(session));
}

/// One step back, and out from the first screen.
fn back(model: &mut Model, asks: &mut Vec<Ask>) {
    let whole = match (&mut model.open, model.tab) {
        (Some(open), Tab::Sessions) => std::mem::take(&mut open.whole),
        (_, Tab::Live) => std::mem::take(&mut model.live_whole),
        _ => false,
    };
    if whole {
    } else if model.tab != Tab::Sessions {
        model.tab = Tab::Sessions;
    } else if model.open.take().is_some() {
        asks.push(Ask::Watch(None));
    } else if model.sessions.filter().is_empty() {
        model.leaving = true;
    } else {
        let height = list_height(model);
        model.sessions.set_filter("", height);
    }
}
