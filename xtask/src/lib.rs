//! What the commands of `cargo xtask` share with the integration tests: the local stack.

pub mod stack;
pub mod workspace;
