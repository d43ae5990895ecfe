//! The adapter against the sandbox's PayPal, over real sockets.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod verifying;
#[cfg(test)]
mod world;
