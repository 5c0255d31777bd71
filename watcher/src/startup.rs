//! The composition root: everything is built here and nowhere else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use contract::BuildStamp;
use futures_util::future::join_all;
use service::documents::Documents;
use service::listen::Listen;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_cron_scheduler::JobScheduler;

use crate::checker::{Checker, Parts};
use crate::clock::{Clock, delta};
use crate::config::{Config, Keep, Target};
use crate::cron::Cron;
use crate::decisions::Decisions;
use crate::gatekeeper::Gatekeeper;
use crate::metrics::Metrics;
use crate::notify::Notifier;
use crate::openapi;
use crate::routes::{self, AppState, Observe};
use crate::running::RunningReader;
use crate::schedule;
use crate::snapshot::Snapshot;
use crate::state_store::{Saved, StateStore};
use crate::upkeep;
use crate::upstream::Upstream;
use crate::watched::{Frame, Watched};

/// The port where nothing else is configured.
pub const DEFAULT_PORT: u16 = 5200;
/// Event streams open at once.
const STREAMS: usize = 512;
