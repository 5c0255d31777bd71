//! What people see in a real Chromium, and what nobody may do to them.

mod accessible;
mod changelog;
mod checking;
mod dismissal;
mod faces;
mod foreign_site;
mod hostile;
mod keyboard;
mod languages;
mod live;
mod oddities;
mod page;
mod policies;
mod strangers;

/// Its frame, which is there while it is shown.
pub(crate) const BANNER_FRAME: &str = "update-banner >> [part~=banner]";
/// The widget's root with `data-face`.
pub(crate) const WIDGET_FACE: &str = "version-widget >> [data-face]";

/// A part of the banner.
pub(crate) fn banner(part: &str) -> String {
    format!("update-banner >> [part~={part}]")
}

/// A part of the widget.
pub(crate) fn widget(part: &str) -> String {
    format!("version-widget >> [part~={part}]")
}
