//! The terminal interface: sessions, live events, git activity, changes.
//!
//! `model`, `update` and `view` are pure: messages change the model, the view draws it, and what has to be asked of the
//! server is told, not done. Threads do the asking and the listening, and send messages. Everything foreign passes
//! `pen`, the only way of text into cells.

pub mod answer;
pub mod arrangement;
pub mod changes;
pub mod columns;
pub mod cursor;
pub mod event_line;
pub mod events;
pub mod frame_writer;
pub mod git;
pub mod happening;
pub mod key;
pub mod keyboard;
pub mod look;
pub mod message;
pub mod model;
pub mod notes;
pub mod older;
pub mod open_session;
pub mod pen;
pub mod read_events;
pub mod run;
pub mod screen;
pub mod sessions;
pub mod text;
pub mod threads;
pub mod trouble;
pub mod update;
pub mod update_words;
pub mod view;
pub mod watch_lists;
pub mod watch_server;
pub mod when;
