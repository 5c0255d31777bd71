//! Leaves the build stamp for `--version`, joins the web components, and packs what the loader has to relocate.

#[path = "components/join.rs"]
mod join;

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use flate2::Compression;
use flate2::read::GzEncoder;

fn main() -> std::io::Result<()> {
    contract::stamp::emit();
    pack_relocations();
    pack_components(Path::new("components"), Path::new(&env::var_os("OUT_DIR").unwrap_or_default()))
}

/// One module and one file for each language, compressed: nearly everybody asks for it so.
fn pack_components(from: &Path, to: &Path) -> std::io::Result<()> {
    println!("cargo:rerun-if-changed={}", from.display());
    let parts: Vec<String> = join::PARTS
        .iter()
        .map(|part| fs::read_to_string(from.join(part).with_extension("js")))
        .collect::<Result<_, _>>()?;
    let module = join::join(&fs::read_to_string(from.join("style.css"))?, &parts)?;
    pack(module.as_bytes(), &to.join("update-banner.js.gz"))?;
    let mut list = String::from("[");
    let mut languages: Vec<_> = fs::read_dir(from.join("languages"))?.collect::<Result<_, _>>()?;
    languages.sort_by_key(fs::DirEntry::file_name);
    for language in languages {
        let path = language.path();
        let code = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let compact: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
        let packed = to.join(&code).with_extension("json.gz");
        pack(compact.to_string().as_bytes(), &packed)?;
        list += &format!("(\"{code}\", include_bytes!({packed:?}).as_slice()),");
    }
    fs::write(to.join("languages.rs"), list + "]")
}

fn pack(text: &[u8], to: &Path) -> std::io::Result<()> {
    let mut packed = Vec::new();
    std::io::Read::read_to_end(&mut GzEncoder::new(text, Compression::best()), &mut packed)?;
    fs::write(to, packed)
}

/// 30 000 relocations are 0.7 MiB in the file and are read at every start; packed they are 20 KiB. A loader older than
/// glibc 2.36 cannot read them, so it is done only where the program is built for a host like this one and that is new
/// enough.
fn pack_relocations() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let at_home = env::var("HOST").is_ok_and(|host| is("TARGET", &host));
    if at_home && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release") && glibc_reads_packed() {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

fn glibc_reads_packed() -> bool {
    let Ok(output) = Command::new("getconf").arg("GNU_LIBC_VERSION").output() else { return false };
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.trim().rsplit(' ').next().and_then(|version| {
        let (major, minor) = version.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    });
    version.is_some_and(|version| version >= (2, 36))
}
