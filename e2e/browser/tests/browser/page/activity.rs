use browser_tests::browser::in_browser;
use browser_tests::history;

use super::ground;

#[tokio::test(flavor = "multi_thread")]
async fn the_chart_says_in_words_what_it_shows_and_the_list_can_be_narrowed() {
    in_browser("activity", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(60)).await;
        ground.sign_in(browser, "/?view=activity").await;
        browser.until("all('#chart svg rect').length > 10").await;
        let summary = browser.text("#chart-summary").await;
        assert!(summary.contains("60 commits"), "{summary}");
        assert_eq!(browser.js("deep('#chart svg').getAttribute('role')").await, "img");
        browser.click("#chart-table summary").await;
        browser.until("all('#chart-table tbody tr').length > 5").await;
        let sum = "all('#chart-table tbody tr').reduce((sum, row) => sum + Number(row.lastElementChild.textContent), 0)";
        assert_eq!(browser.js(sum).await, 60);
        browser.until("all('#activity li[data-activity]').length >= 50").await;
        browser.fill("#filter-workspace", "thesis").await;
        browser.until_text("#chart-summary", "12 commits").await;
        browser.until("all('#activity li[data-activity]').length === 16").await;
        assert!(browser.text("#activity").await.contains("Mend the figure in chapter three"));
    })
    .await;
}
