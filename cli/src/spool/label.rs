//! Which server a spool is for, and in which format it is written: a small file in its folder.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::SpoolError;
use super::folder::{read_small, write_small};

/// Holds it.
const NAME: &str = "spool.json";
/// The format of segments and lines. A program that does not know it must not touch them.
const FORMAT: u32 = 1;
/// The folder of what was kept while no server was known.
const NO_SERVER: &str = "no-server";

#[derive(Serialize, Deserialize)]
struct Label {
    format: u32,
    address: Option<String>,
}

/// The name of the folder for a server: what a person recognises, and what no other address has.
pub(super) fn folder_of(address: Option<&str>) -> String {
    let Some(address) = address else { return NO_SERVER.to_owned() };
    let plain = address.split("://").nth(1).unwrap_or(address);
    let plain: String = plain
        .chars()
        .map(|next| if next.is_ascii_alphanumeric() || next == '.' { next } else { '-' })
        .take(60)
        .collect();
    let hash = Sha256::digest(address.as_bytes());
    let hash: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", plain.trim_start_matches('.'))
}

/// Labels a new spool, and refuses one that a newer version has written.
pub(super) fn check(folder: &Path, address: Option<&str>) -> Result<(), SpoolError> {
    let path = folder.join(NAME);
    match read(folder) {
        Some(label) if label.format > FORMAT => Err(SpoolError::Newer(folder.to_owned())),
        Some(label) if label.address.as_deref() == address => Ok(()),
        _ => {
            let label = Label { format: FORMAT, address: address.map(str::to_owned) };
            let json = serde_json::to_string(&label).map_err(super::line::LineError::Json)?;
            write_small(&path, &json).map_err(SpoolError::io("write", &path))
        }
    }
}

/// The spools below this folder, with their addresses, by name.
pub(super) fn find(folder: &Path) -> Vec<(PathBuf, Option<String>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .flatten()
        .filter_map(|entry| {
            let label = read(&entry.path())?;
            // One that somebody changed names another's.
            let own = entry.file_name() == folder_of(label.address.as_deref()).as_str();
            (own && label.format <= FORMAT).then(|| (entry.path(), label.address))
        })
        .collect();
    found.sort();
    found
}

fn read(folder: &Path) -> Option<Label> {
    serde_json::from_str(&read_small(&folder.join(NAME))?).ok()
}
