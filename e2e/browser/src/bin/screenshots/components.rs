//! The components: each state by itself, all states on one sheet, the dialog, other languages.

use browser_tests::browser::{Browser, Look, in_browser};
use browser_tests::faces;
use browser_tests::stub::{Stream, Stub, changelog, entry};
use serde_json::json;

use crate::Album;

pub(crate) async fn take(album: &Album) {
    in_browser("screenshots-sheets", async |browser| sheets(browser, album).await).await;
    in_browser("screenshots-both", async |browser| both(browser, album).await).await;
}

/// All states on one page; from it each state by itself.
async fn sheets(browser: &Browser, album: &Album) {
    let all = faces::all();
    let stub = Stub::start(faces::update()).await;
    stub.change(|script| script.stream = Stream::Status(404));
    stub.change(|script| script.targets = faces::targets(&all));
    let wide = Look { width: 1400, ..Look::default() };
    let looks = [
        ("light", "en", "", wide),
        ("dark", "en", "", Look { dark: true, ..wide }),
        ("narrow", "en", "", Look::narrow()),
        ("rtl", "ar", "rtl", wide),
        ("rtl-narrow-dark", "he", "rtl", Look { dark: true, ..Look::narrow() }),
        ("forced-colors", "en", "", Look { forced_colors: true, ..wide }),
        ("german", "de", "", wide),
    ];
    for (name, language, direction, look) in looks {
        stub.show(language, &faces::page(&all));
        stub.change(|script| direction.clone_into(&mut script.direction));
        browser.look(look).await;
        browser.open(&stub.url).await;
        ready(browser, all.len()).await;
        let height = browser.js("document.documentElement.scrollHeight").await.as_u64().unwrap_or(800);
        browser.look(Look { height: u32::try_from(height).unwrap_or(800), ..look }).await;
        browser.picture("", 0.0, &album.any(&format!("sheet-{name}"))).await;
        for face in &all {
            let path = format!("#{}", face.name);
            browser.picture(&path, 8.0, &album.any(&format!("{}-{name}", face.name))).await;
        }
    }
}

async fn ready(browser: &Browser, count: usize) {
    browser.until(&format!("all('version-widget >> [data-face]').length === {count}")).await;
    browser.until("all('version-widget >> [data-face=loading]').length === 0").await;
    // Words of other languages come a moment later.
    browser.until("document.documentElement.lang === 'en' || !all('version-widget >> [part~=check]').some((one) => one.innerText.includes('Check Now'))").await;
}

/// What a page with both looks like, as it is shown in the documentation.
async fn both(browser: &Browser, album: &Album) {
    let stub = Stub::start(faces::update()).await;
    let notes = "<h3>New</h3><ul><li>Sessions can be filtered by workspace</li><li>Dark mode follows the system</li></ul>\
         <h3>Fixed</h3><p>A transcript that broke off is told apart from one that ended.</p><pre><code>./upgrade.sh --check</code></pre>";
    let mut fix = entry("1.2.9", "<p>Refuses session names that are paths.</p>");
    fix["security"] = json!(true);
    stub.change(|script| script.changelog = vec![changelog(&[entry("1.3.0", notes), fix], Some(2))]);
    stub.show("en", "<main class=\"both\"><update-banner src=\"/api/version\"></update-banner><version-widget src=\"/api/version\"></version-widget></main>");
    let states =
        [("update", faces::update()), ("security", faces::security()), ("up-to-date", faces::up_to_date())];
    for (state_name, state) in states {
        stub.tell(state);
        for (name, language, direction, look) in looks() {
            stub.change(|script| {
                language.clone_into(&mut script.language);
                direction.clone_into(&mut script.direction);
            });
            browser.look(look).await;
            browser.open(&stub.url).await;
            ready(browser, 1).await;
            let path = match (state_name, name) {
                ("update", "light" | "dark") | ("security", "rtl") => {
                    album.best(&format!("components-{name}"))
                }
                _ => album.any(&format!("components-{state_name}-{name}")),
            };
            browser.picture("main", 0.0, &path).await;
        }
    }
    stub.tell(faces::update());
    for (name, language, direction, look) in looks() {
        stub.change(|script| {
            language.clone_into(&mut script.language);
            direction.clone_into(&mut script.direction);
        });
        browser.look(Look { height: 680, ..look }).await;
        browser.open(&stub.url).await;
        ready(browser, 1).await;
        browser.click("version-widget >> [part~=changelog]").await;
        browser.until_text("version-widget >> dialog[open]", "1.2.9").await;
        browser.picture("", 0.0, &album.any(&format!("changelog-{name}"))).await;
    }
}

/// Name, language, direction, and the look.
fn looks() -> [(&'static str, &'static str, &'static str, Look); 4] {
    let room = Look { width: 704, height: 520, ..Look::default() };
    [
        ("light", "en", "", room),
        ("dark", "en", "", Look { dark: true, ..room }),
        ("narrow", "en", "", Look { width: 320, ..room }),
        ("rtl", "ar", "rtl", room),
    ]
}
