//! Git's pkt-lines: four hex digits of length, then the data.

/// A line, or one of the marks between lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packet {
    Line(Vec<u8>),
    Flush,
    Delimiter,
}

/// Appends a line; the end of line is added.
pub(super) fn line(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(format!("{:04x}", text.len() + 5).as_bytes());
    out.extend_from_slice(text);
    out.push(b'\n');
}

/// Appends a flush.
pub(super) fn flush(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0000");
}

/// All packets; `None` if something is none.
pub(super) fn parse(mut input: &[u8]) -> Option<Vec<Packet>> {
    let mut packets = Vec::new();
    while !input.is_empty() {
        let head = std::str::from_utf8(input.get(..4)?).ok()?;
        let length = usize::from_str_radix(head, 16).ok()?;
        let packet = match length {
            0 => Packet::Flush,
            1 => Packet::Delimiter,
            2 | 3 => return None,
            _ => {
                let data = input.get(4..length)?;
                Packet::Line(data.strip_suffix(b"\n").unwrap_or(data).to_vec())
            }
        };
        input = input.get(length.max(4)..)?;
        packets.push(packet);
    }
    Some(packets)
}

#[cfg(test)]
mod tests {
    use super::{Packet, flush, line, parse};

    #[test]
    fn what_is_written_can_be_read() {
        let mut out = Vec::new();
        line(&mut out, b"command=ls-refs");
        out.extend_from_slice(b"0001");
        line(&mut out, b"peel");
        flush(&mut out);
        assert_eq!(&out[..4], b"0014");
        let read = parse(&out).unwrap();
        assert_eq!(read[0], Packet::Line(b"command=ls-refs".to_vec()));
        assert_eq!(read[1..], [Packet::Delimiter, Packet::Line(b"peel".to_vec()), Packet::Flush]);
        assert_eq!(parse(b"0003"), None);
        assert_eq!(parse(b"00ffshort"), None);
    }
}
