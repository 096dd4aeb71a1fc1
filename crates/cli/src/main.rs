//! The inkgate command.
fn main() {}
