//! Where a repository came from, as its `config` says, without the secrets that people leave in addresses.

use url::Url;

/// Longest address that is told.
const LONGEST: usize = 1_000;
/// The user of nearly every git server; any other name may be a token.
const USER: &str = "git";

/// The address of `origin`, else of the only remote.
pub(super) fn of(config: &str) -> Option<String> {
    let remotes = remotes(config);
    let origin = remotes.iter().find(|(name, _)| name == "origin");
    let (_, url) = origin.or(if let [only] = remotes.as_slice() { Some(only) } else { None })?;
    shown(url)
}

/// Names and first addresses.
fn remotes(config: &str) -> Vec<(String, String)> {
    let mut remotes: Vec<(String, String)> = Vec::new();
    let mut section: Option<String> = None;
    for line in config.lines() {
        let mut line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let Some((name, rest)) = header.split_once(']') else { continue };
            section = remote(name);
            line = rest.trim();
        }
        let (Some(name), Some((key, address))) = (&section, line.split_once('=')) else { continue };
        if key.trim().eq_ignore_ascii_case("url") && !remotes.iter().any(|(known, _)| known == name) {
            remotes.push((name.clone(), value(address.trim())));
        }
    }
    remotes
}

/// The name in `remote "NAME"`.
fn remote(section: &str) -> Option<String> {
    let (kind, name) = section.split_once(char::is_whitespace)?;
    let name = name.trim().strip_prefix('"')?.strip_suffix('"')?;
    kind.eq_ignore_ascii_case("remote").then(|| name.to_owned())
}

/// A value without quotes, and without the comment after it.
fn value(text: &str) -> String {
    let (mut out, mut quoted, mut letters) = (String::new(), false, text.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' => out.extend(letters.next()),
            '#' | ';' if !quoted => break,
            _ => out.push(letter),
        }
    }
    out.trim().to_owned()
}

/// The address as people may see it; `None` if it cannot be told whether a secret is in it.
fn shown(address: &str) -> Option<String> {
    if address.is_empty() || address.len() > LONGEST || address.chars().any(char::is_control) {
        return None;
    }
    if address.contains("://") {
        return shown_url(address);
    }
    // `helper::anything` is up to the helper.
    if address.contains("::") {
        return None;
    }
    let is_path = address.starts_with(['/', '.', '~']);
    match address.rsplit_once('@') {
        Some((user, _)) if !is_path && user == USER => Some(address.to_owned()),
        Some((_, host)) if !is_path => Some(host.to_owned()),
        _ => Some(address.to_owned()),
    }
}

fn shown_url(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    if !url.username().is_empty() || url.password().is_some() {
        let user = if url.scheme().ends_with("ssh") && url.username() == USER { USER } else { "" };
        url.set_password(None).ok()?;
        url.set_username(user).ok()?;
    }
    url.set_query(None);
    url.set_fragment(None);
    // What stands before an `@` here was meant as a user by whoever wrote `https://user/secret@host`.
    if url.path().contains('@') || url.as_str().contains("%40") { None } else { Some(url.into()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_told_without_secrets() {
        for (address, told) in [
            ("https://github.com/a/b.git", Some("https://github.com/a/b.git")),
            ("https://me:SECRET@github.com/a/b.git", Some("https://github.com/a/b.git")),
            ("https://SECRET@github.com/a/b.git", Some("https://github.com/a/b.git")),
            ("https://github.com/a/b.git?token=SECRET#SECRET", Some("https://github.com/a/b.git")),
            ("ssh://git@host:2222/a/b", Some("ssh://git@host:2222/a/b")),
            ("ssh://me:SECRET@host/a", Some("ssh://host/a")),
            ("git@github.com:a/b.git", Some("git@github.com:a/b.git")),
            ("SECRET@host:a/b.git", Some("host:a/b.git")),
            ("me:SEC/RET@host:a", Some("host:a")),
            ("/srv/git/a.git", Some("/srv/git/a.git")),
            ("https://me:SEC/RET@host/a", None),
            ("https://me/SECRET@host/a", None),
            ("ext::sh -c SECRET", None),
            ("https::https://me:SECRET@host/", None),
            ("", None),
        ] {
            assert_eq!(shown(address).as_deref(), told, "{address}");
        }
    }

    #[test]
    fn origin_is_told_else_the_only_remote() {
        let two = "[core]\n\turl = no\n[Remote \"a\"]\n\tfetch = x\n\tURL = https://a/ # why\n[remote \"origin\"] url = \"https://o/;x\"\n\turl = https://second/\n";
        assert_eq!(of(two).as_deref(), Some("https://o/;x"));
        assert_eq!(of("[remote \"a\"]\nurl=https://a/\n").as_deref(), Some("https://a/"));
        assert_eq!(of("[remote \"a\"]\nurl=https://a/\n[remote \"b\"]\nurl=https://b/\n"), None);
    }

    proptest! {
        #[test]
        fn nothing_in_a_config_makes_it_panic(text in r#"(\[|\]|remote|"|origin|url|=|\\|\n|://|@|:|[ -~]){0,60}"#) {
            of(&text);
        }

        #[test]
        fn a_password_is_never_told(user in "[a-z]{0,5}", password in "[!-~]{0,12}", host in "[a-z]{1,8}") {
            let secret = format!("S3CR3T{password}S3CR3T");
            for address in [format!("https://{user}:{secret}@{host}/a"), format!("{user}:{secret}@{host}:a")] {
                prop_assert!(shown(&address).is_none_or(|told| !told.contains("S3CR3T")), "{address}");
            }
        }
    }
}
