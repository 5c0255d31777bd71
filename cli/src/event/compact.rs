//! JSON without white space between its parts: one event is one line of the spool.

/// Deepest nesting of objects and lists that the server takes.
pub const DEEPEST: usize = 64;

/// Takes the white space out of valid JSON; `None` if it is nested deeper than [`DEEPEST`]. Strings, numbers and the
/// order of keys stay as they are written.
pub(super) fn compact(json: &str) -> Option<String> {
    let mut out = Vec::with_capacity(json.len());
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => continue,
                b'"' => in_string = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEEPEST {
                return None;
            }
        }
        out.push(byte);
    }
    // Whole ASCII bytes were left out, so what is left is UTF-8.
    String::from_utf8(out).ok()
}
