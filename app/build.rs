//! Leaves the build stamp for `--version`.

fn main() {
    contract::stamp::emit();
    // They are part of the program, and a new file is not noticed otherwise.
    for folder in ["postgres", "sqlite"] {
        println!("cargo:rerun-if-changed=../migrations/{folder}");
    }
}
