//! Leaves the build stamp for `--version`.

#[expect(clippy::print_stdout, reason = "how a build script talks to cargo")]
fn main() {
    contract::stamp::emit();
    // They are part of the program, and a new file is not noticed otherwise.
    for folder in ["postgres", "sqlite"] {
        println!("cargo:rerun-if-changed=../migrations/{folder}");
    }
}
