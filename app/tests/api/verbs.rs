use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use test_servers::postgres::Postgres;

use crate::helpers::{Ground, Neighbours, TestApp, environment, on_both_grounds, run};

on_both_grounds!(migrate_brings_the_schema_up_and_ends_with_a_code_for_each_refusal);

/// Runs SQL beside the program.
async fn alter(neighbours: &Neighbours, folder: &std::path::Path, sql: &str) {
    if let Some(postgres) = &neighbours.postgres {
        postgres.query(&postgres.url(), sql).unwrap();
    } else {
        let file = folder.join("data/remote-agent.db");
        let mut connection = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}

async fn migrate_brings_the_schema_up_and_ends_with_a_code_for_each_refusal(ground: Ground) {
    let folder = tempfile::tempdir().unwrap();
    let postgres = (ground == Ground::Full).then(|| Postgres::start().unwrap());
    let neighbours = Neighbours { postgres, ..Neighbours::default() };
    let mut environment = environment(&neighbours, folder.path(), &[]);
    // It opens nothing under /api.
    environment.remove("API_KEY");
    let migrate = async |more: &[&str]| run(&[&["migrate"], more].concat(), &environment).await;

    let ended = migrate(&["--check"]).await;
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("older"), "{}", ended.stderr);
    let ended = migrate(&["--json"]).await;
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let first = ended.json();
    assert!(first["schemaVersion"].as_i64().unwrap() >= 1);
    assert_eq!(migrate(&["--json"]).await.json(), first);
    assert_eq!(migrate(&["--check"]).await.code, 0);

    let newer = "insert into _sqlx_migrations select 999999, description, installed_on, success, checksum, \
                 execution_time from _sqlx_migrations limit 1";
    alter(&neighbours, folder.path(), newer).await;
    for more in [&[][..], &["--check"]] {
        let ended = migrate(more).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (3, ""), "{}", ended.stderr);
        assert!(ended.stderr.contains("999999"), "{}", ended.stderr);
    }
    let changed = "delete from _sqlx_migrations where version = 999999; \
                   update _sqlx_migrations set checksum = '00' where version = 1";
    alter(&neighbours, folder.path(), changed).await;
    let ended = migrate(&[]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{}", ended.stderr);
    assert!(ended.stderr.contains("0001_create_events.sql"), "{}", ended.stderr);

    environment.insert("API_KEY".into(), crate::helpers::KEY.into());
    let ended = run(&["serve"], &environment).await;
    assert_eq!(ended.code, 4, "{}", ended.stderr);
}

#[tokio::test]
async fn the_version_is_one_line_with_commit_and_day() {
    let ended = run(&["--version"], &BTreeMap::new()).await;
    let words: Vec<&str> = ended.stdout.trim_end().split(' ').collect();
    let [name, .., commit, day] = words.as_slice() else { panic!("{}", ended.stdout) };
    assert_eq!((ended.code, *name, ended.stdout.lines().count()), (0, "remote-agent-server", 1));
    assert!(words.len() <= 4, "{}", ended.stdout);
    assert!(*commit == "unknown" || commit.len() == 7, "{}", ended.stdout);
    let day = day.strip_prefix('(').and_then(|day| day.strip_suffix(')')).unwrap();
    assert!(chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok(), "{day}");
}

#[tokio::test]
async fn what_is_no_command_ends_with_2() {
    for arguments in [&[][..], &["fly"], &["serve", "--fast"], &["migrate", "--data-dir"], &["--json"]] {
        let ended = run(arguments, &BTreeMap::new()).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ended.stderr.contains("--help"), "{arguments:?}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn without_a_good_key_it_tells_how_to_make_one_and_all_other_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let mut environment = environment(&Neighbours::default(), folder.path(), &[("PORT", "many")]);
    for (key, told) in [(None, "must be set"), (Some("short-one"), "at least 16 characters")] {
        environment.remove("API_KEY");
        environment.extend(key.map(|key| ("API_KEY".to_owned(), key.to_owned())));
        for verb in ["serve", "selftest"] {
            let ended = run(&[verb], &environment).await;
            assert_eq!((ended.code, ended.stdout.as_str()), (64, ""), "{}", ended.stderr);
            for part in ["API_KEY", told, "openssl rand -hex 32", "PORT"] {
                assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
            }
            assert!(!ended.stderr.contains("short-one"), "{}", ended.stderr);
        }
    }
    assert!(!folder.path().join("data").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn healthcheck_asks_where_the_server_listens() {
    let app = TestApp::start_with(Ground::Embedded, &[("HOST", "127.0.0.9")]).await;
    let port = app.address.rsplit(':').next().unwrap().to_owned();
    let asked = |host: &str| {
        BTreeMap::from([("PORT".to_owned(), port.clone()), ("HOST".to_owned(), host.to_owned())])
    };
    let ended = run(&["healthcheck"], &asked("127.0.0.9")).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let ended = run(&["healthcheck", "--host", "127.0.0.9"], &asked("127.0.0.8")).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let ended = run(&["healthcheck"], &asked("127.0.0.8")).await;
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("127.0.0.8"), "{}", ended.stderr);
    let ended = run(&["healthcheck", "--port", "many"], &BTreeMap::new()).await;
    assert_eq!(ended.code, 64, "{}", ended.stderr);
}
