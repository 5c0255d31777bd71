//! The table of variables. `.env.example` is held against it by a test.

use service::settings::{Table, Variable};

/// All of them, in the order of `.env.example`.
pub const TABLE: Table = Table::plain(&[
    Variable::secret("API_KEY"),
    Variable::plain("PORT", "5100"),
    Variable::plain("HOST", ""),
    Variable::plain("ALLOWED_HOSTS", ""),
    Variable::plain("METRICS_LISTEN", ":5101"),
    Variable::plain("DATA_DIR", "./data"),
    Variable::secret("DATABASE_URL"),
    Variable::plain("MIGRATE_ON_START", "true"),
    Variable::secret("REDIS_URL"),
    Variable::plain("S3_ENDPOINT", ""),
    Variable::plain("S3_REGION", "us-east-1"),
    Variable::plain("S3_BUCKET", ""),
    Variable::secret("S3_ACCESS_KEY_ID"),
    Variable::secret("S3_SECRET_ACCESS_KEY"),
    Variable::plain("TRANSCRIPT_MAX_BYTES", "268435456"),
    Variable::plain("WATCHER_URL", ""),
    Variable::secret("WATCHER_TOKEN"),
    Variable::plain("WORKSPACES_DIR", ""),
    Variable::plain("SSH_KEYS_DIR", ""),
    Variable::plain("LOG", "info"),
    Variable::plain("LOG_FORMAT", "text"),
]);
