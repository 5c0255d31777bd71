//! The programs of PostgreSQL: where they are, as whom they run, and the folder that `initdb` makes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

/// Where the programs of PostgreSQL are, and who runs the server.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    root: bool,
}

impl Programs {
    pub(super) fn find() -> anyhow::Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .map(|found| found.flatten().map(|entry| entry.path().join("bin")).collect())
            .unwrap_or_default();
        packaged.sort();
        folders.extend(packaged.into_iter().rev());
        let found = folders.into_iter().find(|folder| folder.join("initdb").is_file());
        let folder = found.context(
            "these tests need PostgreSQL: initdb is neither in PATH nor in /usr/lib/postgresql/*/bin; \
             install it (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql)",
        )?;
        let id = Command::new("id").arg("-u").output().context("run id")?;
        Ok(Self { folder, root: id.stdout.trim_ascii() == b"0" })
    }

    /// The program itself, where PostgreSQL has it; else out of PATH.
    pub(super) fn path(&self, program: &str) -> PathBuf {
        let own = self.folder.join(program);
        if own.is_file() { own } else { PathBuf::from(program) }
    }

    /// What stands before a command so that it does not run as root.
    pub(super) fn as_user(&self) -> Vec<String> {
        let user = "setpriv --reuid=postgres --regid=postgres --init-groups --pdeathsig=KILL --";
        if self.root { user.split(' ').map(str::to_owned).collect() } else { Vec::new() }
    }

    /// Runs a program to its end as the user of the server; what it printed.
    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = self.as_user();
        command.push(text(&self.path(program))?.to_owned());
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        run(&command)
    }

    /// The same as who runs this.
    pub(super) fn run_own(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = vec![text(&self.path(program))?.to_owned()];
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        run(&command)
    }

    /// Gives a folder to the user of the server.
    pub(super) fn give(&self, folder: &Path) -> anyhow::Result<()> {
        if self.root {
            run(&["chown".to_owned(), "postgres:".to_owned(), text(folder)?.to_owned()])?;
        }
        Ok(())
    }
}

fn run(command: &[String]) -> anyhow::Result<String> {
    let [program, arguments @ ..] = command else { bail!("nothing to run") };
    let output = Command::new(program).args(arguments).current_dir("/").output();
    let output = output.with_context(|| format!("run {program}"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {}", command.join(" "), error.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A folder as `initdb` makes it; made by the first who asks.
pub(super) fn template(programs: &Programs) -> anyhow::Result<PathBuf> {
    let version = programs.run("initdb", &["--version"])?;
    let version: String = version.chars().filter(char::is_ascii_alphanumeric).collect();
    let owner = if programs.root { "root" } else { "user" };
    let folder = std::env::temp_dir().join(format!("remote-agent-test-postgres-{owner}-{version}"));
    fs::create_dir_all(&folder).context("make a folder for PostgreSQL")?;
    programs.give(&folder)?;
    let lock = File::create(folder.join("lock")).context("make a lock for PostgreSQL's folder")?;
    lock.lock().context("lock PostgreSQL's folder")?;
    let (made, template) = (folder.join("made"), folder.join("template"));
    if !template.exists() {
        drop(fs::remove_dir_all(&made));
        let arguments = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"];
        programs.run("initdb", &[arguments.as_slice(), &[text(&made)?]].concat())?;
        fs::rename(&made, &template).context("keep PostgreSQL's folder")?;
    }
    Ok(template)
}

pub(super) fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}
