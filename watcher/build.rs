//! Leaves the build stamp for `--version`, and packs what the loader has to relocate.

use std::env;

fn main() {
    contract::stamp::emit();
    pack_relocations();
}

/// 30 000 relocations are 0.7 MiB in the file and are read at every start; packed they are 20 KiB. Needs glibc 2.36
/// (Debian 12) where the program runs; a linker that does not know the option leaves them as they are.
fn pack_relocations() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
