//! axe-core finds nothing, in any state, in any look.

use browser_tests::browser::{Look, in_browser};
use browser_tests::faces;
use browser_tests::stub::{Reply, Stream, Stub, changelog, entry};

use crate::changelog::OPEN;
use crate::widget;

#[tokio::test(flavor = "multi_thread")]
async fn every_state_is_accessible_in_light_and_dark() {
    in_browser("axe-states", async |browser| {
        let stub = Stub::start(faces::update()).await;
        let all = faces::all();
        // A browser has six connections to a host, and each of these would keep one.
        stub.change(|script| script.stream = Stream::Status(404));
        stub.show("en", &faces::page(&all));
        stub.change(|script| script.targets = faces::targets(&all));
        browser.open(&stub.url).await;
        let ready = "all('version-widget >> [data-face]').length";
        browser.until(&format!("{ready} === {}", all.len())).await;
        browser.until("all('version-widget >> [data-face=loading]').length === 0").await;
        for look in [Look::default(), Look::dark()] {
            browser.look(look).await;
            // Nobody has twenty banners of the same version on one page.
            browser.assert_accessible_but_for(&["landmark-unique"], &format!("all states {look:?}")).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn loading_away_and_signed_out_are_accessible() {
    in_browser("axe-away", async |browser| {
        let stub = Stub::start(faces::update()).await;
        for (reply, face) in
            [(Reply::Never, "loading"), (Reply::Status(500), "away"), (Reply::Status(401), "signin")]
        {
            stub.change(|script| script.version = reply);
            browser.open(&stub.url).await;
            browser.until(&format!("deep('version-widget >> [data-face]').dataset.face === '{face}'")).await;
            browser.assert_accessible(face).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn narrow_right_to_left_and_the_open_dialog_are_accessible() {
    in_browser("axe-looks", async |browser| {
        let stub = Stub::start(faces::security()).await;
        let notes = "<h3>New</h3><ul><li><a href=\"https://example.org\">a link</a></li></ul><pre><code>x</code></pre>";
        stub.change(|script| script.changelog = vec![changelog(&[entry("1.3.0", notes), entry("1.2.9", notes)], Some(2))]);
        for (language, direction, look) in
            [("en", "", Look::narrow()), ("ar", "rtl", Look::default()), ("he", "rtl", Look { dark: true, ..Look::narrow() })]
        {
            stub.change(|script| {
                script.language = language.to_owned();
                script.direction = direction.to_owned();
            });
            browser.look(look).await;
            browser.open(&stub.url).await;
            browser.until("deep('version-widget >> [data-face]').dataset.face === 'fix'").await;
            browser.assert_accessible(&format!("{language} {look:?}")).await;
            browser.click(&widget("changelog")).await;
            browser.until_text(OPEN, "1.2.9").await;
            browser.assert_accessible(&format!("dialog {language} {look:?}")).await;
        }
    })
    .await;
}
