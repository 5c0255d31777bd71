//! Text that others wrote, made safe: Markdown to sanitised HTML, and lines for a terminal or a log.

mod depth;
mod html;

#[cfg(test)]
mod tests;

pub use contract::terminal::{cap, for_terminal, one_line};
pub use html::{MAX_RENDERED_BYTES, sanitise_html, to_html};
pub(crate) use html::{bounded, markdown_options};
