//! Runs go side by side, each worker with a runtime of its own: first every scenario undisturbed, which
//! counts its points, then once for each point, then at random moments.

use std::{
    collections::VecDeque,
    sync::{Mutex, mpsc},
    thread,
    time::Duration,
};

use crate::{
    dice::Dice,
    run::{Death, Order, Ran, run},
};

/// Runs all orders on so many threads; answers come in any order.
pub fn work(orders: Vec<Order>, workers: usize, mut done: impl FnMut(Order, Ran)) {
    let queue = Mutex::new(VecDeque::from(orders));
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            let (queue, sender) = (&queue, sender.clone());
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                while let Some(order) = next(queue) {
                    let ran = runtime.block_on(run(order));
                    if sender.send((order, ran)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (order, ran) in receiver {
            done(order, ran);
        }
    });
}

fn next(queue: &Mutex<VecDeque<Order>>) -> Option<Order> {
    queue.lock().unwrap().pop_front()
}

/// One order for each of these points of a scenario, by number and name.
pub fn at_points<'n>(
    counted: &Order,
    points: impl Iterator<Item = (u32, &'n String)>,
) -> Vec<Order> {
    points
        .map(|(number, _)| Order {
            death: Death::At(number),
            number,
            ..*counted
        })
        .collect()
}

/// Whether the outside is another one at this point than at the one before it: a process that dies
/// takes everything but that with it, so all points up to the next such one leave the same world.
pub fn is_distinct(number: u32, name: &str) -> bool {
    const CHANGING: [&str; 13] = [
        "dynamodb:PutItem:after",
        "dynamodb:UpdateItem:after",
        "dynamodb:TransactWriteItems:after",
        "gate:after",
        "lanes:after",
        "mailer:after",
        "partner:create:after",
        "partner:extend:after",
        "partner:delete:after",
        "partner:webhooks:after",
        "files:put:after",
        "files:keep:after",
        "dynamodb:DeleteItem:after",
    ];
    number == 1 || CHANGING.contains(&name)
}

/// Orders that die at random moments of random scenarios. A scenario lived so long when nobody
/// disturbed it.
pub fn at_random(counted: &[(Order, Duration)], runs: u32, seed: u64) -> Vec<Order> {
    let mut dice = Dice::of(seed, "random", runs);
    let mut orders = Vec::new();
    for run in 0..runs {
        let place = dice.below(counted.len() as u64) as usize;
        let Some((order, lived)) = counted.get(place) else {
            break;
        };
        let longest = u64::try_from(lived.as_micros()).unwrap_or(u64::MAX);
        let death = Death::After(Duration::from_micros(dice.below(longest)));
        orders.push(Order {
            death,
            number: 1_000_000 + run,
            ..*order
        });
    }
    orders
}
