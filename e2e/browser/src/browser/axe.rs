//! axe-core: what a checker of accessibility finds.

use std::sync::OnceLock;

use serde_json::json;

use super::Browser;
use super::eyes::strings;

/// Names the file `axe.min.js`.
const VARIABLE: &str = "AXE_CORE";

fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let path = std::env::var(VARIABLE)
            .unwrap_or_else(|_| panic!("{VARIABLE} must name axe.min.js; `./test browser` fetches it"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("read {path}: {error}"))
    })
}

impl Browser {
    /// What axe-core finds in the page as it is now: one line for each rule that is broken, except for these. Into
    /// shadow roots it looks by itself.
    ///
    /// # Panics
    /// If it cannot be run.
    pub async fn axe(&self, left_out: &[&str]) -> Vec<String> {
        self.settle().await;
        let script = format!(
            "{}; const done = arguments[arguments.length - 1]; axe.run(document, {{ resultTypes: ['violations'], \
             rules: Object.fromEntries(arguments[0].map((rule) => [rule, {{ enabled: false }}])) }})\
             .then((found) => done(found.violations.map((one) => `${{one.id}} (${{one.impact}}): ${{one.help}}: ` + \
             one.nodes.map((node) => `${{node.target.flat(9).join(' ')}} ${{node.failureSummary}}`).join(' | '))), \
             (error) => done([String(error)]));",
            source()
        );
        let found = self.driver.execute_async(script, vec![json!(left_out)]).await;
        strings(found.unwrap_or_else(|error| panic!("axe-core: {error}")).json())
    }

    /// # Panics
    /// If axe-core finds anything.
    pub async fn assert_accessible(&self, what: &str) {
        self.assert_accessible_but_for(&[], what).await;
    }

    /// # Panics
    /// If axe-core finds anything by any other rule than these.
    pub async fn assert_accessible_but_for(&self, left_out: &[&str], what: &str) {
        let found = self.axe(left_out).await;
        assert!(found.is_empty(), "axe-core finds in {what}: {found:#?}");
    }

    /// Lets transitions come to their end, or colours would be measured half-way.
    async fn settle(&self) {
        let running = "document.getAnimations().filter((one) => one.playState === 'running' && \
             one.effect?.getTiming().iterations !== Infinity).length === 0";
        self.until(running).await;
    }
}
