//! No content security policy that a careful page may have is broken.

use browser_tests::browser::in_browser;
use browser_tests::faces::update;
use browser_tests::stub::{Stub, changelog, entry};

use crate::changelog::OPEN;
use crate::{BANNER_FRAME, banner, widget};

const POLICIES: [&str; 5] = [
    "default-src 'self'",
    "default-src 'self'; require-trusted-types-for 'script'",
    "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     require-trusted-types-for 'script'; trusted-types 'none'",
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
     style-src 'self'; img-src 'none'; font-src 'none'; require-trusted-types-for 'script'",
];

#[tokio::test(flavor = "multi_thread")]
async fn components_work_and_break_none_of_them() {
    in_browser("policies", async |browser| {
        let stub = Stub::start(update()).await;
        stub.change(|script| script.changelog = vec![changelog(&[entry("1.3.0", "<h2>New</h2><p>Some <em>notes</em>.</p>")], None)]);
        for policy in POLICIES {
            stub.change(|script| policy.clone_into(&mut script.policy));
            browser.open(&stub.url).await;
            browser.until_text(BANNER_FRAME, "Update available").await;
            let styled = "getComputedStyle(deep('update-banner >> [part~=banner]')).borderRadius !== '0px' || \
                 getComputedStyle(deep('update-banner >> [part~=banner]')).backgroundColor !== 'rgba(0, 0, 0, 0)'";
            assert_eq!(browser.js(styled).await, true, "no style under {policy}");
            browser.click(&widget("check")).await;
            browser.until("deep('version-widget >> [part~=outcome]').textContent.trim() !== ''").await;
            browser.click(&widget("changelog")).await;
            browser.until_text(OPEN, "Some notes.").await;
            browser.click(&format!("{OPEN} [part~=close]")).await;
            browser.click(&banner("dismiss")).await;
            browser.until_gone(BANNER_FRAME).await;
            // Noted here only until the server has it.
            browser.until("localStorage.length === 0").await;
            assert_eq!(browser.misdeeds().await, Vec::<String>::new(), "{policy}");
            stub.tell(update());
        }
    })
    .await;
}
