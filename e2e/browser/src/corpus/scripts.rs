//! Script elements: as they are, in other cases, spellings and encodings, and in places where parsers disagree.

use super::{each, owned};

pub(super) fn all() -> Vec<String> {
    let mut texts = each(
        &["{x}", "text {x} text", "<p>{x}</p>", "- item\n{x}\n- item", "<ul><li>{x}</li></ul>", "> {x}"],
        &[
            "<script>{js}</script>",
            "<SCRIPT>{js}</SCRIPT>",
            "<ScRiPt >{js}</ScRiPt >",
            "<script/x>{js}</script/x>",
            "<script\n>{js}</script\n>",
            "<script type=module>{js}</script>",
            "<script src={url}></script>",
            "<script src=//{host}></script>",
            "<svg><script>{js}</script></svg>",
            "<math><script>{js}</script></math>",
        ],
    );
    texts.extend(each(&["{x}"], &ENCODED));
    texts.extend(owned(&SPLIT));
    texts
}

/// What becomes a script only for a parser that decodes once too often.
const ENCODED: [&str; 16] = [
    "&lt;script&gt;{js}&lt;/script&gt;",
    "&#60;script&#62;{js}&#60;/script&#62;",
    "&#x3c;script&#x3e;{js}&#x3c;/script&#x3e;",
    "&#0000060script&#0000062{js}&#0000060/script&#0000062",
    "&LT;script&GT;{js}&LT;/script&GT;",
    "&amp;lt;script&amp;gt;{js}&amp;lt;/script&amp;gt;",
    "\\x3cscript\\x3e{js}\\x3c/script\\x3e",
    "\\u003cscript\\u003e{js}\\u003c/script\\u003e",
    "%3Cscript%3E{js}%3C/script%3E",
    "+ADw-script+AD4-{js}+ADw-/script+AD4-",
    "\u{ff1c}script\u{ff1e}{js}\u{ff1c}/script\u{ff1e}",
    "\u{feff}<script>{js}</script>",
    "<\u{0}script>{js}</script>",
    "<script\u{0}>{js}</script>",
    "<scr\u{0}ipt>{js}</scr\u{0}ipt>",
    "<\u{200b}script>{js}</script>",
];

/// What becomes a script when something is taken out of it, or where tags are left open.
const SPLIT: [&str; 14] = [
    "<scr<script>ipt>{js}</scr</script>ipt>",
    "<<script>script>{js}<</script>/script>",
    "<script<script>>{js}</script</script>>",
    "<script>{js}",
    "<script>{js}//",
    "<script>{js}<!--</script>",
    "<script><!--{js}--></script>",
    "<!--><script>{js}</script>",
    "<!--<!--><script>{js}</script>-->",
    "<!-- --!><script>{js}</script>",
    "<![CDATA[<script>{js}</script>]]>",
    "<?xml version=\"1.0\"?><script>{js}</script>",
    "<!DOCTYPE html [<!ENTITY x \"<script>{js}</script>\">]>&x;",
    "<xml><script xmlns=\"http://www.w3.org/1999/xhtml\">{js}</script></xml>",
];
