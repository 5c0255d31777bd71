//! How far the database is: nobody reads or writes it before its schema was verified.

use tokio::sync::watch;
use uuid::Uuid;

/// How far the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has not answered yet.
    Waiting,
    /// Its schema is being brought up to date.
    Migrating {
        /// Migrations applied in this run.
        done: usize,
        /// Migrations to apply in this run.
        total: usize,
    },
    /// Its schema is the one that this program knows.
    Ready(Ready),
}

/// What is known once the schema is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Number of the newest migration.
    pub schema_version: i64,
    /// Made once per database.
    pub installation_id: Uuid,
}

/// The phase, for those who wait for it.
#[derive(Clone, Debug)]
pub struct Phases(watch::Receiver<Phase>);

impl Phases {
    /// The sender that changes the phase, and those who see it.
    #[must_use]
    pub fn begin() -> (watch::Sender<Phase>, Self) {
        let (sender, receiver) = watch::channel(Phase::Waiting);
        (sender, Self(receiver))
    }

    /// The phase now.
    #[must_use]
    pub fn now(&self) -> Phase {
        self.0.borrow().clone()
    }

    /// What is known, once the schema is verified.
    #[must_use]
    pub fn ready(&self) -> Option<Ready> {
        match &*self.0.borrow() {
            Phase::Ready(ready) => Some(*ready),
            Phase::Waiting | Phase::Migrating { .. } => None,
        }
    }

    /// Waits until the phase is another one than it was at the last call; for ever if it never changes again.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until the schema is verified; for ever if that never happens.
    pub async fn wait(&mut self) {
        if self.0.wait_for(|phase| matches!(phase, Phase::Ready(_))).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
