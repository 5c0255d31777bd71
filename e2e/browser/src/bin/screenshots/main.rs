//! Pictures of both components in every state, and of the page's views: light, dark, narrow, right to left.
//!
//! `cargo run -p browser-tests --bin screenshots -- FOLDER`: the best ones go there, all of them under the target
//! folder.

mod components;
mod page;

use std::path::{Path, PathBuf};

use browser_tests::browser::artefacts;

/// Where pictures go.
pub(crate) struct Album {
    /// Those that are kept with the documentation.
    best: PathBuf,
    /// All others.
    all: PathBuf,
}

impl Album {
    pub(crate) fn best(&self, name: &str) -> PathBuf {
        self.best.join(format!("{name}.png"))
    }

    pub(crate) fn any(&self, name: &str) -> PathBuf {
        self.all.join(format!("{name}.png"))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let best = std::env::args().nth(1).unwrap_or_else(|| "docs/screenshots".to_owned());
    let album = Album { best: PathBuf::from(best), all: artefacts().join("screenshots") };
    for folder in [&album.best, &album.all] {
        std::fs::create_dir_all(folder)?;
    }
    components::take(&album).await;
    page::take(&album).await;
    tell(&album.best)?;
    tell(&album.all)
}

#[expect(clippy::print_stdout, reason = "says what it made")]
fn tell(folder: &Path) -> anyhow::Result<()> {
    let mut bytes = 0;
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
        count += 1;
    }
    println!("{}: {count} pictures, {} KiB", folder.display(), bytes / 1024);
    Ok(())
}
