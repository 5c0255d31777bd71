//! What a message does to the model, and what has to be asked for it.

mod keys;

use contract::{Health, HealthStatus, VersionState};

use super::arrangement::{Arrangement, help_bottom, list_height};
use super::look::Tone;
use super::message::{Ask, Decision, Message, Opened, Place};
use super::model::{Model, Tab};
use super::older::Older;
use super::trouble::Trouble;
use super::update_words::Said;
use super::when;

/// Lets a message take its effect.
pub fn update(model: &mut Model, message: Message) -> Vec<Ask> {
    let mut asks = Vec::new();
    match message {
        Message::Key(key) => keys::press(model, key, &mut asks),
        Message::EscapeAnd(key) => keys::press_after_escape(model, key, &mut asks),
        Message::Resized(columns, rows) => model.size = (columns, rows),
        Message::Time => {}
        Message::Health(health) => take_health(model, health, &mut asks),
        Message::Version(version) => take_version(model, version),
        Message::Forced(version) => take_forced(model, version),
        Message::Sessions(place, page) => take_sessions(model, place, page, &mut asks),
        Message::Activity(place, page) => {
            let (next, height) = (page.next_cursor.clone(), height_of(model, Tab::Git));
            let grew = model.git.take(page, height);
            if place != Place::Newest {
                model.git.take_end(next.filter(|_| grew));
            }
        }
        Message::NoLists(trouble) => model.sessions.trouble = Some(trouble),
        Message::NoPage(ask, trouble) => {
            // Asked for again when the lists are read again, not before.
            match ask {
                Ask::Sessions(cursor) => model.sessions.older = Older::From(cursor),
                Ask::Activity(cursor) => model.git.older = Older::From(cursor),
                _ => {}
            }
            model.sessions.trouble = Some(trouble);
        }
        Message::Live(lines) => take_live(model, lines),
        Message::Opened(id, opened) => take_opened(model, &id, opened),
        Message::Changes(Ok(page)) => model.changes.take(&page, model.zone),
        Message::Changes(Err(trouble)) => {
            model.changes.asked = false;
            model.changes.trouble = Some(trouble);
        }
        Message::Decided(decision, result) => take_decided(model, &decision, result),
        Message::Waiting(waiting) => model.waiting = waiting,
    }
    model.dirty = true;
    settle(model);
    ask_for_more(model, &mut asks);
    asks
}

/// Brings every selection back into its list, which may be shorter or less high now.
fn settle(model: &mut Model) {
    let height = list_height(model);
    if let Some(arrangement) = Arrangement::of(model.size) {
        model.changes.fit(usize::from(arrangement.body.width).saturating_sub(2));
    }
    model.help = model.help.map(|top| top.min(help_bottom(model.size)));
    model.changes.settle(height);
    match model.tab {
        Tab::Sessions => match &mut model.open {
            Some(open) => open.events.settle(height),
            None => model.sessions.settle(height),
        },
        Tab::Live => model.live.settle(height),
        Tab::Git => model.git.settle(height),
        Tab::Changes => {}
    }
}

/// Asks for what is nearly in sight.
fn ask_for_more(model: &mut Model, asks: &mut Vec<Ask>) {
    let height = list_height(model);
    let read = model.lists_trouble().is_none();
    match model.tab {
        Tab::Sessions => match &mut model.open {
            Some(open) if open.wants_older(height) => {
                open.asked = true;
                asks.push(Ask::Events(Box::new(open.session.clone()), open.from));
            }
            Some(_) => {}
            None if read => asks.extend(model.sessions.wants_older(height).map(Ask::Sessions)),
            None => {}
        },
        Tab::Git if read => asks.extend(model.git.wants_older(height).map(Ask::Activity)),
        Tab::Changes if model.update_check => asks.extend(model.changes.wants_page(height).map(Ask::Changes)),
        Tab::Live | Tab::Git | Tab::Changes => {}
    }
}

/// The height of a tab's list, also while another one is seen.
fn height_of(model: &Model, tab: Tab) -> usize {
    if model.tab == tab { list_height(model) } else { 1 }
}

fn take_health(model: &mut Model, health: Result<Health, Trouble>, asks: &mut Vec<Ask>) {
    let server = &mut model.server;
    let before = (server.state(), server.trouble.as_ref().map(|trouble| trouble.kind));
    match health {
        Ok(health) => {
            server.health = Some(health);
            server.trouble = None;
        }
        Err(trouble) => server.trouble = Some(trouble),
    }
    let after = (server.state(), server.trouble.as_ref().map(|trouble| trouble.kind));
    if before != after {
        server.since = Some(model.now);
        let is_back = matches!(before, (None | Some(HealthStatus::Down | HealthStatus::Migrating), _));
        if is_back
            && matches!(after, (Some(HealthStatus::Ok | HealthStatus::Degraded), _))
            && model.lists_trouble().is_some()
        {
            asks.push(Ask::Refresh);
        }
    }
}

