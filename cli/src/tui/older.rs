//! What a list has beyond its last row, and when that is asked for.

/// What is known of older items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Older {
    /// Nothing was read yet.
    #[default]
    Unknown,
    /// There are more from this cursor on.
    From(String),
    /// They were asked for.
    Asked,
    /// There are none, or no more are kept here.
    None,
}

impl Older {
    /// The cursor to ask from, once the selection comes near the end of what was read; it is given once.
    pub fn wanted(&mut self, selected: usize, length: usize, height: usize) -> Option<String> {
        let near_end = selected + 2 * height >= length;
        match self {
            Self::From(cursor) if near_end => {
                let cursor = std::mem::take(cursor);
                *self = Self::Asked;
                Some(cursor)
            }
            _ => None,
        }
    }
}
