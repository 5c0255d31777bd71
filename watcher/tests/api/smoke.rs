//! The contract's first example.

use crate::helpers::{github, spawn};

#[tokio::test]
async fn a_newer_release_is_told_with_its_notes() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    let state = app.version().await;
    assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    assert_eq!(state.update_available, Some(true));
    assert!(state.release_notes.is_some_and(|notes| notes.contains("Feature of v1.3.0")));
    app.stop().await.unwrap();
}
