//! The settings: flag > environment > file > default; all mistakes at once, never a secret's value.

mod file;

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::Url;

use crate::folders::Folders;

use file::File;

/// Where a server listens if nothing else is said.
const DEFAULT_URL: &str = "http://localhost:5100";
/// A key or a file that is larger is a mistake.
const LARGEST_KEY_FILE: u64 = 4 << 10;

/// The address of the server.
pub const URL: &str = "REMOTE_AGENT_URL";
/// Its key.
pub const API_KEY: &str = "REMOTE_AGENT_API_KEY";
/// A file that holds the key.
pub const API_KEY_FILE: &str = "REMOTE_AGENT_API_KEY_FILE";
/// Neither ask for updates nor mention them.
pub const DISABLE_UPDATE_CHECK: &str = "REMOTE_AGENT_DISABLE_UPDATE_CHECK";

/// Each setting: its variable, and its key in the file. The documentation is held to it.
pub const SETTINGS: [(Option<&str>, &str); 5] = [
    (Some(URL), "url"),
    (Some(API_KEY), "api_key"),
    (Some(API_KEY_FILE), "api_key_file"),
    (Some(DISABLE_UPDATE_CHECK), "disable_update_check"),
    (None, "device"),
];

/// The settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The server's address, without a path at its end.
    pub url: Url,
    /// The server's key; without it events are kept and not sent.
    pub api_key: Option<SecretString>,
    /// Whether to ask for updates and to mention them.
    pub update_check: bool,
    /// Name of this machine, as events tell it.
    pub device: Option<String>,
    /// Where this program's files are.
    pub folders: Folders,
}

/// What the settings are read from.
pub struct Sources<'a> {
    /// `--url`.
    pub url: Option<&'a str>,
    /// `--config`.
    pub file: Option<&'a Path>,
    /// Reads the environment.
    pub look_up: &'a dyn Fn(&str) -> Option<String>,
}

/// Everything that is wrong with the settings.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

/// One mistake: which setting, which rule and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The flag, variable, or file and key.
    pub setting: String,
    /// The rule that is broken, and the fix.
    pub rule: String,
}

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the configuration is wrong")?;
        for Mistake { setting, rule } in &self.0 {
            write!(out, "\n  {setting}: {rule}")?;
        }
        Ok(())
    }
}

impl Config {
    /// The server's address as people write it, and as what is kept for it is found again.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn read(sources: &Sources<'_>) -> Result<Self, Mistakes> {
        let Some(folders) = Folders::from(sources.look_up) else {
            let rule = "must name your home folder; without it there is no place for events that wait".into();
            return Err(Mistakes(vec![Mistake { setting: "HOME".into(), rule }]));
        };
        let mut reading = Reading { sources, mistakes: Vec::new() };
        let (path, file) = reading.file(&folders);
        let url = reading.url(&path, &file);
        let api_key = reading.api_key(&path, &file);
        let update_check = reading.update_check(&file);
        let device = reading.device(&path, &file);
        match url {
            Some(url) if reading.mistakes.is_empty() => {
                Ok(Self { url, api_key, update_check, device, folders })
            }
            _ => Err(Mistakes(reading.mistakes)),
        }
    }
}

/// Reading, and what went wrong until now.
struct Reading<'a> {
    sources: &'a Sources<'a>,
    mistakes: Vec<Mistake>,
}

impl Reading<'_> {
    fn wrong(&mut self, setting: impl Into<String>, rule: impl Into<String>) {
        self.mistakes.push(Mistake { setting: setting.into(), rule: rule.into() });
    }

    /// An empty variable counts as absent.
    fn variable(&self, name: &str) -> Option<String> {
        (self.sources.look_up)(name).filter(|value| !value.is_empty())
    }

    /// The file's place and content. Only one that was asked for must be there.
    fn file(&mut self, folders: &Folders) -> (PathBuf, File) {
        let path = self.sources.file.map_or_else(|| folders.config.join("config.toml"), Path::to_owned);
        match File::read(&path) {
            Ok(Some(file)) => (path, file),
            Ok(None) => {
                if self.sources.file.is_some() {
                    self.wrong("--config", format!("{} is not there", path.display()));
                }
                (path, File::default())
            }
            Err(rules) => {
                for rule in rules {
                    self.wrong(path.display().to_string(), rule);
                }
                (path, File::default())
            }
        }
    }

    fn url(&mut self, path: &Path, file: &File) -> Option<Url> {
        let (setting, text) = if let Some(flag) = self.sources.url {
            ("--url".to_owned(), flag.to_owned())
        } else if let Some(variable) = self.variable(URL) {
            (URL.to_owned(), variable)
        } else if let Some(value) = &file.url {
            (format!("{}: url", path.display()), value.clone())
        } else {
            ("the default".to_owned(), DEFAULT_URL.to_owned())
        };
        parse_url(&text).map_err(|rule| self.wrong(setting, rule)).ok()
    }

    fn api_key(&mut self, path: &Path, file: &File) -> Option<SecretString> {
        let in_file = || file.api_key_file.clone().map(|named| beside(path, &named));
        let (setting, key) = if let Some(key) = self.variable(API_KEY) {
            (API_KEY.to_owned(), Ok(key))
        } else if let Some(named) = self.variable(API_KEY_FILE) {
            (API_KEY_FILE.to_owned(), read_key(Path::new(&named)))
        } else if let Some(key) = file.api_key.clone() {
            (format!("{}: api_key", path.display()), Ok(key))
        } else {
            (format!("{}: api_key_file", path.display()), read_key(&in_file()?))
        };
        let key = key.and_then(|key| {
            let key = key.trim();
            let fits = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
            if fits {
                Ok(key.to_owned())
            } else {
                Err("must be letters, digits and signs without spaces".into())
            }
        });
        match key {
            Ok(key) => Some(SecretString::from(key)),
            Err(rule) => {
                self.wrong(setting, rule);
                None
            }
        }
    }

    fn update_check(&mut self, file: &File) -> bool {
        let Some(text) = self.variable(DISABLE_UPDATE_CHECK) else {
            return !file.disable_update_check.unwrap_or(false);
        };
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => false,
            "0" | "false" | "no" | "off" => true,
            _ => {
                self.wrong(DISABLE_UPDATE_CHECK, "must be true or false");
                true
            }
        }
    }

    fn device(&mut self, path: &Path, file: &File) -> Option<String> {
        let named = file.device.clone()?;
        if named.is_empty() || named.len() > 200 || named.chars().any(char::is_control) {
            self.wrong(
                format!("{}: device", path.display()),
                "must be 1 to 200 bytes without control characters",
            );
            return None;
        }
        Some(named)
    }
}

fn parse_url(text: &str) -> Result<Url, String> {
    let rule = "must be an address such as http://localhost:5100 or https://agent.example.org";
    let url = Url::parse(text).map_err(|_| rule.to_owned())?;
    let plain = url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !plain {
        return Err(rule.to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("must not hold a user or a password; the key goes into {API_KEY}"));
    }
    Ok(url)
}

/// A relative path in the file is beside the file.
fn beside(file: &Path, named: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(named)
}

fn read_key(path: &Path) -> Result<String, String> {
    let told = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let length = std::fs::metadata(path).map_err(told)?.len();
    if length > LARGEST_KEY_FILE {
        return Err(format!("{} holds {length} bytes, which is no key", path.display()));
    }
    std::fs::read_to_string(path).map_err(told)
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
