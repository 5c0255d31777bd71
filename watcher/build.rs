//! Leaves the build stamp for `--version`, and packs what the loader has to relocate.

use std::env;
use std::process::Command;

fn main() {
    contract::stamp::emit();
    pack_relocations();
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
