//! Can a newer version be installed here? Asks the registry, once per version until it can.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use contract::PendingReason;
use releases::registry::{Availability, ImageName, Registry};
use releases::source::SourceFailure;
use releases::{Release, Version};

use crate::config::Target;
use crate::snapshot::{Held, Snapshot};
use crate::verdict::{forget_old, newer, newest};

/// Releases that the feed shows.
pub const IN_FEED: usize = 30;
/// Newer versions asked about in each check: the highest ones.
const EACH_TIME: usize = 3;
/// Further ones asked about in a check, in turn.
const IN_TURN: usize = 2;
/// Newer versions of which is noted when they were first seen.
const NOTED: usize = 50;
/// An image that was there is looked at again after this.
const BELIEVED: TimeDelta = TimeDelta::hours(6);

/// Notes which newer versions can be installed here.
///
/// # Errors
/// The registry's failure; what was noted before it stands.
pub async fn find_out(
    registry: &Registry,
    target: &Target,
    snapshot: &mut Snapshot,
    now: DateTime<Utc>,
) -> Result<(), SourceFailure> {
    // Without notes and all that.
    let name = |release: &Release| Name { tag: release.tag.clone(), version: release.version.clone() };
    let candidates: Vec<Name> = newer(target, snapshot).into_iter().take(NOTED).map(name).collect();
    note_first_seen(target, snapshot, &candidates, now);
    let Some(image) = &target.image else { return Ok(()) };
    for name in in_turn(snapshot, &candidates, now) {
        let version = name.version.to_string();
        let availability =
            registry.availability(image, &tags(&name.tag, &name.version), &target.platform).await?;
        if note(snapshot, target, image, version, &availability, now) {
            break;
        }
    }
    Ok(())
}

/// A version, and the tag that names it.
struct Name {
    tag: String,
    version: Version,
}

/// Of the newer versions, which may have to cool down, and of those in the feed, which dates them by it.
fn note_first_seen(target: &Target, snapshot: &mut Snapshot, candidates: &[Name], now: DateTime<Utc>) {
    let names: BTreeSet<String> = candidates.iter().map(|name| name.version.to_string()).collect();
    let in_feed = newest(target, snapshot, IN_FEED).into_iter().map(|release| release.version.to_string());
    let noted: BTreeSet<String> = in_feed.chain(names.iter().cloned()).collect();
    for version in &noted {
        snapshot.see(version, now);
    }
    forget_old(snapshot, &names, &noted);
}

/// Whom to ask about now, from the highest down to the first that is known to be installable. Of a long row without
/// images the lower ones have their turns, those first that were not asked about for longest.
fn in_turn<'a>(snapshot: &Snapshot, candidates: &'a [Name], now: DateTime<Utc>) -> Vec<&'a Name> {
    let believed = |name: &&Name| {
        let seen = snapshot.installable.get(name.version.as_str());
        seen.is_some_and(|seen| now - *seen < BELIEVED)
    };
    let open: Vec<&Name> = candidates.iter().take_while(|name| !believed(name)).collect();
    let (highest, rest) = open.split_at(open.len().min(EACH_TIME));
    let mut rest = rest.to_vec();
    rest.sort_by_key(|name| snapshot.held.get(name.version.as_str()).and_then(|held| held.asked));
    rest.truncate(IN_TURN);
    let mut chosen: Vec<&Name> = highest.iter().copied().chain(rest).collect();
    chosen.sort_by(|left, right| right.version.cmp(&left.version));
    chosen
}

/// The tags under which publishers file this version: as the release is called, with and without `v`.
fn tags(tag: &str, version: &Version) -> Vec<String> {
    let mut tags = vec![tag.to_owned(), format!("v{version}"), version.to_string()];
    let mut seen = BTreeSet::new();
    tags.retain(|tag| is_image_tag(tag) && seen.insert(tag.clone()));
    tags
}

/// What the OCI specification allows as a tag.
fn is_image_tag(tag: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (1..=128).contains(&tag.len()) && tag.bytes().all(plain) && !tag.starts_with(['.', '-'])
}

/// Notes what the registry said; tells whether the version can be installed.
fn note(
    snapshot: &mut Snapshot,
    target: &Target,
    image: &ImageName,
    version: String,
    availability: &Availability,
    now: DateTime<Utc>,
) -> bool {
    let (reason, detail) = match availability {
        Availability::Installable { .. } => {
            snapshot.held.remove(&version);
            snapshot.installable.insert(version, now);
            return true;
        }
        Availability::Missing => {
            (PendingReason::ImageMissing, format!("{image} has no image for {version} yet"))
        }
        Availability::PlatformMissing { found } => {
            (PendingReason::PlatformMissing, no_platform(target, image, found))
        }
        Availability::Private => (
            PendingReason::RegistryPrivate,
            format!("{image} cannot be pulled without a login (or does not exist)"),
        ),
    };
    let before = snapshot.held.get(&version).filter(|held| held.reason == reason);
    let since = before.map_or(now, |held| held.since);
    snapshot.installable.remove(&version);
    snapshot.held.insert(version, Held { reason, since, detail, asked: Some(now) });
    false
}

fn no_platform(target: &Target, image: &ImageName, found: &[String]) -> String {
    let platform = &target.platform;
    if found.is_empty() {
        return format!("{image} names no platform at all (an empty index); this is {platform}");
    }
    format!("{image} is there for {} but not for {platform}", found.join(", "))
}

#[cfg(test)]
mod tests {
    use releases::Version;

    use super::tags;

    #[test]
    fn an_image_may_be_tagged_with_and_without_v() {
        let version = Version::parse("v1.3.0").unwrap();
        assert_eq!(tags("v1.3.0", &version), ["v1.3.0", "1.3.0"]);
    }

    #[test]
    fn what_is_no_image_tag_is_not_asked_for() {
        let version = Version::parse("1.3.0+build.5").unwrap();
        assert!(tags("1.3.0+build.5", &version).is_empty());
    }
}
