//! The stored shape of a message's facts. Reasons are what grows: each is kept to 200 bytes, one
//! that repeats the attempt before is not written again, and where an item would outgrow its
//! kilobyte the oldest are cut first. A cut reason is a beginning of the whole one, and so sorts
//! before it: hearing of the same failure again changes nothing.

use std::collections::BTreeMap;

use domain::message::{
    Acceptance, AttemptNumber, Facts, FailedFact, FailureOrigin, Reply, ReplyKind,
};
use serde::{Deserialize, Serialize};

use crate::shape::When;

const REASON: usize = 200;

/// What is kept of the newest reason whatever it costs: without it nobody knows why a message failed.
const NEWEST: usize = 40;

#[derive(Default, Serialize, Deserialize)]
pub(super) struct FactsItem {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    a: BTreeMap<AttemptNumber, AcceptedItem>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    s: BTreeMap<AttemptNumber, When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<When>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    f: BTreeMap<AttemptNumber, FailedItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<ReplyItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<When>,
}

#[derive(Serialize, Deserialize)]
struct AcceptedItem {
    t: When,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct FailedItem {
    t: When,
    o: OriginName,
    c: String,
    /// The reason; missing when it is that of the failed attempt before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum OriginName {
    #[serde(rename = "p")]
    Provider,
    #[serde(rename = "u")]
    Ourselves,
}

#[derive(Serialize, Deserialize)]
struct ReplyItem {
    t: When,
    m: String,
    k: ReplyKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<String>,
    w: String,
}

impl FactsItem {
    /// Takes this many bytes off the reasons, the oldest first; the newest is never cut away.
    pub(super) fn shorten_reasons(&mut self, mut excess: usize) {
        let reasons = self.f.values_mut().filter_map(|failed| failed.w.as_mut());
        let mut reasons = reasons.peekable();
        while let Some(reason) = reasons.next() {
            let before = reason.len();
            let least = if reasons.peek().is_some() { 0 } else { NEWEST };
            let kept = beginning(reason, before.saturating_sub(excess).max(least)).len();
            reason.truncate(kept);
            excess = excess.saturating_sub(before - kept);
        }
    }
}

/// The longest beginning of at most this many bytes that cuts no character.
fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

impl From<&Facts> for FactsItem {
    fn from(facts: &Facts) -> Self {
        let mut before = None;
        let failed = facts.failed.iter().map(|(attempt, failed)| {
            let reason = beginning(&failed.reason, REASON);
            let repeated = before.replace(reason) == Some(reason);
            let item = FailedItem {
                t: When(failed.at),
                o: match failed.origin {
                    FailureOrigin::Provider => OriginName::Provider,
                    FailureOrigin::Ourselves => OriginName::Ourselves,
                },
                c: failed.code.clone(),
                w: (!repeated).then(|| reason.to_owned()),
            };
            (*attempt, item)
        });
        Self {
            f: failed.collect(),
            a: facts
                .accepted
                .iter()
                .map(|(attempt, accepted)| {
                    let item = AcceptedItem {
                        t: When(accepted.at),
                        i: accepted.provider_id.clone(),
                    };
                    (*attempt, item)
                })
                .collect(),
            s: facts.sent.iter().map(|(a, at)| (*a, When(*at))).collect(),
            d: facts.delivered.map(When),
            r: facts.read.map(When),
            p: facts.reply.as_ref().map(|reply| ReplyItem {
                t: When(reply.at),
                m: reply.inbound.clone(),
                k: reply.kind,
                b: reply.button_id.clone(),
                w: reply.title.clone(),
            }),
            c: facts.cancelled.map(When),
        }
    }
}

impl From<FactsItem> for Facts {
    fn from(item: FactsItem) -> Self {
        let mut before = String::new();
        let failed = item.f.into_iter().map(|(attempt, failed)| {
            if let Some(reason) = failed.w {
                before = reason;
            }
            let fact = FailedFact {
                at: failed.t.0,
                origin: match failed.o {
                    OriginName::Provider => FailureOrigin::Provider,
                    OriginName::Ourselves => FailureOrigin::Ourselves,
                },
                code: failed.c,
                reason: before.clone(),
            };
            (attempt, fact)
        });
        Self {
            failed: failed.collect(),
            accepted: item
                .a
                .into_iter()
                .map(|(attempt, accepted)| {
                    let fact = Acceptance {
                        at: accepted.t.0,
                        provider_id: accepted.i,
                    };
                    (attempt, fact)
                })
                .collect(),
            sent: item.s.into_iter().map(|(a, When(at))| (a, at)).collect(),
            delivered: item.d.map(|When(at)| at),
            read: item.r.map(|When(at)| at),
            reply: item.p.map(|reply| Reply {
                at: reply.t.0,
                inbound: reply.m,
                kind: reply.k,
                button_id: reply.b,
                title: reply.w,
            }),
            cancelled: item.c.map(|When(at)| at),
        }
    }
}
