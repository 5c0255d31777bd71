//! What a coding agent gives to its hooks.
//!
//! The modules are built from their files, without the rest of the client.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../cli/src/git_hook/address.rs"]
mod address;
#[path = "../../cli/src/agent_hook/fields.rs"]
mod fields;
#[path = "../../cli/src/agent_hook/payload.rs"]
mod payload;

/// Where the modules look for each other.
mod git_hook {
    pub(crate) use crate::address;
}

mod event {
    /// The rule of the client's module `event`, which needs more than a fuzz target has.
    pub(crate) fn is_session_id(id: &str) -> bool {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        (1..=200).contains(&id.len()) && id.bytes().all(fits) && !matches!(id, "." | "..")
    }
}

/// What somebody wrote.
const WRITTEN: [&str; 12] = [
    "prompt",
    "cwd",
    "command",
    "description",
    "file",
    "path",
    "pattern",
    "url",
    "query",
    "subagent",
    "skill",
    "error",
];

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (open, private) = (payload::read(&text, false), payload::read(&text, true));
    assert_eq!(open.is_ok(), private.is_ok());
    if let Ok(Some(told)) = open {
        assert!(event::is_session_id(&told.session_id));
        let data = serde_json::to_string(&told.data).unwrap_or_else(|error| panic!("{error}"));
        // The escapes of a text can be six times as long as it is; the server takes 512 KiB.
        assert!(data.len() < 500 << 10, "{}", data.len());
    }
    if let Ok(Some(told)) = private {
        assert!(told.transcript.is_none());
        assert!(WRITTEN.iter().all(|key| !told.data.contains_key(*key)), "{:?}", told.data);
    }
});
