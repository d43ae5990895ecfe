//! Webhooks held back by a fault: reversed, or joined into one body, when their window is
//! complete or its time is over.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::{
    address::sign,
    fault_book::Subject,
    faults::{Fault, Moment},
    journal::{DeliveryState, Journal, WebhookEntry},
    lanes::Job,
    outlet::Outlet,
    signing,
    state::{Handle, Memory},
};

/// Webhooks held back by one fault order.
#[derive(Debug)]
pub(crate) struct Hold {
    token: String,
    event: Option<String>,
    window: usize,
    /// Joined into one body rather than reversed.
    joins: bool,
    outlet: Outlet,
    /// Never empty: the first one names the hold.
    jobs: Vec<Job>,
}

impl Hold {
    fn named(&self, id: Option<u64>) -> bool {
        let first = self.jobs.first().and_then(|job| job.ids.first());
        first.copied() == id
    }

    /// Sends the held webhooks on, all on one lane so that they stay in their new order.
    fn release(mut self, journal: &mut Journal<WebhookEntry>) {
        let lane = self.jobs.first().map_or(0, |job| job.lane);
        for job in &mut self.jobs {
            job.lane = lane;
            for id in &job.ids {
                mark(journal, *id, DeliveryState::Waiting);
            }
        }
        let jobs = match self.joins {
            true => joined(self.jobs, &self.outlet),
            false => self.jobs.into_iter().rev().collect(),
        };
        self.outlet.lanes.push(jobs);
    }
}

fn mark(journal: &mut Journal<WebhookEntry>, id: u64, state: DeliveryState) {
    if let Some(entry) = journal.get_mut(id) {
        entry.state = state;
    }
}

/// One job with the bodies of all, or the jobs as they were when their bodies do not fit
/// together.
fn joined(jobs: Vec<Job>, outlet: &Outlet) -> Vec<Job> {
    let url = jobs.first().map(|job| job.url.clone());
    let one_place = jobs.iter().all(|job| Some(&job.url) == url.as_ref());
    let bodies = jobs
        .iter()
        .map(|job| serde_json::from_slice(&job.body).ok());
    let Some(body) = join(bodies).filter(|_| one_place) else {
        return jobs;
    };
    let mut jobs = jobs.into_iter();
    let Some(mut all) = jobs.next() else {
        return Vec::new();
    };
    for job in jobs {
        all.ids.extend(job.ids);
        all.first.extend(job.first);
        all.work.extend(job.work);
    }
    all.body = match &outlet.secret {
        Some(secret) => {
            let text = signing::escaped(&body);
            sign(&mut all.headers, secret, text.as_bytes());
            text.into()
        }
        None => body.to_string().into(),
    };
    vec![all]
}

/// Objects with the same keys become one whose lists are put end to end; everything that
/// is no list has to be equal.
fn join(mut bodies: impl Iterator<Item = Option<Map<String, Value>>>) -> Option<Value> {
    let mut all = bodies.next()??;
    for body in bodies {
        let body = body?;
        if body.len() != all.len() {
            return None;
        }
        for (key, value) in body {
            match (all.get_mut(&key)?, value) {
                (Value::Array(list), Value::Array(more)) => list.extend(more),
                (same, value) if *same == value => {}
                _ => return None,
            }
        }
    }
    Some(Value::Object(all))
}

impl Handle {
    /// Lets `job` pass, or holds it back, or completes a window of held ones.
    pub(crate) fn hold(
        &self,
        memory: &mut Memory,
        subject: &Subject,
        outlet: &Outlet,
        job: Job,
    ) -> Vec<Job> {
        let ours = |hold: &Hold| {
            hold.token == subject.token && (hold.event.is_none() || hold.event == subject.event)
        };
        let id = job.ids.first().copied();
        let index = match memory.holds.iter().position(ours) {
            Some(index) => index,
            None => {
                let Some(order) = memory.faults.take_order(Moment::Hold, subject) else {
                    return vec![job];
                };
                let (window, hold_ms, joins) = match order.kind {
                    Fault::ReorderWebhooks { window, hold_ms } => (window, hold_ms, false),
                    Fault::BatchWebhooks { window, hold_ms } => (window, hold_ms, true),
                    _ => return vec![job],
                };
                memory.holds.push(Hold {
                    token: subject.token.clone(),
                    event: order.event,
                    window,
                    joins,
                    outlet: outlet.clone(),
                    jobs: Vec::new(),
                });
                self.release_later(id, hold_ms);
                memory.holds.len() - 1
            }
        };
        let Some(hold) = memory.holds.get_mut(index) else {
            return vec![job];
        };
        hold.jobs.push(job);
        let complete = hold.jobs.len() >= hold.window;
        if let Some(id) = id {
            mark(&mut memory.webhooks, id, DeliveryState::Held);
        }
        if complete {
            let hold = memory.holds.swap_remove(index);
            hold.release(&mut memory.webhooks);
        }
        Vec::new()
    }

    fn release_later(&self, id: Option<u64>, hold_ms: u64) {
        let (handle, generation) = (self.clone(), self.generation());
        self.0.runtime.spawn(async move {
            let moment = Instant::now() + Duration::from_millis(hold_ms);
            if !handle.pause(moment, generation).await {
                return;
            }
            let mut guard = handle.memory();
            let memory = &mut *guard;
            let Some(index) = memory.holds.iter().position(|hold| hold.named(id)) else {
                return;
            };
            let hold = memory.holds.swap_remove(index);
            hold.release(&mut memory.webhooks);
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::join;

    #[test]
    fn only_bodies_that_fit_together_are_joined() {
        let cases = [
            (
                json!([{"object": "o", "entry": [1]}, {"object": "o", "entry": [2, 3]}]),
                Some(json!({"object": "o", "entry": [1, 2, 3]})),
            ),
            (
                json!([{"object": "o", "entry": [1]}, {"object": "p", "entry": [2]}]),
                None,
            ),
            (
                json!([{"object": "o", "entry": [1]}, {"object": "o"}]),
                None,
            ),
            (json!([{"ID": "1"}, {"ID": "2"}]), None),
            (json!([{"a": []}, "text"]), None),
        ];
        for (bodies, wanted) in cases {
            let list = bodies.as_array().unwrap().clone();
            let objects = list.into_iter().map(|body| match body {
                Value::Object(object) => Some(object),
                _ => None,
            });
            assert_eq!(join(objects), wanted, "{bodies}");
        }
    }
}
