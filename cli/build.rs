//! Leaves the build stamp for `--version`.

fn main() {
    contract::stamp::emit();
}
