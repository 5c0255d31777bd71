//! What others wrote into a workspace reads nothing outside it, hangs nothing and breaks nothing.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use contract::WorkspaceFolder;
use proptest::prelude::*;

use crate::tree::{Tree, git};

#[tokio::test]
async fn links_out_of_the_folder_are_not_followed() {
    let tree = Tree::new();
    let outside = tree.outside("secret");
    symlink(&outside, tree.path("linked")).unwrap();
    assert!(tree.list().await.is_empty());

    fs::create_dir(tree.path("git-linked")).unwrap();
    symlink(outside.join(".git"), tree.path("git-linked/.git")).unwrap();
    fs::create_dir(tree.path("git-named")).unwrap();
    fs::write(tree.path("git-named/.git"), format!("gitdir: {}/.git\n", outside.display())).unwrap();
    for (name, folder) in tree.list().await {
        assert_eq!(folder, WorkspaceFolder::default(), "{name}");
    }
}

#[tokio::test]
async fn files_of_a_repository_that_lead_outside_are_not_read() {
    let tree = Tree::new();
    let outside = tree.outside("secret");
    git(&outside, &["remote", "add", "origin", "https://secret.example/"]);
    let folder = tree.repository("work");
    for file in ["config", "logs/HEAD", "refs/heads/main"] {
        fs::remove_file(folder.join(".git").join(file)).unwrap();
        symlink(outside.join(".git").join(file), folder.join(".git").join(file)).unwrap();
    }
    let expected = WorkspaceFolder { git: true, branch: Some("main".into()), ..WorkspaceFolder::default() };
    assert_eq!(tree.only().await, expected);
    fs::write(folder.join(".git/HEAD"), "ref: refs/heads/../../../../../secret/.git/HEAD\n").unwrap();
    assert_eq!(tree.only().await, WorkspaceFolder { git: true, ..WorkspaceFolder::default() });
}

#[tokio::test]
async fn pipes_circles_and_endless_files_hang_nothing() {
    let tree = Tree::new();
    let broken = |name: &str, spoil: &dyn Fn(&Path)| spoil(&tree.repository(name).join(".git"));
    broken("pipe", &|git| {
        fs::remove_file(git.join("HEAD")).unwrap();
        assert!(Command::new("mkfifo").arg(git.join("HEAD")).status().unwrap().success());
    });
    broken("device", &|git| {
        fs::remove_file(git.join("config")).unwrap();
        symlink("/dev/zero", git.join("config")).unwrap();
    });
    broken("circle", &|git| fs::write(git.join("refs/heads/main"), "ref: refs/heads/main").unwrap());
    broken("itself", &|git| {
        fs::remove_file(git.join("HEAD")).unwrap();
        symlink("HEAD", git.join("HEAD")).unwrap();
    });
    broken("large", &|git| fs::File::create(git.join("HEAD")).unwrap().set_len(1 << 40).unwrap());
    broken("bomb", &|git| {
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut bomb, b"commit 9\0committer A <a> 7 +0000\n\nBomb\n").unwrap();
        std::io::Write::write_all(&mut bomb, &vec![b'x'; 32 << 20]).unwrap();
        let id = "ab".repeat(20);
        fs::create_dir(git.join("objects/ab")).unwrap();
        fs::write(git.join("objects").join("ab").join(&id[2..]), bomb.finish().unwrap()).unwrap();
        fs::write(git.join("refs/heads/main"), id).unwrap();
    });
    let told = tree.list().await;
    assert_eq!(told.len(), 6);
    assert_eq!(told["bomb"].subject.as_deref(), Some("Bomb"));
    assert_eq!((told["circle"].git, told["circle"].commit.as_deref()), (true, None));
    for name in ["pipe", "itself", "large"] {
        assert_eq!(told[name], WorkspaceFolder::default(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn spoiled_repositories_are_read_without_a_panic(
        spoiled in proptest::collection::vec((0_usize..8, 0.0..1.0_f64, any::<u8>(), any::<bool>()), 1..6)
    ) {
        thread_local!(static TREE: Tree = packed());
        TREE.with(|tree| {
            let git = tree.path("work/.git");
            let pack = fs::read_dir(git.join("objects/pack")).unwrap().flatten().map(|entry| entry.path());
            let mut files: Vec<_> = pack.filter(|path| path.extension().is_some_and(|ending| ending == "idx" || ending == "pack")).collect();
            files.sort();
            files.extend(["HEAD", "config", "packed-refs", "logs/HEAD"].map(|name| git.join(name)));
            let sound: Vec<_> = files.iter().map(|file| fs::read(file).unwrap()).collect();
            for (file, place, byte, cut) in spoiled {
                let file = &files[file % files.len()];
                let mut bytes = fs::read(file).unwrap();
                let at = (bytes.len() as f64 * place) as usize;
                if cut { bytes.truncate(at) } else if let Some(spoiled) = bytes.get_mut(at) { *spoiled = byte }
                overwrite(file, &bytes);
            }
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let told = runtime.block_on(tree.list());
            for (file, bytes) in files.iter().zip(sound) {
                overwrite(file, &bytes);
            }
            // A panic in the look is seen as nothing having been found.
            prop_assert_eq!(told.len(), 1);
            Ok(())
        })?;
    }
}

fn packed() -> Tree {
    let tree = Tree::new();
    let folder = tree.repository("work");
    git(&folder, &["gc", "--quiet"]);
    tree
}

/// Git makes packs that nobody may write.
fn overwrite(file: &Path, bytes: &[u8]) {
    fs::remove_file(file).unwrap();
    fs::write(file, bytes).unwrap();
}
