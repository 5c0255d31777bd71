//! What the settings change in `status`.

use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::helpers::User;
use crate::server::{Answer, RealServer, canned};
use crate::status::health;

#[test]
fn with_checks_switched_off_the_version_is_not_asked() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    let user = User::of(&canned(move |asked| {
        seen.lock().unwrap().push(asked.line.clone());
        let page = r#"{"items":[],"nextCursor":null}"#.to_owned();
        Answer::of(200, if asked.line.contains("/api/health") { health("ok", &json!({})) } else { page })
    }));
    let user = user.with("REMOTE_AGENT_DISABLE_UPDATE_CHECK", "1");
    let text = user.run(&["status"]).expect(0);
    assert!(text.contains("not asked"), "{text}");
    assert!(!lines.lock().unwrap().iter().any(|line| line.contains("/api/version")), "{lines:?}");
}

#[test]
fn a_key_that_others_can_read_and_a_wrong_one_are_told_even_if_updates_are_not_asked_for() {
    let server = RealServer::start();
    let mut user = User::of(&server.address).with("REMOTE_AGENT_DISABLE_UPDATE_CHECK", "1");
    user.environment.remove("REMOTE_AGENT_API_KEY");
    let folder = user.home().join(".config/remote-agent");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("config.toml");
    std::fs::write(&file, "api_key = 'another-key-of-no-value-0123'\n").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let text = user.run(&["status"]).expect(1);
    assert!(text.contains("refuses the API key") && text.contains("chmod 600"), "{text}");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert!(!user.run(&["status"]).expect(1).contains("chmod 600"));
}
