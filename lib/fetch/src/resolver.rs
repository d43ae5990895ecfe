//! Names of foreign hosts, resolved once: the connection goes to the addresses that were judged here, so a
//! name that answers differently the next time (rebinding) gains nothing.

use std::{error::Error, net::IpAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The operating system's resolver.
pub(crate) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // Port 0 stands for the scheme's own.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<_> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// A name of which no address may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
pub(crate) struct NotGlobal;

/// Lets through the addresses that `admits` accepts; fails when none is left.
pub(crate) struct Guard {
    pub(crate) inner: Arc<dyn Resolve>,
    pub(crate) admits: fn(IpAddr) -> bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (answer, admits) = (self.inner.resolve(name), self.admits);
        Box::pin(async move {
            let found: Vec<_> = answer.await?.collect();
            // Not all or nothing: a network with DNS64 adds NAT64 addresses to public names.
            let kept: Vec<_> = found
                .iter()
                .copied()
                .filter(|address| admits(address.ip()))
                .collect();
            if kept.is_empty() && !found.is_empty() {
                return Err(Box::new(NotGlobal) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}
