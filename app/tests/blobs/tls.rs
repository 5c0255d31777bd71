//! HTTPS to the object store: with ring, and with the certificates that the machine or `SSL_CERT_FILE` trusts.

use std::process::Command;

use app::transcript_blobs::{BlobError, S3Settings, TranscriptBlobs};
use fake_github::FakeGithub;

use crate::place::settings;

/// Any HTTPS server will do: it says that the object is missing, which is what the probe wants to hear.
#[tokio::test]
async fn a_store_is_trusted_if_ssl_cert_file_says_so_and_not_otherwise() {
    let server = FakeGithub::builder().tls().start().await;
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, server.ca_pem().unwrap()).unwrap();
    for (file, trusted) in [(authority.as_path(), "true"), (std::path::Path::new("/dev/null"), "false")] {
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tls::probe_in_a_process_of_its_own", "--ignored", "--nocapture"])
            .env("TEST_S3_ENDPOINT", server.web_url())
            .env("TEST_TRUSTED", trusted)
            .env("SSL_CERT_FILE", file)
            .env_remove("SSL_CERT_DIR")
            .output();
        let ended = ended.unwrap();
        assert!(
            ended.status.success(),
            "{trusted}: {}{}",
            String::from_utf8_lossy(&ended.stdout),
            String::from_utf8_lossy(&ended.stderr)
        );
    }
}

/// The variable is read once, so each value needs a process.
#[tokio::test]
#[ignore = "started by the test above"]
async fn probe_in_a_process_of_its_own() {
    let s3 = test_servers::s3::S3::start().unwrap();
    let settings = S3Settings { endpoint: std::env::var("TEST_S3_ENDPOINT").unwrap(), ..settings(&s3) };
    let probed = match TranscriptBlobs::in_s3(&settings) {
        Ok(blobs) => blobs.probe().await,
        Err(error) => Err(error),
    };
    if std::env::var("TEST_TRUSTED").unwrap() == "true" {
        probed.unwrap();
    } else {
        assert!(matches!(probed, Err(BlobError::Unavailable(_) | BlobError::Refused { .. })), "{probed:?}");
    }
}
