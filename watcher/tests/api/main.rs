//! The watcher over HTTP, against a stand-in for GitHub and the registry. One module per thing it does.

mod helpers;
mod smoke;
