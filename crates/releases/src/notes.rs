//! Text that others wrote, made safe: Markdown to sanitised HTML, and lines for a terminal or a log.

mod html;
mod terminal;
#[cfg(test)]
mod tests;

pub(crate) use html::markdown_options;
pub use html::{MAX_RENDERED_BYTES, sanitise_html, to_html};
pub use terminal::{cap, for_terminal, one_line};
