//! The table of variables. `.env.example` is held against it by a test.

use service::settings::{Table, Variable};

/// What every name begins with in the environment.
pub const PREFIX: &str = "SIDEWATCH_";

/// Names the TOML file.
pub const CONFIG_FILE: &str = "CONFIG";

/// All variables, in the order of `.env.example`.
pub const VARIABLES: &[Variable] = &[
    Variable::listed("REPO", ""),
    Variable::listed("NAME", ""),
    Variable::listed("TRACK", "releases"),
    Variable::listed("CHANNEL", "stable"),
    Variable::listed("LINE", ""),
    Variable::listed("CURRENT", ""),
    Variable::listed("CURRENT_URL", ""),
    Variable::listed("IMAGE", ""),
    Variable::listed("PLATFORM", ""),
    Variable::listed("MIN_AGE", "0s"),
    Variable::listed("UPGRADE_HOW", ""),
    Variable::plain("SCHEDULE", ""),
    Variable::plain("CACHE_TTL", "4h"),
    Variable::plain("FORCE_INTERVAL", ""),
    Variable::plain("HOURLY_BUDGET", ""),
    Variable::secret("GITHUB_TOKEN"),
    Variable::plain("GITHUB_API_URL", "https://api.github.com"),
    Variable::plain("GITHUB_WEB_URL", ""),
    Variable::plain("REGISTRY_URL", ""),
    Variable::plain("STATE_DIR", ""),
    Variable::secret("REDIS_URL"),
    Variable::plain("LISTEN", ""),
    Variable::secret("API_TOKEN"),
    Variable::secret("NOTIFY_WEBHOOK_URL"),
    Variable::secret("NOTIFY_WEBHOOK_SECRET"),
    Variable::secret("NOTIFY_APPRISE_URL"),
    Variable::plain("LOG", "info"),
    Variable::plain("LOG_FORMAT", "text"),
    Variable::plain("DISABLE_UPDATE_CHECK", "false"),
    Variable::plain(CONFIG_FILE, ""),
];

/// The table, and where its variables may stand.
pub const TABLE: Table =
    Table { prefix: PREFIX, variables: VARIABLES, file: Some(CONFIG_FILE), list: Some("target") };
