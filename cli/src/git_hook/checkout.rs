//! `post-checkout`: another branch or commit. Arguments: where `HEAD` was, where it is, and whether it moved at all.

use serde_json::Map;

use super::commit::insert_branch;
use super::observe::{Scene, Told};

const MOVING: &str = "checkout: moving from ";

pub(super) fn told(scene: &Scene<'_>) -> Told {
    let (was, is, flag) = (scene.argument(0)?, scene.argument(1)?, scene.argument(2)?);
    // `0` is files that were taken from a commit. A rebase goes to where it starts; nobody works there.
    if flag != "1" || scene.git_dir.is_rebasing() {
        return None;
    }
    let names = scene.git_dir.last_move().filter(|last| last.to == is).and_then(|last| names(&last.why));
    if was == is && names.as_ref().is_none_or(|(from, to)| from == to) {
        return None;
    }
    let mut data = Map::new();
    insert_branch(&mut data, scene);
    data.insert("to".into(), is.clone().into());
    data.insert("sha".into(), is.into());
    // A new clone comes from nowhere.
    if !was.bytes().all(|byte| byte == b'0') {
        data.insert("from".into(), was.into());
    }
    if let Some((from, _)) = names {
        data.insert("fromBranch".into(), from.into());
    }
    Some(("git.checkout", data))
}

/// Both ends of `checkout: moving from main to topic`. No branch has a space in its name.
fn names(why: &str) -> Option<(String, String)> {
    let (from, to) = why.strip_prefix(MOVING)?.split_once(" to ")?;
    Some((from.to_owned(), to.to_owned()))
}
