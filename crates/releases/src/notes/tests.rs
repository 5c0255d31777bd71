use proptest::prelude::*;
use url::Url;

use super::html::{LINK_REL, SCHEMES, TABLE_TAGS, TAGS};
use super::{cap, for_terminal, one_line, sanitise_html, to_html};

const HOSTILE: &str = include_str!("hostile.txt");

/// What a tag in sanitised HTML may look like is so little that it can be read here without a parser, and
/// strictly: whatever this accepts means the same to every parser.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    html.split('<').skip(1).map(tag).collect()
}

fn tag(piece: &str) -> (String, Vec<(String, String)>) {
    let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("an open tag: {piece}"));
    assert!(!text.contains('>'), "a bare > in {text}");
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let (key, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("an odd attribute: {tag}"));
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("an odd value: {tag}"));
        attributes.push((key.to_owned(), value.replace("&quot;", "\"").replace("&amp;", "&")));
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    (name.to_owned(), attributes)
}

fn assert_harmless(html: &str, source: &str) {
    for (name, attributes) in tags(html) {
        let bare = name.strip_prefix('/').unwrap_or(&name);
        assert!(TAGS.contains(&bare) || TABLE_TAGS.contains(&bare), "<{name}> from {source:?}");
        for (key, value) in &attributes {
            assert_attribute(bare, key, value, source);
        }
        if name == "a" {
            assert!(attributes.contains(&("rel".into(), LINK_REL.into())), "no rel from {source:?}");
        }
    }
}

fn assert_attribute(tag: &str, key: &str, value: &str, source: &str) {
    match (tag, key) {
        ("a", "href") => {
            let url = Url::parse(value).unwrap_or_else(|_| panic!("relative link {value:?} from {source:?}"));
            assert!(SCHEMES.contains(&url.scheme()), "{value:?} from {source:?}");
        }
        ("a", "rel") => assert_eq!(value, LINK_REL),
        ("a", "title") | ("ol", "start") | ("td" | "th", "align") | ("details", "open") => {}
        _ => panic!("<{tag} {key}={value:?}> from {source:?}"),
    }
}

