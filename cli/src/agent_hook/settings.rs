//! Our entries in the text of the agent's settings. The text is edited where they go and stays as it is everywhere else:
//! order, indentation, numbers, keys that nobody here knows.

mod text;

use serde_json::{Value, json};

use super::TOLD;
use text::{Node, Style};

/// The agent gives up on us after this many seconds; we need a fraction of one.
const TIMEOUT_SECONDS: u64 = 5;

/// Why the settings are left alone.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// They are no JSON.
    #[error("is no valid JSON, at line {} column {}: {}", .0.line(), .0.column(), reason(.0))]
    Json(serde_json::Error),
    /// They are JSON of another kind.
    #[error("has {place} that is not {expected}, so there is no place for a hook")]
    Shape {
        /// Where.
        place: String,
        /// What the agent documents.
        expected: &'static str,
    },
    /// The agent may forgive it; what we write must not depend on that.
    #[error("begins with a byte order mark, which JSON does not have; save it without")]
    Mark,
    /// Our own edit went wrong.
    #[error("would not come out as meant, and is left alone; please report this")]
    Edit,
}

/// The message without the place, which is told already.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

/// The settings with one entry of ours for each hook. `text` is none if there are no settings yet.
///
/// # Errors
/// If there is no place for them.
pub fn add(text: Option<&str>, command: &str) -> Result<String, SettingsError> {
    let current = text.unwrap_or_default();
    let blank = current.trim().is_empty();
    if !blank && commands(current)? == vec![command.to_owned(); TOLD.len()] {
        return Ok(current.to_owned());
    }
    let mut edited = if blank { "{\n}\n".to_owned() } else { remove(current)? };
    let style = Style::of(&edited);
    for hook in TOLD {
        edited = add_one(&edited, &style, hook, command)?;
    }
    let before = if blank { json!({}) } else { parse(current)? };
    let same = without_ours(parse(&edited)?) == without_ours(before);
    if same && commands(&edited)?.len() == TOLD.len() { Ok(edited) } else { Err(SettingsError::Edit) }
}

/// The settings without our entries.
///
/// # Errors
/// If they are no settings.
pub fn remove(text: &str) -> Result<String, SettingsError> {
    let mut edited = text.to_owned();
    while let Some(shorter) = remove_one(&edited)? {
        edited = shorter;
    }
    let same = without_ours(parse(&edited)?) == without_ours(parse(text)?);
    if same && commands(&edited)?.is_empty() { Ok(edited) } else { Err(SettingsError::Edit) }
}

/// Our commands in the settings, in order.
///
/// # Errors
/// If they are no settings.
pub fn commands(text: &str) -> Result<Vec<String>, SettingsError> {
    let mut found = Vec::new();
    for (_, groups) in events(&parse(text)?) {
        for group in groups.as_array().into_iter().flatten() {
            let handlers = group["hooks"].as_array().into_iter().flatten();
            let ours =
                handlers.filter_map(|handler| handler["command"].as_str()).filter(|text| is_ours(text));
            found.extend(ours.map(str::to_owned));
        }
    }
    Ok(found)
}

/// Whether the agent is told to run no hooks at all.
#[must_use]
pub fn are_off(text: &str) -> bool {
    parse(text).is_ok_and(|settings| settings["disableAllHooks"] == true)
}

fn is_ours(command: &str) -> bool {
    command.contains("remote-agent") && command.contains(" hook claude-code run")
}

fn parse(text: &str) -> Result<Value, SettingsError> {
    if text.starts_with('\u{feff}') {
        return Err(SettingsError::Mark);
    }
    let settings: Value = serde_json::from_str(text).map_err(SettingsError::Json)?;
    if settings.is_object() { Ok(settings) } else { Err(shape("a top level", "an object")) }
}

fn shape(place: &str, expected: &'static str) -> SettingsError {
    SettingsError::Shape { place: place.to_owned(), expected }
}

fn events(settings: &Value) -> impl Iterator<Item = (&String, &Value)> {
    settings["hooks"].as_object().into_iter().flatten()
}

/// The settings as if we had never been there, so that two can be compared.
fn without_ours(mut settings: Value) -> Value {
    // Indexing would add what is not there, and panics where there is something else.
    let Some(events) = settings.get_mut("hooks").and_then(Value::as_object_mut) else { return settings };
    for groups in events.values_mut().filter_map(Value::as_array_mut) {
        for handlers in groups.iter_mut().filter_map(|group| group.get_mut("hooks")?.as_array_mut()) {
            handlers.retain(|handler| !handler["command"].as_str().is_some_and(is_ours));
        }
        groups.retain(|group| group["hooks"].as_array().is_none_or(|handlers| !handlers.is_empty()));
    }
    events.retain(|_, groups| groups.as_array().is_none_or(|groups| !groups.is_empty()));
    if events.is_empty()
        && let Some(settings) = settings.as_object_mut()
    {
        settings.remove("hooks");
    }
    settings
}

fn add_one(text: &str, style: &Style, hook: &str, command: &str) -> Result<String, SettingsError> {
    let entry = json!({"type": "command", "command": command, "timeout": TIMEOUT_SECONDS});
    let group = json!({"hooks": [entry]});
    let root = Node::root(text).map_err(SettingsError::Json)?;
    let Some(hooks) = root.member("hooks") else {
        return Ok(root.insert(style, 1, Some("hooks"), &json!({hook: [group]})));
    };
    if !hooks.is_object() {
        return Err(shape("`hooks`", "an object"));
    }
    let Some(groups) = hooks.member(hook) else {
        return Ok(hooks.insert(style, 2, Some(hook), &json!([group])));
    };
    if !groups.is_array() {
        return Err(shape(&format!("`hooks.{hook}`"), "a list"));
    }
    Ok(groups.insert(style, 3, None, &group))
}

/// The text without the first of our entries, and without what held nothing else; none if there is none.
fn remove_one(text: &str) -> Result<Option<String>, SettingsError> {
    parse(text)?;
    let root = Node::root(text).map_err(SettingsError::Json)?;
    let Some(hooks) = root.member("hooks").filter(Node::is_object) else { return Ok(None) };
    for event in 0..hooks.len() {
        let groups = hooks.child(event);
        for group in 0..groups.len() {
            let Some(handlers) = groups.child(group).member("hooks").filter(Node::is_array) else { continue };
            let ours =
                |place: &usize| handlers.child(*place).text_of("command").is_some_and(|text| is_ours(&text));
            let Some(place) = (0..handlers.len()).find(ours) else { continue };
            let shorter = match (handlers.len(), groups.len(), hooks.len()) {
                (1, 1, 1) => root.without("hooks"),
                (1, 1, _) => hooks.without_child(event),
                (1, _, _) => groups.without_child(group),
                _ => handlers.without_child(place),
            };
            return Ok(Some(shorter));
        }
    }
    Ok(None)
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
