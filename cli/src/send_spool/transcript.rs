//! A transcript on its way: its digest first, then its bytes, and only those that the digest was made of.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Outcome, Rejected, Stop};
use crate::server_client::{ClientError, ServerClient};
use crate::spool::{Kept, Place, Sender};

/// An agent that writes over its transcript meanwhile is given this many more chances.
const MORE_CHANCES: u32 = 2;

/// Sends one, or sets it aside if that can never succeed.
pub(super) fn send(
    sender: &mut Sender,
    client: &ServerClient,
    kept: &Kept,
    place: Place,
    outcome: &mut Outcome,
) -> Result<(), Stop> {
    match upload(sender, client, kept) {
        Ok(()) => outcome.transcripts += 1,
        Err(Failure::Server(error)) => return Err(error.into()),
        Err(Failure::Final(reason)) => {
            sender.set_transcript_aside(kept, &reason)?;
            outcome.set_aside.push(Rejected { id: None, reason });
        }
    }
    sender.let_go(place)?;
    sender.remove(kept);
    Ok(())
}

enum Failure {
    /// Tried again later.
    Server(ClientError),
    /// Never.
    Final(String),
}

fn upload(sender: &Sender, client: &ServerClient, kept: &Kept) -> Result<(), Failure> {
    let told = |what: &str| {
        Failure::Final(format!("transcript of session {} ({}): {what}", kept.session_id, kept.from))
    };
    let Some(path) = sender.path_of(kept) else {
        return Err(told(kept.trouble.as_deref().unwrap_or("it was not kept")));
    };
    let mut chances = MORE_CHANCES;
    loop {
        let (file, bytes, sha256) = open(&path).map_err(|error| told(&error.to_string()))?;
        let sent = client.put_transcript(&kept.session_id, file, bytes, &sha256, &kept.content_type);
        match sent {
            Ok(_) => return Ok(()),
            Err(ClientError::Refused { status: 422, .. }) if chances > 0 => chances -= 1,
            Err(error) => {
                return Err(match error.is_about_the_request() {
                    Some(reason) => told(&reason),
                    None => Failure::Server(error),
                });
            }
        }
    }
}

/// The file at its beginning, how much of it is meant, and the digest of that.
fn open(path: &Path) -> io::Result<(File, u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 64 << 10]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((File::open(path)?, bytes, sha256))
}
