use browser_tests::browser::in_browser;
use browser_tests::history::event;
use chrono::{TimeDelta, Utc};
use serde_json::json;

use super::ground;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_clients_send_runs_or_fetches_anything() {
    in_browser("hostile-data", async |browser| {
        let ground = ground(false).await;
        let evil = "<img src=http://tracker.test/1 onerror=__hit(1)><script>__hit(2)</script>";
        let workspace = "\u{202e}<svg onload=__hit(3)>";
        let at = |minutes| Utc::now() - TimeDelta::minutes(minutes);
        let data = json!({
            "model": evil, "repository": evil, "branch": "javascript:__hit(4)", "sha": evil, "subject": evil, "text": evil,
            "__proto__": { "polluted": true }, "constructor": evil, "additions": 3, "deletions": 1,
            "url": "javascript:__hit(5)", "nested": { "<b>": [evil, null, 1e300] },
        });
        let mut events = Vec::new();
        for kind in ["session.start", "session.prompt", "session.tool_use", "git.commit", "git.push", "x.y", "session.end"] {
            let mut one = event(kind, "hostile:1", workspace, at(10), &data);
            one["device"] = json!(evil);
            events.push(one);
        }
        ground.app.send(&events).await;
        let lines = format!("{}\n{evil}\n{}\n", json!({ "type": "assistant", "message": { "role": evil, "content": [{ "type": "text", "text": evil }, { "type": "tool_use", "name": evil, "input": evil }] } }), "\u{1b}[31mred\u{202e}");
        ground.app.upload("hostile:1", "application/jsonl; x=<script>", lines).await;
        ground.sign_in(browser, "/").await;
        let views = [
            ("/", "!!deep('#sessions tr[data-session]')"),
            ("/?session=hostile%3A1", "all('#timeline li[data-event]').length === 7"),
            ("/?session=hostile%3A1&tab=commits", "!!deep('#commits')"),
            ("/?session=hostile%3A1&tab=transcript", "!!deep('#transcript-lines [data-line]')"),
            ("/?view=activity", "!!deep('#activity li[data-activity]')"),
            ("/?workspace=%3Cimg%20src%3Dx%20onerror%3D__hit(6)%3E&type=%3Cscript%3E", "deep('#view').textContent.includes('No session fits') || !!deep('#view .trouble, #view [role=alert]')"),
            ("/?session=%3Cimg%20src%3Dx%3E", "deep('#view').textContent.length > 20"),
        ];
        for (path, ready) in views {
            browser.open(&ground.at(path)).await;
            browser.until(ready).await;
            browser.js("all('details').forEach((one) => { one.open = true; })").await;
            let bad = "all('#view img, #view script, #view iframe, #view svg[onload], #view [onerror], #view a').filter((one) => \
                 one.localName !== 'a' || !/^(https?|mailto):/u.test(one.href)).map((one) => one.outerHTML)";
            assert_eq!(browser.js(bad).await, json!([]), "{path}");
            let text = browser.js("deep('#view').textContent").await;
            assert!(!text.as_str().unwrap().contains('\u{202e}'), "{path} shows characters that turn the text around");
            assert_eq!(browser.js("({}).polluted ?? null").await, json!(null), "{path}");
            let misdeeds = browser.misdeeds().await;
            assert!(misdeeds.is_empty(), "{path}: {misdeeds:#?}");
        }
    })
    .await;
}
