//! What the server has stored, page by page.

use chrono::{DateTime, SecondsFormat, Utc};
use contract::{Activity, Page, Session, StoredEvent, Workspace};

use super::{ClientError, ServerClient};

/// What to list; absent parts do not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Items on a page, 1 to 500; 50 if absent.
    pub limit: Option<u32>,
    /// Only of this workspace.
    pub workspace: Option<String>,
    /// Only of this type.
    pub kind: Option<String>,
    /// From then on.
    pub from: Option<DateTime<Utc>>,
    /// Before then.
    pub to: Option<DateTime<Utc>>,
}

impl ListQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
        [
            ("cursor", self.cursor.clone()),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("workspace", self.workspace.clone()),
            ("type", self.kind.clone()),
            ("from", self.from.map(time)),
            ("to", self.to.map(time)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

impl ServerClient {
    /// Sessions, newest first.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn sessions(&self, query: &ListQuery) -> Result<Page<Session>, ClientError> {
        self.list("api/sessions", query)
    }

    /// A session's events, oldest first.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn session_events(
        &self,
        session_id: &str,
        query: &ListQuery,
    ) -> Result<Page<StoredEvent>, ClientError> {
        self.list(&format!("api/sessions/{session_id}/events"), query)
    }

    /// Git activity, newest first.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn activity(&self, query: &ListQuery) -> Result<Page<Activity>, ClientError> {
        self.list("api/activity", query)
    }

    /// Workspaces, by name.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn workspaces(&self, query: &ListQuery) -> Result<Page<Workspace>, ClientError> {
        self.list("api/workspaces", query)
    }

    fn list<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        query: &ListQuery,
    ) -> Result<Page<T>, ClientError> {
        let pairs = query.pairs();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.get(path, &pairs)
    }
}
