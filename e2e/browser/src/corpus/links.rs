//! Links whose scheme runs something, in every spelling that a browser understands and a filter may not.

pub(super) fn all() -> Vec<String> {
    let mut texts = Vec::new();
    for address in ADDRESSES {
        texts.push(format!("<a href=\"{address}\">a</a>"));
        texts.push(format!("[a](<{address}>)"));
    }
    for address in ADDRESSES.iter().take(10) {
        texts.push(format!("<{address}>"));
        texts.push(format!("[a][1]\n\n[1]: {address}"));
        texts.push(format!("<form action=\"{address}\"><button>a</button></form>"));
        texts.push(format!("<button formaction=\"{address}\">a</button>"));
        texts.push(format!("<svg><a xlink:href=\"{address}\"><text y=9>a</text></a></svg>"));
        texts.push(format!("<svg><a href=\"{address}\"><text y=9>a</text></a></svg>"));
        texts.push(format!("<math><mi href=\"{address}\">a</mi></math>"));
        texts.push(format!("<iframe src=\"{address}\"></iframe>"));
    }
    texts.extend(OTHERS.map(str::to_owned));
    texts
}

const ADDRESSES: [&str; 34] = [
    "javascript:{js}",
    "JaVaScRiPt:{js}",
    "javascript://%0a{js}",
    "java\tscript:{js}",
    "java\nscript:{js}",
    "java\rscript:{js}",
    "java&Tab;script:{js}",
    "java&NewLine;script:{js}",
    "javascript&colon;{js}",
    "&#106;avascript:{js}",
    "&#x6a;avascript:{js}",
    "&#0000106avascript:{js}",
    " javascript:{js}",
    "\u{1}javascript:{js}",
    "\u{1f}javascript:{js}",
    "&#1;javascript:{js}",
    "\u{0}javascript:{js}",
    "javascript\u{0}:{js}",
    "\u{feff}javascript:{js}",
    "\u{a0}javascript:{js}",
    "\u{2028}javascript:{js}",
    "javascript:alert`1`;{js}",
    "data:text/html,<script>{js}</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "DATA:image/svg+xml,<svg onload={js}>",
    "data:application/xhtml+xml,<x/>{js}",
    "vbscript:{js}",
    "livescript:{js}",
    "feed:javascript:{js}",
    "view-source:javascript:{js}",
    "jar:javascript:{js}",
    "blob:javascript:{js}",
    "filesystem:javascript:{js}",
    "intent://{host}#Intent;end",
];

const OTHERS: [&str; 12] = [
    "<a href=https://example.org ping={url}>a</a>",
    "<a href=https://example.org target=_self onclick={js}>a</a>",
    "<a href=https://example.org rel=opener target=_blank>{url}</a>",
    "<a href=https://example.org download=x>{url}</a>",
    "<a href=\"https://example.org\" attributionsrc=\"{url}\">a</a>",
    "<a href='https://example.org'href='javascript:{js}'>a</a>",
    "<a href=https://example.org style=position:fixed;inset:0;background:url({url})>a</a>",
    "<map name=m><area href=javascript:{js}></map><img usemap=#m src={url}>",
    "<a href=\"https://user:password@{host}\">https://github.com</a>",
    "<a href=\"\\\\{host}\">a</a>",
    "<a href=\"/{js}\">a</a>",
    "<portal src=\"javascript:{js}\"></portal>",
];
