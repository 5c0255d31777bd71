//! The table of variables. `.env.example` is held against it by a test.

/// One variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Key in a TOML file in lower case; `SIDEWATCH_` and this in the environment.
    pub key: &'static str,
    /// Used where nothing is set; empty if there is none.
    pub default: &'static str,
    /// May also come from a file named by `KEY_FILE`; never shown.
    pub secret: bool,
    /// May stand in a `[[target]]`.
    pub per_target: bool,
}

const fn plain(key: &'static str, default: &'static str) -> Variable {
    Variable { key, default, secret: false, per_target: false }
}

const fn of_target(key: &'static str, default: &'static str) -> Variable {
    Variable { key, default, secret: false, per_target: true }
}

const fn secret(key: &'static str) -> Variable {
    Variable { key, default: "", secret: true, per_target: false }
}

/// What every name begins with in the environment.
pub const PREFIX: &str = "SIDEWATCH_";

/// Names the TOML file.
pub const CONFIG_FILE: &str = "CONFIG";

/// All variables, in the order of `.env.example`.
pub const VARIABLES: &[Variable] = &[
    of_target("REPO", ""),
    of_target("NAME", ""),
    of_target("TRACK", "releases"),
    of_target("CHANNEL", "stable"),
    of_target("LINE", ""),
    of_target("CURRENT", ""),
    of_target("CURRENT_URL", ""),
    of_target("IMAGE", ""),
    of_target("PLATFORM", ""),
    of_target("MIN_AGE", "0s"),
    of_target("UPGRADE_HOW", ""),
    plain("SCHEDULE", ""),
    plain("CACHE_TTL", "4h"),
    plain("FORCE_INTERVAL", ""),
    plain("HOURLY_BUDGET", ""),
    secret("GITHUB_TOKEN"),
    plain("GITHUB_API_URL", "https://api.github.com"),
    plain("GITHUB_WEB_URL", ""),
    plain("REGISTRY_URL", ""),
    plain("STATE_DIR", ""),
    secret("REDIS_URL"),
    plain("LISTEN", ""),
    secret("API_TOKEN"),
    secret("NOTIFY_WEBHOOK_URL"),
    secret("NOTIFY_WEBHOOK_SECRET"),
    secret("NOTIFY_APPRISE_URL"),
    plain("LOG", "info"),
    plain("LOG_FORMAT", "text"),
    plain("DISABLE_UPDATE_CHECK", "false"),
    plain(CONFIG_FILE, ""),
];

/// The variable with this key, if there is one.
#[must_use]
pub fn find(key: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|variable| variable.key == key)
}

/// Whether this is the key of a variable, or of a secret's file.
#[must_use]
pub fn is_known(key: &str) -> bool {
    find(key).is_some() || key.strip_suffix("_FILE").and_then(find).is_some_and(|variable| variable.secret)
}
