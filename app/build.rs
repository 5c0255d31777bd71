//! Leaves the build stamp for `--version`.

fn main() {
    contract::stamp::emit();
    // They are part of the program, and a new file is not noticed otherwise.
    for folder in ["postgres", "sqlite"] {
        println!("cargo:rerun-if-changed=../migrations/{folder}");
    }
    // The page, too; a debug build reads it from its folder as it runs.
    if std::env::var_os("PROFILE").is_some_and(|profile| profile != "debug") {
        println!("cargo:rerun-if-changed=page");
    }
}
