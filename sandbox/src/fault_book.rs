//! The book of pending faults: which order meets which request or webhook.

use serde::Serialize;

use crate::{
    dialect::Dialect,
    faults::{Fault, FaultOrder, Moment},
    journal::mask,
};

/// What a fault is compared with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    /// The key of the party.
    pub(crate) token: String,
    pub(crate) dialect: Dialect,
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) to: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) is_send: bool,
}

/// A fault that still waits for its requests.
#[derive(Clone, Debug, Serialize)]
pub struct PendingFault {
    /// Number in order of arrival.
    pub id: u64,
    /// The channel's token, masked.
    pub token: Option<String>,
    /// The path it waits for.
    pub path: Option<String>,
    /// The HTTP method it waits for.
    pub method: Option<String>,
    /// The recipient it waits for.
    pub to: Option<String>,
    /// The webhook event it waits for.
    pub event: Option<String>,
    /// How often it will still apply.
    pub times: u32,
    /// What will go wrong.
    #[serde(flatten)]
    pub kind: Fault,
}

/// The pending faults, in the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    orders: Vec<(u64, FaultOrder)>,
    last_id: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, order: FaultOrder) -> u64 {
        self.last_id += 1;
        if order.times > 0 {
            self.orders.push((self.last_id, order));
        }
        self.last_id
    }

    /// Uses up one application of the first fault that matches, and says what it is.
    pub(crate) fn take(&mut self, moment: Moment, subject: &Subject) -> Option<Fault> {
        self.take_order(moment, subject).map(|order| order.kind)
    }

    /// The same, with the conditions of the order.
    pub(crate) fn take_order(&mut self, moment: Moment, subject: &Subject) -> Option<FaultOrder> {
        let (id, order) = self.orders.iter_mut().find(|(_, order)| {
            order.kind.moment() == moment
                && (subject.is_send || !order.kind.needs_send())
                && order.matches(subject)
        })?;
        order.times -= 1;
        let (id, taken) = (*id, order.clone());
        if taken.times == 0 {
            self.orders.retain(|(other, _)| *other != id);
        }
        Some(taken)
    }

    pub(crate) fn pending(&self) -> Vec<PendingFault> {
        let pending = |(id, order): &(u64, FaultOrder)| PendingFault {
            id: *id,
            token: order.token.as_deref().map(mask),
            path: order.path.clone(),
            method: order.method.clone(),
            to: order.to.clone(),
            event: order.event.clone(),
            times: order.times,
            kind: order.kind.clone(),
        };
        self.orders.iter().map(pending).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.orders.clear();
    }
}

impl FaultOrder {
    fn matches(&self, subject: &Subject) -> bool {
        let same = |wanted: &Option<String>, actual: Option<&str>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| actual == Some(wanted))
        };
        let path = self
            .path
            .as_deref()
            .is_none_or(|path| match path.strip_suffix('*') {
                Some(start) => subject.path.starts_with(start),
                None => subject.path == path,
            });
        let method = self
            .method
            .as_deref()
            .is_none_or(|method| method.eq_ignore_ascii_case(&subject.method));
        path && method
            && same(&self.token, Some(&subject.token))
            && same(&self.event, subject.event.as_deref())
            && same(
                &self.to.as_deref().map(|to| number(to).to_owned()),
                subject.to.as_deref().map(number),
            )
    }
}

fn number(to: &str) -> &str {
    to.split('@').next().unwrap_or(to).trim_start_matches('+')
}

#[cfg(test)]
mod tests {
    use super::{Faults, Subject};
    use crate::faults::{Fault, FaultOrder, Moment};

    #[test]
    fn a_fault_applies_to_matching_sends_only_and_then_disappears() {
        let mut faults = Faults::default();
        let order: FaultOrder = serde_json::from_value(serde_json::json!({
            "kind": "reset_after_accept", "times": 2, "path": "/messages/*", "to": "97300000001"
        }))
        .unwrap();
        faults.add(order);
        let send = Subject {
            token: "t".into(),
            path: "/messages/text".into(),
            to: Some("97300000001@s.whatsapp.net".into()),
            is_send: true,
            ..Subject::default()
        };
        let others = [
            Subject {
                is_send: false,
                ..send.clone()
            },
            Subject {
                to: None,
                ..send.clone()
            },
            Subject {
                to: Some("97300000002".into()),
                ..send.clone()
            },
            Subject {
                path: "/settings".into(),
                ..send.clone()
            },
        ];
        for other in &others {
            assert_eq!(faults.take(Moment::Answer, other), None, "{other:?}");
        }
        assert_eq!(faults.take(Moment::BeforeAccept, &send), None);
        assert_eq!(
            faults.take(Moment::Answer, &send),
            Some(Fault::ResetAfterAccept)
        );
        assert_eq!(faults.pending().len(), 1);
        assert_eq!(
            faults.take(Moment::Answer, &send),
            Some(Fault::ResetAfterAccept)
        );
        assert!(faults.pending().is_empty());
    }
}
