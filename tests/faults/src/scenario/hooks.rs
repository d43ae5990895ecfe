//! Webhooks: statuses alone, early and beside the attempt; presses, titles and echoes.

use domain::{message::Status, ports::Clock};
use serde_json::json;

use super::{Doing, PLAIN, Request, Scenario, provider_id, request_all, sending::ask};
use crate::{
    provider::{DIGITS, inbound, messages, press, statuses},
    world::World,
};

const BUTTONS: &[Request] = &[Request::with_buttons("Shall we deliver today?")];

pub const ALL: &[Scenario] = &[
    // Three statuses in one webhook.
    Scenario {
        name: "statuses",
        requests: BUTTONS,
        ends: &[Status::Read],
        setup: batch,
        act: post,
        ..PLAIN
    },
    // A body too large for an item goes to the files.
    Scenario {
        name: "large",
        requests: BUTTONS,
        ends: &[Status::Read],
        setup: large,
        act: post,
        ..PLAIN
    },
    // The statuses are there, and applied, before the answer to the send.
    Scenario {
        name: "early",
        requests: BUTTONS,
        ends: &[Status::Delivered],
        fate: &["delivered"],
        act: early,
        ..PLAIN
    },
    // Status, press and the attempt's record at the same time.
    Scenario {
        name: "race",
        requests: BUTTONS,
        ends: &[Status::Replied],
        fate: &["delivered", "press"],
        inbound: (1, 1),
        replied: true,
        act: race,
        ..PLAIN
    },
    // A button press that quotes its message.
    Scenario {
        name: "press",
        requests: BUTTONS,
        ends: &[Status::Replied],
        inbound: (1, 1),
        replied: true,
        setup: pressed,
        act: post,
        ..PLAIN
    },
    // The button's title as plain text, and a text that answers nothing.
    Scenario {
        name: "title",
        requests: BUTTONS,
        ends: &[Status::Replied],
        inbound: (2, 2),
        replied: true,
        setup: title,
        act: post,
        ..PLAIN
    },
    // What the owner typed on the phone, and the echo of our own message.
    Scenario {
        name: "echo",
        requests: BUTTONS,
        inbound: (1, 0),
        setup: echo,
        act: post,
        ..PLAIN
    },
];

fn post(world: &World) -> Doing<'_> {
    Box::pin(world.post_planned())
}

fn batch(world: &World) -> Doing<'_> {
    Box::pin(async {
        ask(world).await;
        let (id, now) = (provider_id(world).await, world.clock.now());
        world.plan(statuses(&id, &["sent", "delivered", "read"], now));
    })
}

fn large(world: &World) -> Doing<'_> {
    Box::pin(async {
        ask(world).await;
        let (id, now) = (provider_id(world).await, world.clock.now());
        let mut body = statuses(&id, &["read"], now);
        body.push_str(&" ".repeat(300 * 1024));
        world.plan(body);
    })
}

fn early(world: &World) -> Doing<'_> {
    Box::pin(async {
        let mut taken = world.gate.inner().hold_answers();
        let hooks = async {
            if let Some((id, allow)) = taken.recv().await {
                world
                    .hook(statuses(&id, &["sent", "delivered"], world.clock.now()))
                    .await;
                allow.send(()).ok();
            }
            taken.close();
        };
        tokio::join!(request_all(world, BUTTONS), hooks);
    })
}

fn race(world: &World) -> Doing<'_> {
    Box::pin(async {
        let mut taken = world.gate.inner().hold_answers();
        let hooks = async {
            if let Some((id, allow)) = taken.recv().await {
                allow.send(()).ok();
                let now = world.clock.now();
                let status = world.hook(statuses(&id, &["delivered"], now));
                let press = world.hook(messages(&[press(&id, now)]));
                tokio::join!(status, press);
            }
            taken.close();
        };
        tokio::join!(request_all(world, BUTTONS), hooks);
    })
}

fn pressed(world: &World) -> Doing<'_> {
    Box::pin(async {
        ask(world).await;
        let (id, now) = (provider_id(world).await, world.clock.now());
        world.plan(messages(&[press(&id, now)]));
    })
}

fn title(world: &World) -> Doing<'_> {
    Box::pin(async {
        ask(world).await;
        let now = world.clock.now();
        let text = |id: &str, body: &str| {
            inbound(id, now, json!({"type": "text", "text": {"body": body}}))
        };
        world.plan(messages(&[
            text("text-1", "Confirmed"),
            text("text-2", "Thank you"),
        ]));
    })
}

fn echo(world: &World) -> Doing<'_> {
    Box::pin(async {
        ask(world).await;
        let (id, now) = (provider_id(world).await, world.clock.now());
        let typed = json!({"type": "text", "text": {"body": "We called you"}, "from_me": true,
            "from": "97300000009"});
        let ours = json!({"type": "text", "text": {"body": "Shall we deliver today?"},
            "from_me": true, "source": "api", "chat_id": format!("{DIGITS}@s.whatsapp.net")});
        let items = [inbound("typed-1", now, typed), inbound(&id, now, ours)];
        world.plan(messages(&items));
    })
}
