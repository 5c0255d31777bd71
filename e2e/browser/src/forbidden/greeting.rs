//! Whom a connection was meant for, by its first bytes: the name in TLS's greeting, or HTTP's first line and host.

/// In one line; `None` where nothing was said.
pub(super) fn addressee(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        return None;
    }
    if let Some(name) = server_name(bytes) {
        return Some(format!("https://{name}/"));
    }
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().next().unwrap_or_default().to_owned();
    let host =
        text.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("host:").map(str::to_owned));
    Some(match host {
        Some(host) => format!("http://{} {line}", host.trim()),
        None => format!("{} bytes that name nobody", bytes.len()),
    })
}

/// The server's name in a ClientHello of TLS.
fn server_name(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader(bytes);
    if reader.take(1)? != [22] {
        return None;
    }
    // Version and length of the record; kind and length of the message; version and random number.
    reader.take(4 + 4 + 34)?;
    reader.block::<1>()?;
    reader.block::<2>()?;
    reader.block::<1>()?;
    let mut extensions = Reader(reader.rest_of_block()?);
    loop {
        let kind = extensions.number::<2>()?;
        let body = extensions.block::<2>()?;
        if kind == 0 {
            // Length of the list, kind of the name, then the name.
            let mut names = Reader(body);
            names.take(3)?;
            return names.block::<2>().map(|name| String::from_utf8_lossy(name).into_owned());
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number<const BYTES: usize>(&mut self) -> Option<usize> {
        Some(self.take(BYTES)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// What a length of so many bytes stands before.
    fn block<const LENGTH: usize>(&mut self) -> Option<&'a [u8]> {
        let length = self.number::<LENGTH>()?;
        self.take(length)
    }

    /// The same for two bytes, where the end may not have come yet.
    fn rest_of_block(&mut self) -> Option<&'a [u8]> {
        let length = self.number::<2>()?;
        Some(&self.0[..length.min(self.0.len())])
    }
}
