//! The ledger of days: entries are written once and never changed; each moves days from one side to
//! another, so what is credited is always where it came from, spent or free.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{ChannelId, PaymentId, TenantId, UserId};

/// Where days are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// With the platform: what it credits comes from here.
    Granted,
    /// With the company, on no channel.
    Free,
    /// Set aside for an extension of a channel that is under way.
    Held(ChannelId),
    /// On a channel: spent.
    Channel(ChannelId),
}

/// The natural key of an entry: the fact it is about. A fact happens once, so its entry is written once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntryName {
    /// An offline payment was approved.
    Approve(PaymentId),
    /// PayPal took a payment, by the id of its sale.
    PayPal(String),
    /// Days were set aside for the n-th extension of a channel.
    Hold(ChannelId, u32),
    /// The extension was confirmed.
    Extend(ChannelId, u32),
    /// It did not happen.
    Release(ChannelId, u32),
    /// A channel was deleted, and its unused days came back (X27).
    Delete(ChannelId),
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approve(payment) => write!(f, "proof:{payment}:approve"),
            Self::PayPal(sale) => write!(f, "paypal:{sale}:payment"),
            Self::Hold(channel, n) => write!(f, "channel:{channel}:hold:{n}"),
            Self::Extend(channel, n) => write!(f, "channel:{channel}:extend:{n}"),
            Self::Release(channel, n) => write!(f, "channel:{channel}:release:{n}"),
            Self::Delete(channel) => write!(f, "channel:{channel}:delete"),
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose days.
    pub tenant: TenantId,
    /// Its natural key, as it is shown and stored.
    pub name: String,
    /// Where the days come from.
    pub from: Side,
    /// Where they go.
    pub to: Side,
    /// How many; never 0.
    pub days: u32,
    /// When.
    pub at: Timestamp,
    /// Who did it; `waypost` for what happens by itself.
    pub by: UserId,
}

impl Entry {
    /// The entry of a fact. The fact says from where to where the days go.
    #[must_use]
    pub fn new(tenant: TenantId, name: &EntryName, days: u32, at: Timestamp, by: &UserId) -> Self {
        let (from, to) = match *name {
            EntryName::Approve(_) | EntryName::PayPal(_) => (Side::Granted, Side::Free),
            EntryName::Hold(channel, _) => (Side::Free, Side::Held(channel)),
            EntryName::Extend(channel, _) => (Side::Held(channel), Side::Channel(channel)),
            EntryName::Release(channel, _) => (Side::Held(channel), Side::Free),
            EntryName::Delete(channel) => (Side::Channel(channel), Side::Free),
        };
        Self {
            tenant,
            name: name.to_string(),
            from,
            to,
            days,
            at,
            by: by.clone(),
        }
    }
}
