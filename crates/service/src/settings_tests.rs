//! The layers, with and without a prefix.

use std::collections::{BTreeMap, HashMap};

use secrecy::ExposeSecret;

use super::{Mistakes, Reader, Sources, Table, Variable, parse};

const VARIABLES: &[Variable] = &[
    Variable::plain("PORT", "5100"),
    Variable::plain("LOG", "info"),
    Variable::plain("LOG_FORMAT", "text"),
    Variable::secret("DATABASE_URL"),
    Variable::plain("CONFIG", ""),
    Variable::listed("COLOR", ""),
];
const PLAIN: Table = Table::plain(VARIABLES);
const PREFIXED: Table =
    Table { prefix: "MY_", variables: VARIABLES, file: Some("CONFIG"), list: Some("room") };

fn sources(pairs: &[(&str, &str)]) -> Sources {
    let environment: HashMap<String, String> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { environment, ..Sources::default() }
}

fn port(table: &'static Table, sources: &Sources) -> Result<Option<u16>, Mistakes> {
    let mut reader = Reader::gather(table, sources);
    let port = reader.value("PORT", parse::typed);
    reader.finish(port)
}

#[test]
fn without_a_prefix_only_the_tables_names_are_read() {
    let mut sources = sources(&[
        ("PORT", "8080"),
        ("PATH", "/bin"),
        ("LESSOPEN", "| x"),
        ("A.B[0", "?"),
        ("MY_PORT", "1"),
        ("port", "2"),
    ]);
    assert_eq!(port(&PLAIN, &sources).unwrap(), Some(8080));
    assert!(Reader::gather(&PLAIN, &sources).take_strangers().is_empty());
    sources.flags = BTreeMap::from([("PORT", "9090".to_owned())]);
    assert_eq!(port(&PLAIN, &sources).unwrap(), Some(9090));
    assert_eq!(port(&PLAIN, &Sources::default()).unwrap(), Some(5100));
}

#[test]
fn without_a_prefix_a_secret_may_come_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "postgres://user:hidden@db/app\n").unwrap();
    let path = file.path().to_str().unwrap();
    let mut reader = Reader::gather(&PLAIN, &sources(&[("DATABASE_URL_FILE", path)]));
    let secret = reader.secret("DATABASE_URL", |_| Ok(())).unwrap();
    assert_eq!(secret.expose_secret(), "postgres://user:hidden@db/app");
    let both = sources(&[("DATABASE_URL_FILE", path), ("DATABASE_URL", "hidden")]);
    let mut reader = Reader::gather(&PLAIN, &both);
    assert!(reader.secret("DATABASE_URL", |_| Ok(())).is_none());
    let text = reader.finish(()).unwrap_err().to_string();
    assert!(text.contains("  DATABASE_URL: set this or DATABASE_URL_FILE, not both"), "{text}");
    assert!(!text.contains("hidden"), "{text}");
}

#[test]
fn mistakes_are_told_together_by_the_names_people_wrote() {
    let mut sources = sources(&[("PORT", "many"), ("LOG_FORMAT", "xml"), ("LOG", "info,,==")]);
    let mut reader = Reader::gather(&PLAIN, &sources);
    assert_eq!(reader.value("PORT", parse::typed::<u16>), None);
    reader.log("app");
    let text = reader.finish(()).unwrap_err().to_string();
    assert!(text.starts_with("the configuration has 3 mistakes:\n  PORT: "), "{text}");
    assert!(
        text.contains("info or app=debug") && text.contains("LOG_FORMAT: must be text or json"),
        "{text}"
    );
    sources.flags = BTreeMap::from([("PORT", "few".to_owned())]);
    let text = port(&PLAIN, &sources).unwrap_err().to_string();
    assert!(text.contains("--port: "), "{text}");
}

#[test]
fn with_a_prefix_the_rest_is_strange() {
    let sources = sources(&[("MY_PORT", "1"), ("MY_PROT", "2"), ("PORT", "3"), ("MY_PORT_FILE", "4")]);
    assert_eq!(port(&PREFIXED, &sources).unwrap(), Some(1));
    assert_eq!(Reader::gather(&PREFIXED, &sources).take_strangers(), ["MY_PORT_FILE", "MY_PROT"]);
}

#[test]
fn the_file_has_a_list_where_the_table_names_one() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "port = 7\n[[room]]\ncolor = \"red\"\n[[room]]\nlog = \"x\"\n").unwrap();
    let path = file.path().to_str().unwrap();
    let mut reader = Reader::gather(&PREFIXED, &sources(&[("MY_CONFIG", path)]));
    assert_eq!(reader.value("PORT", parse::typed::<u16>), Some(7));
    assert!(reader.is_set_in_the_file("PORT") && !reader.is_set_above_the_file("PORT"));
    let list = reader.take_list();
    assert_eq!((list.len(), list[0]["COLOR"].as_str()), (2, "red"));
    let text = reader.finish(()).unwrap_err().to_string();
    assert!(text.contains("log: no such key in a [[room]]"), "{text}");
    let lenient = Reader::gather_leniently(&PREFIXED, &sources(&[("MY_CONFIG", "/nowhere")]));
    assert!(lenient.finish(()).is_ok());
}
