//! The routes as the gateway calls them, as far as they come without a table; and what is shown.

mod asking;
mod showing;
mod whapi;

/// Secrets of this file's bodies, for searching in what is printed.
const SECRETS: [&str; 4] = [
    "EAAGinventedtoken0001",
    "inventedappsecret0002",
    "inventedverifytoken03",
    "invented360apikey0004",
];
