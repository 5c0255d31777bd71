//! Names that clients choose: which are taken.

/// Longest name, in bytes.
pub const LONGEST: usize = 200;

/// Why a name is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing in it.
    #[error("must not be empty")]
    Empty,
    /// More than [`LONGEST`] bytes.
    #[error("must be at most {LONGEST} bytes long")]
    Long,
    /// A character that no name has.
    #[error("must not hold control characters")]
    Control,
    /// A character that no session id has.
    #[error("may hold letters, digits and `-_.:` only, and must not be `.` or `..`")]
    SessionId,
}

/// A name for people: a workspace, a device.
///
/// # Errors
/// If it is empty, too long, or holds control characters.
pub fn name(text: &str) -> Result<(), TextError> {
    if text.is_empty() {
        Err(TextError::Empty)
    } else if text.len() > LONGEST {
        Err(TextError::Long)
    } else if text.chars().any(char::is_control) {
        Err(TextError::Control)
    } else {
        Ok(())
    }
}

/// The id of a session: it stands in addresses and, hashed, in the names of blobs.
///
/// # Errors
/// If it is empty, too long, or holds other characters than letters, digits and `-_.:`.
pub fn session_id(text: &str) -> Result<(), TextError> {
    name(text)?;
    let fits = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    if fits && text != "." && text != ".." { Ok(()) } else { Err(TextError::SessionId) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_is_safe_in_a_path() {
        assert_eq!(session_id("0b6e-4f.A_:1"), Ok(()));
        for wrong in ["a/b", "a b", "é", "..", ".", "a%2f"] {
            assert_eq!(session_id(wrong), Err(TextError::SessionId), "{wrong}");
        }
        assert_eq!(session_id(""), Err(TextError::Empty));
        assert_eq!(session_id("a\0"), Err(TextError::Control));
        assert_eq!(session_id(&"a".repeat(201)), Err(TextError::Long));
    }
}
