//! Joins the parts of the web components into one module, and makes it small. Part of the build script.
//!
//! Each part is a module that editors and browsers understand as it stands. Joined, they need neither their imports
//! of each other nor `export`; the style, imported as a style sheet, becomes a string. What names and spaces are
//! needed then is oxc's business.

use std::io::{Error, Result};

use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{CompressOptions, MangleOptions, Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// The parts in an order in which each one's imports stand before it.
pub(super) const PARTS: [&str; 13] = [
    "english",
    "dom",
    "language",
    "feed",
    "face",
    "decisions",
    "notes",
    "changelog",
    "advice",
    "component",
    "banner",
    "widget",
    "define",
];

/// One module of the style and of the parts.
pub(super) fn join(style: &str, parts: &[String]) -> Result<String> {
    // What `import sheet from "./style.css" with { type: "css" }` means, for every browser.
    let style = serde_json::to_string(&short_style(style))?;
    let mut module = format!("const sheet = new CSSStyleSheet();\nsheet.replaceSync({style});\n");
    for line in parts.iter().flat_map(|part| part.lines()) {
        let is_import = line.starts_with("import ") && line.contains(" from \"./");
        if !is_import {
            module += line.strip_prefix("export ").unwrap_or(line);
            module.push('\n');
        }
    }
    minified(&module)
}

fn minified(module: &str) -> Result<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, module, SourceType::mjs()).parse();
    if let Some(mistake) = parsed.diagnostics.first() {
        return Err(Error::other(format!("the joined components are no JavaScript: {mistake}")));
    }
    let mut program = parsed.program;
    let options = MinifierOptions {
        mangle: Some(MangleOptions { top_level: Some(true), ..MangleOptions::default() }),
        compress: Some(CompressOptions::smallest()),
        ..MinifierOptions::default()
    };
    let scoping = Minifier::new(options).minify(&allocator, &mut program).scoping;
    let written = Codegen::new().with_options(CodegenOptions::minify()).with_scoping(scoping).build(&program);
    Ok(written.code)
}

fn short_style(style: &str) -> String {
    let lines: String = style.lines().map(str::trim).collect();
    lines.replace(" {", "{").replace(": ", ":").replace(", ", ",").replace(";}", "}")
}
