//! Claude Code: what happened, told from the JSON that it gives to its hooks, and its settings, in which they stand.
//!
//! The interface is <https://code.claude.com/docs/en/hooks>: one JSON object on standard input, nothing on standard
//! output, exit code 0. Whatever it says is taken for text of strangers.

mod fields;
pub mod payload;
pub mod settings;
pub mod settings_file;
pub mod transcript;

/// The hooks that tell something, as the agent names them.
pub const TOLD: [&str; 5] =
    ["SessionStart", "UserPromptSubmit", "PostToolUse", "PostToolUseFailure", "SessionEnd"];
