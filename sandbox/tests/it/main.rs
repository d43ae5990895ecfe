//! The sandbox driven over real HTTP, with a real receiver for its webhooks.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod control;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod handles;
#[cfg(test)]
mod m360;
#[cfg(test)]
mod meta;
#[cfg(test)]
mod partner;
#[cfg(test)]
mod paypal;
#[cfg(test)]
mod support;
#[cfg(test)]
mod webhooks;
