//! A scriptable stand-in for GitHub (API and web site) and for an image registry with its token service.
//!
//! ```no_run
//! # async fn example() {
//! use fake_github::{Door, FakeGithub, Fault, NewRelease};
//!
//! let fake = FakeGithub::start().await;
//! fake.repo("octo/app").release(NewRelease::new("v1.3.0").notes("### Fixed\n- a typo"));
//! fake.image("octo/app").index("v1.3.0", &["linux/amd64", "linux/arm64/v8"]);
//! fake.fault_times(Door::Api, 2, Fault::Status(502));
//! // … let the program under test talk to fake.api_url(), fake.web_url() and fake.registry_url() …
//! fake.wait_for_calls(Door::Api, 3).await;
//! assert_eq!(fake.count_path(Door::Api, "/repos/octo/app/releases"), 3);
//! # }
//! ```
//!
//! It runs on a thread and a runtime of its own: tests may block, pause their clock or use another runtime.
//! Payloads, headers, status codes and error texts have the shape of the real ones; all values are made up.

mod admin;
mod advisory;
mod answer;
mod api;
mod builder;
mod call;
mod certificate;
mod commit;
mod connection;
mod door;
mod fake;
mod fault;
mod fault_answer;
mod gzip;
mod line;
mod listener;
mod payload;
mod quota;
mod registry;
mod release;
mod repo;
mod repo_handle;
mod runtime;
mod scenario;
mod shared;
mod text;
mod web;
mod world;

pub use advisory::NewAdvisory;
pub use builder::Builder;
pub use call::Call;
pub use commit::NewCommit;
pub use door::Door;
pub use fake::FakeGithub;
pub use fault::Fault;
pub use registry::ImageHandle;
pub use release::NewRelease;
pub use repo_handle::RepoHandle;
pub use scenario::{DEMO_IMAGE, DEMO_REPO, Many, demo};
