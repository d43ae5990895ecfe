//! What the commands of `cargo xtask` share with the integration tests: the local stack, its
//! clients and its seed.

pub mod client;
pub mod seed;
pub mod stack;
pub mod workspace;