fn snippets() -> impl Iterator<Item = String> {
    HOSTILE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .map(|line| line.replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0"))
}

/// S-18.
#[test]
fn no_hostile_snippet_leaves_anything_that_acts() {
    assert!(snippets().count() >= 60);
    for snippet in snippets() {
        let nested = [
            snippet.clone(),
            format!("# {snippet}"),
            format!("- a\n\n  > {snippet}"),
            format!("[{snippet}](https://example.org)"),
            format!("[a]({snippet})"),
            format!("[a](<{snippet}> \"{snippet}\")"),
            format!("![{snippet}]({snippet})"),
            format!("| a |\n|---|\n| {snippet} |"),
            format!("<div>\n\n{snippet}\n\n</div>"),
            format!("`{snippet}`\n\n    {snippet}\n\n```{snippet}\n{snippet}\n```"),
        ];
        for source in &nested {
            assert_harmless(&to_html(source), source);
            assert_harmless(&sanitise_html(source), source);
            assert_harmless(&sanitise_html(&to_html(source)), source);
        }
    }
}

#[test]
fn ordinary_notes_keep_their_shape() {
    let html = to_html("## New\n\n- **a** `b` ~~c~~\n- https://example.org\n\n| x |\n|:-:|\n| y |\n\n1. z");
    for part in [
        "<h2>New</h2>",
        "<strong>a</strong>",
        "<code>b</code>",
        "<del>c</del>",
        "<td align=\"center\">y</td>",
        "<a href=\"https://example.org\" rel=\"noopener noreferrer nofollow\">https://example.org</a>",
        "<ol>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(to_html("[a](mailto:a@example.org)").contains("mailto:a@example.org"));
}

#[test]
fn an_image_becomes_a_link_and_is_never_fetched() {
    let html = to_html("![a chart](https://example.org/a.png) ![](https://example.org/b.png)");
    assert!(html.contains("href=\"https://example.org/a.png\"") && html.contains(">a chart</a>"), "{html}");
    assert!(html.contains(">image</a>") && !html.contains("<img"), "{html}");
    assert_eq!(sanitise_html("<p>a<img src=https://example.org/a.png></p>"), "<p>a</p>");
}

#[test]
fn ordinary_depth_is_kept_and_hostile_depth_is_not() {
    let list = format!("{}a{}", "<ul>\n<li>".repeat(20), "</li>\n</ul>".repeat(20));
    assert!(sanitise_html(&list.repeat(50)).contains("<li>a</li>"));
    let long = "<h3 title=\"it's > 1\">a</h3><p>b<br>c<img src='x'><hr/></p>".repeat(1_000);
    assert!(sanitise_html(&long).contains("<p>b<br>c</p>"));
    assert_eq!(sanitise_html(&"<ul><li>".repeat(1_000)), "");
    assert!(to_html(&format!("{}a", "> ".repeat(1_000))).contains("<p>a</p>"));
    assert!(to_html(&format!("{}a", "- ".repeat(1_000))).contains("<li>"));
}

#[test]
fn crafted_nesting_ends_in_time() {
    let bombs = [
        "> ",
        "[",
        "![",
        "*a ",
        "_a*",
        "`",
        "<b>",
        "<a><b>",
        "- ",
        "<table><td>",
        "**",
        "[a](",
        "<!--",
        "&lt;",
        "| a ",
        "\u{1b}[",
        "1. ",
        "~~a",
        "[a][",
        "<p><i>",
        "<details>",
        "[[a](b)",
        "![[",
        "http://a.b/(",
        "> - ",
        "<ul><li>",
        "[a]: b\n[a]\n",
        "(",
        "<a href=\"",
        "\\",
        "*_",
        "www.a.b_",
        "a@",
        "<blockquote>",
    ];
    // Neither stray end tags, comments nor quoted ones may make the depth look smaller than it is.
    let disguised = [
        "<div></x>",
        "<ul><!--</ul>-->",
        "<div title=\"</div>\">",
        "<ul title='></ul>'>",
        "<p><b id=1></p>",
        "<div a=></div title=\">",
        "<div =\"></div>\">",
        "<div/title=\"></div>\">",
        "<ul><style></ul></style>",
    ];
    for bomb in bombs.into_iter().chain(disguised) {
        let text = bomb.repeat(128 * 1024 / bomb.len());
        assert_harmless(&to_html(&text), bomb);
        assert_harmless(&sanitise_html(&text), bomb);
        let _ = crate::changelog::marks(&text, Some(&text));
    }
}

#[test]
fn a_table_of_a_hundred_times_its_source_is_cut() {
    let wide = format!("|{}\n|{}", "a|".repeat(3_000), "-|".repeat(3_000));
    let html = to_html(&format!("{wide}{}", "\n|a".repeat(15_000)));
    assert!(html.len() < 1024 * 1024 && html.ends_with("</table>"), "{}", html.len());
    assert_harmless(&html, "table");
}

#[test]
fn the_largest_answer_is_one_line_in_time() {
    for piece in ["a ", "\u{1b}]", "\u{1b}[", "\u{200b}", "\n", "\u{9d}"] {
        assert!(one_line(&piece.repeat(2 * 1024 * 1024 / piece.len()), 100).chars().count() <= 100);
    }
}

/// S-21.
#[test]
fn a_terminal_is_not_given_orders() {
    let cases = [
        ("a\u{1b}[31mb\u{1b}[0m", "ab"),
        ("\u{1b}]0;title\u{7}x", "x"),
        ("\u{1b}]52;c;ZXZpbA==\u{1b}\\x", "x"),
        ("\u{1b}]8;;https://evil.example\u{1b}\\text\u{1b}]8;;\u{1b}\\", "text"),
        ("a\u{8}\u{8}b", "ab"),
        ("safe\revil", "safeevil"),
        ("a\nb\tc", "a\nb\tc"),
        ("\u{9b}2Jx", "x"),
        ("\u{9d}0;t\u{9c}x", "x"),
        ("\u{1b}P1;2q#\u{1b}\\x", "x"),
        ("\u{1b}(Bx", "x"),
        ("\u{1b}cx", "x"),
        ("abc\u{202e}fed", "abcfed"),
        ("a\u{200b}b\u{feff}c\u{2066}d", "abcd"),
        ("\u{1b}]never ends\nx", "\nx"),
        ("\u{1b}]0;\u{1b}[2Jx", "x"),
        ("\u{1b}\u{1b}[2Jx", "x"),
        ("x\u{1b}", "x"),
        ("x\u{1b}[", "x"),
        ("\u{1b}[é", "é"),
        ("⚠\u{fe0f} ü", "⚠\u{fe0f} ü"),
        ("a\u{2028}b", "a\nb"),
        ("a\u{7f}\u{85}\u{0}b", "ab"),
        ("\u{e0041}a\u{3164}", "a"),
    ];
    for (text, shown) in cases {
        assert_eq!(for_terminal(text), shown, "{text:?}");
    }
}

/// S-23.
#[test]
fn a_line_stays_one_line() {
    assert_eq!(one_line("  a\r\n\tb \u{2028} c  ", 80), "a b c");
    assert_eq!(one_line("abcdef", 6), "abcdef");
    assert_eq!(one_line("abcdefg", 6), "abcde…");
    assert_eq!(one_line("abcd efgh", 6), "abcd…");
    assert_eq!(one_line("äöüß", 3), "äö…");
    assert_eq!(one_line("a", 0), "");
    assert_eq!(one_line("", 5), "");
}

#[test]
fn a_cut_falls_between_characters() {
    assert_eq!(cap("aäb", 2), ("a".into(), true));
    assert_eq!(cap("aäb", 3), ("aä".into(), true));
    assert_eq!(cap("aäb", 4), ("aäb".into(), false));
    assert_eq!(cap("", 0), (String::new(), false));
}

fn markup() -> impl Strategy<Value = String> {
    let pieces = snippets().collect::<Vec<_>>();
    let splinters = [
        "<",
        ">",
        "\"",
        "'",
        "](",
        "[",
        "![",
        "`",
        "\n",
        "\n\n",
        "    ",
        "&",
        ";",
        "javascript:",
        "</",
        "<!--",
        "-->",
    ];
    let piece = prop_oneof![
        proptest::sample::select(pieces),
        proptest::sample::select(splinters.map(str::to_owned).to_vec()),
        ".{0,8}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_notes_become_harmless(source in markup()) {
        assert_harmless(&to_html(&source), &source);
        assert_harmless(&sanitise_html(&source), &source);
    }

    #[test]
    fn any_text_is_safe_to_show(text in "(\u{1b}|\u{9b}|\u{9d}|\u{7}|[\\[\\];\\\\m0-9a-c\n\t\r]|\u{202e}|.){0,60}") {
        let shown = for_terminal(&text);
        prop_assert!(shown.chars().all(|next| !next.is_control() || next == '\n' || next == '\t'));
        let hidden = ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}'];
        prop_assert!(!shown.contains(hidden));
        prop_assert_eq!(&for_terminal(&shown), &shown);
        let line = one_line(&text, 20);
        prop_assert!(line.chars().count() <= 20 && !line.contains(['\n', '\t']));
    }

    #[test]
    fn plain_text_is_shown_as_it_is(text in "[a-zA-Z0-9 .,ä€\n\t]{0,60}") {
        prop_assert_eq!(for_terminal(&text), text);
    }
}
