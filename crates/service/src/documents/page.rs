//! The OpenAPI document as a page to read: plain HTML, nothing loaded from elsewhere.

use std::fmt::Write;

use serde_json::{Map, Value};

/// Writes the page from the document.
#[must_use]
pub fn render(document: &Value) -> String {
    let info = &document["info"];
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{} API</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"docs.css\"></head><body><main>",
        escape(text(&info["title"])),
    );
    line(&mut page, "h1", &format!("{} {}", text(&info["title"]), text(&info["version"])));
    line(&mut page, "p", text(&info["description"]));
    page.push_str("<p><a href=\"openapi.json\">openapi.json</a></p>");
    for (path, operations) in entries(&document["paths"]) {
        for (method, operation) in entries(operations) {
            write_operation(&mut page, path, method, operation);
        }
    }
    page.push_str("<h2 id=\"types\">Types</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        write_schema(&mut page, name, schema);
    }
    page.push_str("</main></body></html>");
    page
}

fn write_operation(page: &mut String, path: &str, method: &str, operation: &Value) {
    let lock = if operation["security"].is_array() { " <small>needs the token</small>" } else { "" };
    let heading =
        format!("<h2><code>{} {}</code>{lock}</h2>", escape(&method.to_ascii_uppercase()), escape(path));
    page.push_str(&heading);
    line(page, "p", text(&operation["summary"]));
    if let Some(parameters) = operation["parameters"].as_array() {
        page.push_str("<table><tr><th>Parameter</th><th>Meaning</th></tr>");
        for parameter in parameters {
            row(
                page,
                &format!("<code>{}</code>", escape(text(&parameter["name"]))),
                text(&parameter["description"]),
            );
        }
        page.push_str("</table>");
    }
    if let Some((kind, body)) = entries(&operation["requestBody"]["content"]).next() {
        let _ = write!(page, "<p>Body: {} as <code>{}</code></p>", type_name(&body["schema"]), escape(kind));
    }
    page.push_str("<table><tr><th>Answer</th><th>When</th><th>Body</th></tr>");
    for (status, answer) in entries(&operation["responses"]) {
        let body = entries(&answer["content"]).next();
        let body = body
            .map(|(kind, body)| format!("{} <small>{}</small>", type_name(&body["schema"]), escape(kind)));
        let _ = write!(
            page,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            escape(status),
            escape(text(&answer["description"])),
            body.unwrap_or_default()
        );
    }
    page.push_str("</table>");
}

fn write_schema(page: &mut String, name: &str, schema: &Value) {
    let _ = write!(page, "<h3 id=\"{0}\">{0}</h3>", escape(name));
    line(page, "p", text(&schema["description"]));
    if schema["properties"].is_object() {
        page.push_str("<table><tr><th>Key</th><th>Type</th><th>Meaning</th></tr>");
        for (key, property) in entries(&schema["properties"]) {
            let _ = write!(
                page,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escape(key),
                type_name(property),
                escape(text(&property["description"]))
            );
        }
        page.push_str("</table>");
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> =
            values.iter().map(|value| format!("<code>{}</code>", escape(text(value)))).collect();
        let _ = write!(page, "<p>One of {}</p>", values.join(" · "));
    }
}

fn type_name(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let names: Vec<String> = choices.iter().map(type_name).collect();
        return names.join(" or ");
    }
    if schema["type"] == "array" {
        return format!("list of {}", type_name(&schema["items"]));
    }
    match &schema["type"] {
        Value::String(name) => escape(name),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            escape(&names.join(" or "))
        }
        _ => String::new(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn line(page: &mut String, tag: &str, content: &str) {
    if !content.is_empty() {
        let _ = write!(page, "<{tag}>{}</{tag}>", escape(content));
    }
}

fn row(page: &mut String, left: &str, right: &str) {
    let _ = write!(page, "<tr><td>{left}</td><td>{}</td></tr>", escape(right));
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
