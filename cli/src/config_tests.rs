use std::collections::HashMap;
use std::fs;

use secrecy::ExposeSecret;

use super::*;

fn read(
    home: &Path,
    environment: &[(&str, &str)],
    url: Option<&str>,
    file: Option<&Path>,
) -> Result<Config, Mistakes> {
    let mut variables: HashMap<String, String> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    variables.insert("HOME".into(), home.display().to_string());
    let look_up = |name: &str| variables.get(name).cloned();
    Config::read(&Sources { url, file, look_up: &look_up })
}

fn home_with(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join(".config/remote-agent")).unwrap();
    fs::write(home.path().join(".config/remote-agent/config.toml"), text).unwrap();
    home
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let empty = tempfile::tempdir().unwrap();
    let home = home_with("url = 'http://file:1'\napi_key = 'file-key'");
    let environment = [(URL, "http://env:2"), (API_KEY, "env-key")];
    let default = read(empty.path(), &[], None, None).unwrap();
    assert_eq!(default.url.as_str(), "http://localhost:5100/");
    assert!(default.api_key.is_none() && default.update_check);
    let file = read(home.path(), &[], None, None).unwrap();
    assert_eq!(file.url.as_str(), "http://file:1/");
    assert_eq!(file.api_key.unwrap().expose_secret(), "file-key");
    let env = read(home.path(), &environment, None, None).unwrap();
    assert_eq!(env.url.as_str(), "http://env:2/");
    assert_eq!(env.api_key.unwrap().expose_secret(), "env-key");
    let flag = read(home.path(), &environment, Some("http://flag:3"), None).unwrap();
    assert_eq!(flag.url.as_str(), "http://flag:3/");
}

#[test]
fn a_key_may_stand_in_a_file_of_its_own() {
    let home = home_with("api_key_file = 'key'");
    fs::write(home.path().join(".config/remote-agent/key"), "beside\n").unwrap();
    let config = read(home.path(), &[], None, None).unwrap();
    assert_eq!(config.api_key.unwrap().expose_secret(), "beside");
    let named = home.path().join("elsewhere");
    fs::write(&named, "named").unwrap();
    let named = named.display().to_string();
    let config = read(home.path(), &[(API_KEY_FILE, named.as_str())], None, None).unwrap();
    assert_eq!(config.api_key.unwrap().expose_secret(), "named");
}

#[test]
fn all_mistakes_are_told_at_once_and_no_secret() {
    let home = home_with("device = ''");
    let environment =
        [(URL, "ftp://user:hunter2@host"), (API_KEY, "hun ter2"), (DISABLE_UPDATE_CHECK, "perhaps")];
    let text = read(home.path(), &environment, None, None).unwrap_err().to_string();
    for name in [URL, API_KEY, DISABLE_UPDATE_CHECK, "device"] {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert!(!text.contains("hunter2") && !text.contains("hun ter2"), "{text}");
    let with_password = read(home.path(), &[(URL, "http://user:hunter2@host")], None, None).unwrap_err();
    assert!(!with_password.to_string().contains("hunter2"));
}

#[test]
fn a_broken_file_is_told_by_its_line_without_its_text() {
    let home = home_with("url = 'http://a'\napi_key = hunter2\n");
    let text = read(home.path(), &[], None, None).unwrap_err().to_string();
    assert!(text.contains("line 2") && !text.contains("hunter2"), "{text}");
    let home = home_with("apikey = 'hunter2'");
    let text = read(home.path(), &[], None, None).unwrap_err().to_string();
    assert!(text.contains("apikey") && !text.contains("hunter2"), "{text}");
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let home = tempfile::tempdir().unwrap();
    let absent = home.path().join("absent.toml");
    let text = read(home.path(), &[], None, Some(&absent)).unwrap_err().to_string();
    assert!(text.contains("--config"), "{text}");
}

#[test]
fn updates_can_be_switched_off() {
    let home = home_with("disable_update_check = true");
    assert!(!read(home.path(), &[], None, None).unwrap().update_check);
    assert!(read(home.path(), &[(DISABLE_UPDATE_CHECK, "false")], None, None).unwrap().update_check);
    assert!(!read(home.path(), &[(DISABLE_UPDATE_CHECK, "1")], None, None).unwrap().update_check);
}

#[test]
fn each_setting_of_the_list_can_stand_in_the_file_and_all_mistakes_in_it_are_told_at_once() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    for (_, key) in SETTINGS {
        let value = if key == "disable_update_check" { "true" } else { "'http://x'" };
        fs::write(&file, format!("{key} = {value}")).unwrap();
        assert!(file::File::read(&file).is_ok(), "{key}");
    }
    fs::write(&file, "url = 1\napikey = 'hunter2'\ndisable_update_check = 'hunter2'\n[device]\n").unwrap();
    let text = read(home.path(), &[], None, Some(&file)).unwrap_err().to_string();
    for told in
        ["url: must be a text", "apikey: is no setting", "disable_update_check: must be", "device: must be"]
    {
        assert!(text.contains(told), "{told} in {text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}
