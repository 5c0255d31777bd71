//! Every repository and image there is, by name.

use std::collections::HashMap;

use crate::registry::Image;
use crate::repo::Repo;
use crate::text::sha256_hex;

/// Repositories and images.
#[derive(Default)]
pub(crate) struct World {
    repos: HashMap<u64, Repo>,
    /// Current names, in lower case.
    names: HashMap<String, u64>,
    /// Former names, in lower case.
    moved: HashMap<String, u64>,
    images: HashMap<String, Image>,
    /// Counts releases, assets and advisories, for their ids.
    next_id: u64,
}

/// Where a name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// To the repository of that name.
    Here(u64),
    /// To one that had that name.
    Moved(u64),
    /// Nowhere.
    Nothing,
}

impl World {
    /// The repository of that name, made if there is none.
    pub(crate) fn open_repo(&mut self, owner: &str, name: &str) -> u64 {
        match self.find(owner, name) {
            Found::Here(id) | Found::Moved(id) => return id,
            Found::Nothing => {}
        }
        let key = key(owner, name);
        let mut id = repo_id(&key);
        while self.repos.contains_key(&id) {
            id += 1;
        }
        self.repos.insert(id, Repo::new(id, owner, name));
        self.names.insert(key, id);
        id
    }

    pub(crate) fn find(&self, owner: &str, name: &str) -> Found {
        let key = key(owner, name);
        match (self.names.get(&key), self.moved.get(&key)) {
            (Some(id), _) => Found::Here(*id),
            (None, Some(id)) => Found::Moved(*id),
            (None, None) => Found::Nothing,
        }
    }

    pub(crate) fn repo(&self, id: u64) -> Option<&Repo> {
        self.repos.get(&id)
    }

    pub(crate) fn repo_mut(&mut self, id: u64) -> Option<&mut Repo> {
        self.repos.get_mut(&id)
    }

    /// Gives a repository another name; the old one leads there from now on.
    pub(crate) fn rename(&mut self, id: u64, owner: &str, name: &str) {
        let Some(repo) = self.repos.get_mut(&id) else { return };
        let old = key(&repo.owner, &repo.name);
        repo.rename(owner, name);
        self.names.remove(&old);
        self.moved.insert(old, id);
        self.moved.remove(&key(owner, name));
        self.names.insert(key(owner, name), id);
    }

    pub(crate) fn delete(&mut self, id: u64) {
        self.repos.remove(&id);
        self.names.retain(|_, other| *other != id);
        self.moved.retain(|_, other| *other != id);
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn image_mut(&mut self, name: &str) -> &mut Image {
        self.images.entry(name.to_ascii_lowercase()).or_default()
    }

    pub(crate) fn image(&self, name: &str) -> Option<&Image> {
        self.images.get(name)
    }
}

fn key(owner: &str, name: &str) -> String {
    format!("{owner}/{name}").to_ascii_lowercase()
}

/// Nine digits made from the name, so that they are the same in every run.
fn repo_id(key: &str) -> u64 {
    let hex = sha256_hex(key.as_bytes());
    100_000_000 + u64::from_str_radix(&hex[..8], 16).unwrap_or(0) % 800_000_000
}
