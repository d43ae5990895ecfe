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

#[cfg(test)]
mod tests {
    use domain::{
        billing::PaymentState,
        ids::{PlanId, TenantId},
    };
    use uuid::Uuid;

    use super::*;
    use crate::keys::{
        due_channel, every_request, payment_pointer, payments_in, paypal_pointer, plan, receipt,
        request_pointer,
    };

    const ID: &str = "0192f0c1a2b37c4d8e5f60718293a4b5";

    /// What companies pay for, and what leads to it from outside.
    #[test]
    fn keys_of_what_is_paid_for() {
        let k = TenantKeys::new(TenantId::parse(ID).unwrap());
        let at: Timestamp = "2026-11-20T10:00:00.123456789Z".parse().unwrap();
        let t = format!("T#{ID}");
        let uuid = Uuid::parse_str(ID).unwrap();
        let hash = digest(&["paypal:1#2:payment"]);
        let inverted = order::newest_first(at);
        let (payment, request) = (PaymentId::from_uuid(uuid), RequestId::from_uuid(uuid));
        let keys = [
            (k.account(), format!("{t}#G"), "G"),
            (k.entry("paypal:1#2:payment"), format!("{t}#G#{hash}"), "E"),
            (
                k.subscription(SubscriptionId::from_uuid(uuid)),
                format!("{t}#SB#{ID}"),
                "SB",
            ),
            (k.payment(payment), format!("{t}#PY#{ID}"), "PY"),
            (k.request(request), format!("{t}#RQ#{ID}"), "RQ"),
            (
                k.notification(NotificationId::from_uuid(uuid)),
                format!("{t}#NT#{ID}"),
                "NT",
            ),
            (
                k.managed(ChannelId::from_uuid(uuid)),
                format!("{t}#C#{ID}"),
                "W",
            ),
        ];
        for (key, pk, sk) in keys {
            assert_eq!((key.pk, key.sk.as_str()), (pk, sk));
        }
        let place = k.ledger(at, 1, "paypal:1#2:payment");
        assert_eq!(place.partition, format!("{t}#G"));
        assert_eq!(place.sort, format!("{inverted}fe{}", &hash[..30]));
        let earlier = k.ledger(at, 0, "paypal:1#2:payment");
        assert!(place.sort < earlier.sort, "newest first, also in a change");
        let place = payments_in(PaymentState::Pending, at, payment);
        assert_eq!(
            (place.partition.as_str(), place.sort),
            ("PY#pending", format!("{inverted}{ID}"))
        );
        assert_eq!(every_request(at, request).partition, "RQ");
        assert_eq!(due_channel(at).partition, "DUE#C");
        let outside = [
            (
                plan(PlanId::from_uuid(uuid)),
                "PL".to_owned(),
                ID.to_owned(),
            ),
            (payment_pointer(payment), format!("PY#{ID}"), "PY".into()),
            (request_pointer(request), format!("RQ#{ID}"), "RQ".into()),
            (
                paypal_pointer("I#1"),
                format!("PP#{}", digest(&["I#1"])),
                "PP".into(),
            ),
            (
                receipt("a#b"),
                format!("RC#{}", digest(&["a#b"])),
                "RC".into(),
            ),
        ];
        for (key, pk, sk) in outside {
            assert_eq!(key, (pk, sk));
        }
    }
}
