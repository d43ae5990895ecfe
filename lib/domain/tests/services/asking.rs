//! Statuses that do not come by themselves: asked for at growing distances, merged like any webhook.

mod interleaved;

use std::sync::{Arc, Mutex};

use domain::{
    channel::Channel,
    failure::ProviderFailure,
    ids::MessageId,
    message::{Phase, Status},
    principal::Role,
    provider::{ProviderKind, RawWebhook, WireRequest, WireResponse},
    service::{accept::Draft, ingest::Ingested, send::FirstAttempt, sweep::Swept},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{
    builders::{RECIPIENT, text_draft},
    fakes::FakeGate,
};

use crate::world::{World, answer};

/// A provider that tells statuses only when it is asked, and what it would say now.
pub struct Floor {
    pub world: World,
    pub channel: Channel,
    truth: Arc<Mutex<&'static str>>,
}

fn told(truth: &str) -> WireResponse {
    let data = match truth {
        "unknown" => return answer(404, &json!({"success": false, "statusCode": 404})),
        "pending" => json!({"status": "PENDING"}),
        "error" => json!({"status": "ERROR", "statusInfo": "sending failed"}),
        delivery => json!({"status": "OK", "delivery": delivery}),
    };
    answer(200, &json!({"success": true, "data": data}))
}

impl Floor {
    pub fn new() -> Self {
        let mut world = World::new();
        let truth = Arc::new(Mutex::new("pending"));
        let now = Arc::clone(&truth);
        world.gate = FakeGate::answering(move |request, count| {
            if request.path.starts_with("/v2/message/status") {
                return Ok(told(&now.lock().unwrap()));
            }
            let id = format!("floor-{count}");
            Ok(answer(201, &json!({"success": true, "data": {"id": id}})))
        });
        let channel = world.acme.messenger360_channel();
        let key = (channel.tenant, channel.id);
        {
            let mut state = world.store.state();
            state.channels.insert(key, channel.clone());
            let acme = state.tenants.get_mut(&channel.tenant).unwrap();
            acme.settings.default_channel = Some(channel.id);
        }
        Self {
            world,
            channel,
            truth,
        }
    }

    pub fn becomes(&self, truth: &'static str) {
        *self.truth.lock().unwrap() = truth;
    }

    pub async fn send(&self) -> MessageId {
        self.world.send(hello()).await.unwrap().message.id
    }

    /// How often the provider was asked for a status.
    pub fn asked(&self) -> usize {
        self.questions().len()
    }

    fn questions(&self) -> Vec<WireRequest> {
        let sent = self
            .world
            .gate
            .sent()
            .into_iter()
            .map(|(_, request)| request);
        sent.filter(|request| request.path.starts_with("/v2/message/status"))
            .collect()
    }

    /// How often it was asked to send.
    pub fn sends(&self) -> usize {
        self.world.gate.sent().len() - self.asked()
    }

    pub async fn webhook(&self, body: &Value) -> Ingested {
        let key = Some(self.channel.key.clone());
        let raw = RawWebhook {
            key: key.clone(),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        let (ingest, kind) = (self.world.ingest(), ProviderKind::Messenger360);
        ingest
            .run(&self.world.vault, kind, key.as_ref(), &raw)
            .await
            .unwrap()
    }

    /// The minutes, of so many, in which it was asked.
    async fn minutes_asked(&self, minutes: u32) -> Vec<u32> {
        let mut asked = Vec::new();
        for minute in 1..=minutes {
            let before = self.asked();
            self.world.minutes(1).await;
            asked.extend((before..self.asked()).map(|_| minute));
        }
        asked
    }

    /// Nothing is planned any more, and nothing is asked for days.
    async fn assert_ended(&self, id: MessageId) {
        assert_eq!(self.world.message(id).sending.due, None);
        let asked = self.asked();
        // A failure is mailed about first.
        self.world.minutes(1).await;
        for _ in 0..8 {
            self.world.clock.advance(SignedDuration::from_hours(12));
            assert_eq!(self.world.sweep().await, Swept::default());
            self.world.drain().await;
        }
        assert_eq!((self.asked(), self.sends()), (asked, 1));
    }
}

pub fn hello() -> Draft {
    text_draft(RECIPIENT, "Hello")
}

/// A delivery as a webhook tells it: 1 sent, 2 delivered, 3 read, or `error`.
pub fn delivery(word: impl Into<Value>) -> Value {
    json!({"ID": "floor-1", "Delivery": word.into()})
}

/// After one minute, two more, five, fifteen, then hours, then days; ten times, and no more.
#[tokio::test]
async fn a_status_is_asked_for_at_growing_distances_and_then_left() {
    let floor = Floor::new();
    floor.becomes("server");
    let id = floor.send().await;
    assert_eq!(floor.world.message(id).sending.polls, Some(0));
    let asked = floor.minutes_asked(5_000).await;
    let expected = [1, 3, 8, 23, 83, 263, 623, 1_343, 2_783, 4_223];
    assert_eq!(asked, expected);
    assert_eq!(floor.questions()[0].path, "/v2/message/status?id=floor-1");
    let message = floor.world.message(id);
    assert_eq!(
        (message.status(), message.sending.polls),
        (Status::Sent, Some(10))
    );
    floor.assert_ended(id).await;
    floor.world.assert_consistent().await;
}

/// Read and failed are the end of it; delivered is not.
#[tokio::test]
async fn asking_ends_when_nothing_more_can_be_learnt() {
    for (truth, shown, asked) in [
        ("read", Status::Read, vec![1]),
        ("error", Status::Failed, vec![1]),
        ("device", Status::Delivered, vec![1, 3, 8, 23]),
        ("unknown", Status::Sent, vec![1, 3, 8, 23]),
        ("pending", Status::Sent, vec![1, 3, 8, 23]),
        ("held", Status::Sent, vec![1, 3, 8, 23]),
    ] {
        let floor = Floor::new();
        floor.becomes(truth);
        let id = floor.send().await;
        assert_eq!(floor.minutes_asked(60).await, asked, "{truth}");
        assert_eq!(floor.world.message(id).status(), shown, "{truth}");
        let mailed = usize::from(truth == "error");
        assert_eq!(floor.world.mailer.sent().len(), mailed, "{truth}");
        if asked.len() == 1 {
            floor.assert_ended(id).await;
        }
        floor.world.assert_consistent().await;
    }
}

/// It is delivered first and read later: each is learnt when it is asked for.
#[tokio::test]
async fn what_happens_later_is_learnt_later() {
    let floor = Floor::new();
    let id = floor.send().await;
    let mut shown = Vec::new();
    for truth in ["server", "device", "device", "read"] {
        floor.becomes(truth);
        let before = floor.asked();
        while floor.asked() == before {
            floor.world.minutes(1).await;
        }
        shown.push(floor.world.message(id).status());
    }
    let (sent, delivered) = (Status::Sent, Status::Delivered);
    assert_eq!(shown, [sent, delivered, delivered, Status::Read]);
    let facts = floor.world.message(id).facts;
    let minute = |n: i64| Some(floor.world.message(id).created_at + SignedDuration::from_mins(n));
    assert_eq!((facts.delivered, facts.read), (minute(3), minute(23)));
    floor.assert_ended(id).await;
}

/// A webhook tells it in between: read or failed ends the asking, delivered does not.
#[tokio::test]
async fn a_webhook_in_between_ends_it() {
    for (word, shown, ends) in [
        (json!(3), Status::Read, true),
        (json!("error"), Status::Failed, true),
        (json!(2), Status::Delivered, false),
        (json!(9), Status::Sent, false),
    ] {
        let floor = Floor::new();
        floor.becomes("server");
        let id = floor.send().await;
        floor.world.minutes(4).await;
        assert_eq!(floor.asked(), 2);
        floor.webhook(&delivery(word.clone())).await;
        assert_eq!(floor.world.message(id).status(), shown, "{word}");
        if ends {
            floor.assert_ended(id).await;
        } else {
            assert_eq!(floor.minutes_asked(60).await, [4, 19], "{word}");
        }
    }
}

/// A question that was handed over and lost is handed over again; one that comes twice is asked once.
#[tokio::test]
async fn a_lost_question_is_made_up_for_and_a_repeated_one_is_not_asked() {
    let floor = Floor::new();
    floor.becomes("server");
    let id = floor.send().await;
    for _ in 0..5 {
        floor.world.work(id).await;
    }
    assert_eq!(floor.asked(), 0, "not before its time");
    floor.world.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(floor.world.sweep().await.handed_over, 1);
    assert!(floor.world.lanes.take().is_some());
    assert_eq!(floor.world.sweep().await, Swept::default());
    floor.world.minutes(2).await;
    assert_eq!(floor.asked(), 1);
    for _ in 0..5 {
        floor.world.work(id).await;
    }
    // Never more often than by the plan, which has a second question by now.
    assert_eq!((floor.asked(), floor.sends()), (2, 1));
    assert_eq!(floor.world.message(id).sending.polls, Some(2));
}

/// A lane that is behind gets the same message several times over; each question keeps its distance.
#[tokio::test]
async fn a_slow_lane_does_not_use_the_questions_up() {
    let floor = Floor::new();
    floor.becomes("server");
    let lane = FirstAttempt::InLane;
    let queued = floor.world.send_with(hello(), None, lane).await.unwrap();
    for _ in 0..12 {
        floor.world.clock.advance(SignedDuration::from_mins(1));
        floor.world.sweep().await;
    }
    assert!(floor.world.lanes.waiting().len() > 4);
    floor.world.drain().await;
    assert_eq!((floor.sends(), floor.asked()), (1, 0));
    let message = floor.world.message(queued.message.id);
    assert_eq!(message.sending.phase, Phase::Accepted);
    assert_eq!(floor.minutes_asked(30).await, [1, 3, 8, 23]);
}

/// Whoever cannot be asked now is asked the next time; nothing is concluded from it.
#[tokio::test]
async fn a_provider_that_does_not_answer_proves_nothing() {
    let floor = Floor::new();
    let id = floor.send().await;
    let before = floor.world.message(id).facts;
    for failed in [
        Err(ProviderFailure::NotSent { what: "connect" }),
        Err(ProviderFailure::OutcomeUnknown {
            what: "timeout".into(),
        }),
        Ok(answer(500, &json!({}))),
        Ok(answer(200, &json!("odd"))),
    ] {
        floor.world.gate.next(failed);
    }
    floor.becomes("read");
    assert_eq!(floor.minutes_asked(30).await, [1, 3, 8, 23]);
    assert_eq!(floor.world.message(id).facts, before);
    floor.world.minutes(60).await;
    assert_eq!(floor.world.message(id).status(), Status::Read);
    assert_eq!(floor.sends(), 1);
}

/// It failed, and a person sends it again: the new attempt is asked about from the beginning, under its
/// own id.
#[tokio::test]
async fn a_new_attempt_is_asked_about_from_the_beginning() {
    let floor = Floor::new();
    let id = floor.send().await;
    assert_eq!(floor.minutes_asked(60).await, [1, 3, 8, 23]);
    floor.becomes("error");
    floor.world.minutes(30).await;
    assert_eq!(floor.world.message(id).status(), Status::Failed);
    floor.becomes("device");
    let manager = floor.world.acme.user(Role::Manager);
    floor.world.change().retry(&manager, id).await.unwrap();
    floor.world.work(id).await;
    assert_eq!(floor.minutes_asked(30).await, [1, 3, 8, 23]);
    let last = floor.questions().pop().unwrap().path;
    assert!(last.ends_with("id=floor-7"), "{last}");
    assert_eq!(floor.world.message(id).status(), Status::Delivered);
    assert_eq!(floor.sends(), 2);
}

/// S1.86: the first version of the API has no such question; nor have the other providers.
#[tokio::test]
async fn who_cannot_be_asked_is_not() {
    let floor = Floor::new();
    let key = (floor.channel.tenant, floor.channel.id);
    {
        let mut state = floor.world.store.state();
        state.channels.get_mut(&key).unwrap().api = Some("v1".into());
    }
    let id = floor.send().await;
    assert_eq!(floor.world.message(id).sending.polls, None);
    floor.assert_ended(id).await;

    let whapi = World::new();
    let id = whapi.send(hello()).await.unwrap().message.id;
    let sending = whapi.message(id).sending;
    assert_eq!((sending.polls, sending.due), (None, None));
    whapi.minutes(30).await;
    assert_eq!(whapi.gate.sent().len(), 1);
}
