//! Whether Redis keeps what it acknowledges.

use super::{QueueError, RedisQueue};

/// What is known of Redis' settings; `None` where Redis does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// It writes an append-only file.
    pub append_only: Option<bool>,
    /// What it does when it runs out of memory.
    pub maxmemory_policy: Option<String>,
    /// When it brings the append-only file onto the disk.
    pub append_fsync: Option<String>,
}

/// Why events must not be given to this Redis. The text says how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsProblem {
    /// All events since its last snapshot are gone after a crash.
    #[error(
        "Redis keeps no append-only file, so a crash would lose acknowledged events: start it with `redis-server \
         --appendonly yes --appendfsync always --maxmemory-policy noeviction`, or `CONFIG SET appendonly yes` and `CONFIG REWRITE`"
    )]
    NotAppendOnly,
    /// It deletes keys when it runs out of memory.
    #[error(
        "Redis may evict acknowledged events (maxmemory-policy {0}): start it with `redis-server --appendonly yes \
         --maxmemory-policy noeviction`, or `CONFIG SET maxmemory-policy noeviction` and `CONFIG REWRITE`"
    )]
    Evicts(String),
}

impl Settings {
    /// What is wrong. A policy that evicts is wrong without a limit too: somebody may set one at any time. What Redis
    /// does not tell (a hosted one, say) is taken to be right.
    #[must_use]
    pub fn problem(&self) -> Option<SettingsProblem> {
        if self.append_only == Some(false) {
            return Some(SettingsProblem::NotAppendOnly);
        }
        let evicts = self.maxmemory_policy.as_ref().filter(|policy| *policy != "noeviction");
        evicts.map(|policy| SettingsProblem::Evicts(policy.clone()))
    }

    /// What should be better and is no reason to take nothing. Without `always`, a Redis whose disk is busy answers before
    /// it writes, for up to two seconds with `everysec`: what it acknowledged then is gone if it is killed.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        let weak = self.append_fsync.as_deref().is_some_and(|fsync| fsync != "always");
        weak.then_some(
            "a crash of Redis may lose the last two seconds of acknowledged events: start it with `--appendfsync \
             always`, or `CONFIG SET appendfsync always` and `CONFIG REWRITE`",
        )
    }

    fn is_known(&self) -> bool {
        self.append_only.is_some() && self.maxmemory_policy.is_some()
    }

    /// `name:value` lines, as INFO has them.
    fn of_info(text: &str) -> Self {
        let find =
            |name: &str| text.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'));
        Self {
            append_only: find("aof_enabled").map(|value| value == "1"),
            maxmemory_policy: find("maxmemory_policy").map(str::to_owned),
            append_fsync: None,
        }
    }
}

impl RedisQueue {
    /// Asks Redis how it is set up, and notes it: while something is wrong, nothing is appended.
    ///
    /// # Errors
    /// If Redis cannot be asked.
    pub async fn check_settings(&self) -> Result<Settings, QueueError> {
        let mut settings = Settings::default();
        for section in ["persistence", "memory"] {
            let info: Option<String> = self.told(redis::cmd("INFO").arg(section)).await?;
            let told = Settings::of_info(&info.unwrap_or_default());
            settings.append_only = settings.append_only.or(told.append_only);
            settings.maxmemory_policy = settings.maxmemory_policy.or(told.maxmemory_policy);
        }
        // INFO tells these wherever it may be asked; CONFIG is what hosted ones forbid.
        if !settings.is_known() {
            let append_only = self.config("appendonly").await?.map(|value| value == "yes");
            settings.append_only = settings.append_only.or(append_only);
            let policy = self.config("maxmemory-policy").await?;
            settings.maxmemory_policy = settings.maxmemory_policy.or(policy);
        }
        settings.append_fsync = self.config("appendfsync").await?;
        self.settings.store(Some(std::sync::Arc::new(settings.clone())));
        Ok(settings)
    }

    async fn config(&self, name: &str) -> Result<Option<String>, QueueError> {
        let pair: Option<Vec<String>> = self.told(redis::cmd("CONFIG").arg("GET").arg(name)).await?;
        Ok(pair.and_then(|pair| pair.into_iter().nth(1)))
    }

    /// The answer, or nothing if Redis does not know the command or forbids it.
    async fn told<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<Option<T>, QueueError> {
        match self.probing.call(command).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if matches!(error.code(), Some("ERR" | "NOPERM")) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses while Redis is known to lose events; asks once if nobody has asked yet.
    pub(super) async fn must_keep_events(&self) -> Result<(), QueueError> {
        let problem = match &*self.settings.load() {
            Some(settings) => settings.problem(),
            None => self.check_settings().await?.problem(),
        };
        problem.map_or(Ok(()), |problem| Err(QueueError::Unsafe(problem)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_redis_does_not_tell_is_taken_to_be_right() {
        assert_eq!(Settings::default().problem(), None);
        let told = Settings::of_info("# Memory\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n");
        assert!(told.is_known());
        assert_eq!(told.problem(), None);
    }

    #[test]
    fn the_text_of_a_problem_says_how_to_mend_it() {
        let without = Settings::of_info("aof_enabled:0\nmaxmemory_policy:allkeys-lru\n");
        assert!(without.problem().unwrap().to_string().contains("CONFIG SET appendonly yes"));
        let evicting = Settings::of_info("aof_enabled:1\nmaxmemory_policy:allkeys-lru\n");
        assert!(evicting.problem().unwrap().to_string().contains("(maxmemory-policy allkeys-lru)"));
    }
}
