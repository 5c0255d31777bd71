//! The address of a remote as people may see it.

use url::Url;

/// The user that every account of a git host shares.
const SHARED_USER: &str = "git";
/// Longer ones are somebody's joke.
const LONGEST: usize = 2000;

/// The address without user, password and query; `None` if it cannot be told whether a secret is in it.
#[must_use]
pub fn without_secrets(address: &str) -> Option<String> {
    if address.is_empty() || address.len() > LONGEST || address.chars().any(char::is_control) {
        return None;
    }
    if address.contains("://") {
        return url_without_secrets(address);
    }
    // What stands behind `helper::` means something to that helper only.
    if address.contains("::") {
        return None;
    }
    // A path has no user; `user@host:path` has one.
    if address.starts_with(['/', '.', '~']) {
        return Some(address.to_owned());
    }
    Some(match address.rsplit_once('@') {
        Some((user, host)) if user != SHARED_USER => host.to_owned(),
        _ => address.to_owned(),
    })
}

fn url_without_secrets(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    let keeps_user = url.scheme().ends_with("ssh") && url.username() == SHARED_USER;
    // A `file:` address has no place for them, and refuses even to have them taken away.
    if !url.username().is_empty() || url.password().is_some() {
        url.set_password(None).ok()?;
        url.set_username(if keeps_user { SHARED_USER } else { "" }).ok()?;
    }
    url.set_query(None);
    url.set_fragment(None);
    // An `@` further behind was meant to end a user: `https://me/secret@host`.
    let doubtful = url.path().contains('@') || url.as_str().contains("%40");
    if doubtful { None } else { Some(url.into()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_told_without_what_opens_it() {
        for (address, told) in [
            ("https://example.org/a/b.git", Some("https://example.org/a/b.git")),
            ("https://ada:SECRET@example.org/a.git", Some("https://example.org/a.git")),
            ("https://SECRET@example.org/a.git", Some("https://example.org/a.git")),
            ("https://example.org/a.git?private_token=SECRET#SECRET", Some("https://example.org/a.git")),
            ("ssh://git@example.org:2222/a", Some("ssh://git@example.org:2222/a")),
            ("ssh://ada:SECRET@example.org/a", Some("ssh://example.org/a")),
            ("git@example.org:a/b.git", Some("git@example.org:a/b.git")),
            ("ada@example.org:a", Some("example.org:a")),
            ("/srv/git/ä b.git", Some("/srv/git/ä b.git")),
            ("../up.git", Some("../up.git")),
            ("file:///srv/a.git", Some("file:///srv/a.git")),
            ("https://ada/SECRET@example.org/a", None),
            ("https://ada:SEC/RET@example.org/a", None),
            ("ext::ssh SECRET", None),
            ("a\nb", None),
            ("", None),
        ] {
            assert_eq!(without_secrets(address).as_deref(), told, "{address}");
        }
    }

    proptest! {
        #[test]
        fn a_password_never_stays(user in "[a-z]{0,5}", host in "[a-z]{1,8}", path in "[a-z/.]{0,12}") {
            let told = without_secrets(&format!("https://{user}:Zq9Zq9@{host}.org/{path}"));
            prop_assert!(!told.unwrap_or_default().contains("Zq9Zq9"));
        }

        #[test]
        fn nothing_makes_it_panic(address in r#"([a-z]|:|/|@|%40|\?|#|::|://|[ -~]|ä){0,40}"#) {
            let _ = without_secrets(&address);
        }
    }
}
