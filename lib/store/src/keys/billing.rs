//! Keys of what a company pays for: its account with the ledger, subscriptions, payments, requests,
//! what it is told, and the channels that the platform pays for.

use domain::ids::{ChannelId, NotificationId, PaymentId, RequestId, SubscriptionId};
use jiff::Timestamp;

use super::{Key, Place, TenantKeys, digest, order};

impl TenantKeys {
    /// The account.
    pub(crate) fn account(self) -> Key {
        self.key("#G", "G")
    }

    /// An entry of the ledger. Its name is the fact's; whatever it is, its hash stands here.
    pub(crate) fn entry(self, name: &str) -> Key {
        self.key(&format!("#G#{}", digest(&[name])), "E")
    }

    /// An entry's place in the ledger, newest first; those of one change in the order they are in there.
    pub(crate) fn ledger(self, at: Timestamp, nth: u8, name: &str) -> Place {
        let mut hash = digest(&[name]);
        hash.truncate(30);
        Place {
            partition: self.all_entries(),
            sort: format!("{}{:02x}{hash}", order::newest_first(at), u8::MAX - nth),
        }
    }

    /// The tenant's ledger.
    pub(crate) fn all_entries(self) -> String {
        format!("{}#G", self.prefix())
    }

    /// A subscription.
    pub(crate) fn subscription(self, id: SubscriptionId) -> Key {
        self.key(&format!("#SB#{}", id.key()), "SB")
    }

    /// Its place among the tenant's, newest first.
    pub(crate) fn subscriptions(self, created: Timestamp, id: SubscriptionId) -> Place {
        Place {
            partition: self.all_subscriptions(),
            sort: order::newest_first_with(created, id.uuid()),
        }
    }

    /// The tenant's subscriptions.
    pub(crate) fn all_subscriptions(self) -> String {
        format!("{}#SB", self.prefix())
    }

    /// An offline payment.
    pub(crate) fn payment(self, id: PaymentId) -> Key {
        self.key(&format!("#PY#{}", id.key()), "PY")
    }

    /// Its place among the tenant's, newest first.
    pub(crate) fn payments(self, created: Timestamp, id: PaymentId) -> Place {
        Place {
            partition: self.all_payments(),
            sort: order::newest_first_with(created, id.uuid()),
        }
    }

    /// The tenant's offline payments.
    pub(crate) fn all_payments(self) -> String {
        format!("{}#PY", self.prefix())
    }

    /// A request for a quote or a demo.
    pub(crate) fn request(self, id: RequestId) -> Key {
        self.key(&format!("#RQ#{}", id.key()), "RQ")
    }

    /// Its place among the tenant's, newest first.
    pub(crate) fn requests(self, created: Timestamp, id: RequestId) -> Place {
        Place {
            partition: self.all_requests(),
            sort: order::newest_first_with(created, id.uuid()),
        }
    }

    /// The tenant's requests.
    pub(crate) fn all_requests(self) -> String {
        format!("{}#RQ", self.prefix())
    }

    /// What the tenant is told about one fact.
    pub(crate) fn notification(self, id: NotificationId) -> Key {
        self.key(&format!("#NT#{}", id.key()), "NT")
    }

    /// Its place among what the tenant is told, newest first.
    pub(crate) fn notifications(self, at: Timestamp, id: NotificationId) -> Place {
        Place {
            partition: self.all_notifications(),
            sort: order::newest_first_with(at, id.uuid()),
        }
    }

    /// What the tenant is told.
    pub(crate) fn all_notifications(self) -> String {
        format!("{}#NT", self.prefix())
    }

    /// The record of a channel that the platform pays for, beside the channel.
    pub(crate) fn managed(self, id: ChannelId) -> Key {
        self.key(&format!("#C#{}", id.key()), "W")
    }

    /// Its place among the tenant's, in the order they were made.
    pub(crate) fn managed_channels(self, made: Timestamp, id: ChannelId) -> Place {
        Place {
            partition: self.all_managed(),
            sort: format!("{}#{}", order::oldest_first(made), id.key()),
        }
    }

    /// The tenant's records of such channels.
    pub(crate) fn all_managed(self) -> String {
        format!("{}#CW", self.prefix())
    }
}
