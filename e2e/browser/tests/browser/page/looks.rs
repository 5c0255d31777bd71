use browser_tests::browser::{Look, in_browser};
use browser_tests::history::{self, session_id};
use browser_tests::real::KEY;

use super::ground;
use crate::BANNER_FRAME;

/// Each view with what must be there before it is looked at.
fn views() -> Vec<(String, &'static str)> {
    let session = |tab: &str| format!("/?session={}{tab}", session_id(1));
    vec![
        ("/".to_owned(), "all('#sessions tr[data-session]').length > 5"),
        (session(""), "all('#timeline li[data-event]').length > 5"),
        (session("&tab=commits"), "!!deep('#commits')"),
        (session("&tab=transcript"), "!!deep('#transcript-lines [data-line]')"),
        ("/?view=activity".to_owned(), "!!deep('#activity li[data-activity]') && !!deep('#chart')"),
        ("/?view=dead-letters".to_owned(), "deep('#view').textContent.includes('No dead letters')"),
        (
            "/settings".to_owned(),
            "!!deep('#health li') && deep('version-widget').shadowRoot?.textContent.includes('1.3.0')",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_is_accessible_and_fits_in_light_dark_and_on_a_narrow_screen() {
    in_browser("views", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(12)).await;
        ground.app.upload(&session_id(1), "application/jsonl", history::agent_transcript(20)).await;
        browser.open(&ground.at("/")).await;
        for look in [Look::default(), Look::dark(), Look::narrow()] {
            browser.look(look).await;
            browser.element("#key").await;
            browser.assert_accessible(&format!("signed out {look:?}")).await;
            assert!(browser.sideways().await <= 0, "signed out {look:?}");
        }
        browser.fill("#key", KEY).await;
        browser.press(thirtyfour::Key::Enter).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        for (path, ready) in views() {
            browser.open(&ground.at(&path)).await;
            browser.until(ready).await;
            browser.until_text(BANNER_FRAME, "Update available").await;
            for look in [Look::default(), Look::dark(), Look::narrow()] {
                browser.look(look).await;
                browser.until(ready).await;
                browser.assert_accessible(&format!("{path} {look:?}")).await;
                assert!(browser.sideways().await <= 0, "{path} scrolls sideways: {look:?}");
                assert_eq!(browser.reaching_out().await, Vec::<String>::new(), "{path} {look:?}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_can_be_used_with_the_keyboard_alone() {
    in_browser("page-keyboard", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(3)).await;
        ground.sign_in(browser, "/").await;
        browser.until("all('#sessions tr[data-session]').length === 3").await;
        let link = format!("#sessions tr[data-session={}] a", session_id(1));
        browser.tab_to(&link).await;
        assert!(browser.focus_is_visible().await, "one cannot see the focus on {}", browser.focused().await);
        browser.press(thirtyfour::Key::Enter).await;
        browser.until("!!deep('#timeline li')").await;
        // People who do not see it are told that another view is there.
        assert!(browser.has_focus("#view").await, "{}", browser.focused().await);
        browser.tab_to(".tabs a[data-tab=commits]").await;
        browser.press(thirtyfour::Key::Enter).await;
        browser.until("!!deep('#commits')").await;
    })
    .await;
}