fn take_version(model: &mut Model, version: Result<VersionState, Trouble>) {
    match version {
        Ok(state) => {
            let known = model.server.version.as_ref();
            let moved =
                known.is_none_or(|known| (&known.current, &known.latest) != (&state.current, &state.latest));
            if moved || model.changes.trouble.is_some() {
                model.changes.forget();
            }
            model.server.version = Some(state);
            model.server.version_trouble = None;
        }
        Err(trouble) => model.server.version_trouble = Some(trouble),
    }
}

fn take_forced(model: &mut Model, version: Result<VersionState, Trouble>) {
    model.forcing = false;
    let said = match &version {
        Ok(state) => forced_words(state, model),
        Err(trouble) => Said::new(Tone::Alarm, trouble.text.clone()),
    };
    model.notice = Some(said);
    take_version(model, version);
}

fn forced_words(state: &VersionState, model: &Model) -> Said {
    let found = super::update_words::indicator(state, model.now).text;
    match (state.forced, state.retry_after_seconds, &state.error) {
        (false, Some(seconds), _) => {
            let wait =
                when::span(chrono::TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1000)));
            Said::new(
                Tone::Notice,
                format!("Not yet: the next check can be asked for in {wait}. Known until now: {found}"),
            )
        }
        (_, _, Some(error)) => Said::new(Tone::Notice, format!("Could not check: {}", error.message)),
        (true, ..) => Said::new(Tone::Good, format!("Checked just now: {found}")),
        (false, None, None) => Said::new(Tone::Plain, format!("Nothing newer was asked for: {found}")),
    }
}

fn take_sessions(
    model: &mut Model,
    place: Place,
    page: contract::Page<contract::Session>,
    asks: &mut Vec<Ask>,
) {
    model.sessions.trouble = None;
    if let Some(open) = &mut model.open
        && let Some(session) = page.items.iter().find(|session| session.id == open.session.id)
    {
        open.session = session.clone();
        if open.trouble.take().is_some() && open.from.is_none() {
            open.asked = true;
            asks.push(Ask::Events(Box::new(open.session.clone()), None));
        }
    }
    let (next, height) = (page.next_cursor.clone(), height_of(model, Tab::Sessions));
    let before = model.sessions.all().len();
    model.sessions.take(page, height);
    let grew = model.sessions.all().len() > before;
    if place != Place::Newest {
        // A server that only repeats itself would be asked for ever.
        model.sessions.take_end(next.filter(|_| grew));
    }
}

fn take_live(model: &mut Model, lines: Vec<super::event_line::EventLine>) {
    let height = list_height(model);
    if let Some(open) = &mut model.open {
        let own = |line: &&super::event_line::EventLine| {
            line.session_id.as_deref() == Some(open.session.id.as_str())
        };
        let own: Vec<_> = lines.iter().filter(own).cloned().collect();
        open.events.take(own, height);
    }
    model.live.take(lines, height);
}

fn take_opened(model: &mut Model, id: &str, opened: Opened) {
    let height = list_height(model);
    let Some(open) = model.open.as_mut().filter(|open| open.session.id == id) else { return };
    open.asked = false;
    match opened {
        Ok((lines, from)) => {
            let told = !lines.is_empty();
            let grew = open.events.take(lines, height);
            // The same events again are no older ones: then there are none.
            let repeats = told && !grew && open.from.is_some();
            open.from = Some(if repeats { open.session.first_event_at } else { from });
            open.trouble = None;
        }
        Err(trouble) => open.trouble = Some(trouble),
    }
}

fn take_decided(model: &mut Model, decision: &Decision, result: Result<Option<VersionState>, Trouble>) {
    let said = match (&result, decision) {
        (Err(trouble), _) => Said::new(Tone::Alarm, trouble.text.clone()),
        (Ok(state), Decision::Skip(version)) => {
            let hidden =
                state.as_ref().is_none_or(|state| state.skipped.as_deref() == Some(version.as_str()));
            if hidden {
                Said::new(
                    Tone::Good,
                    format!("{version} is skipped until there is something newer; S takes it back."),
                )
            } else {
                Said::new(
                    Tone::Notice,
                    format!("{version} is noted as skipped, but still shown: a security fix outranks that."),
                )
            }
        }
        (Ok(_), Decision::Unskip) => Said::new(Tone::Good, "No version is skipped now."),
    };
    model.notice = Some(said);
    if let Ok(Some(state)) = result {
        take_version(model, Ok(state));
    }
}
