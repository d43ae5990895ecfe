//! Every storage port in memory, with the rules of the real store: conditions, versions, all or
//! nothing. Any operation can be told to fail before or after its effect, as networks do.

mod audits;
mod billing;
mod bulk;
mod business;
mod calendar;
mod channels;
mod contacts;
mod conversations;
mod identities;
mod inbox;
mod journal;
mod log;
mod managed;
mod media;
mod money;
mod outbox;
mod own_templates;
mod page;
mod partner;
mod platform;
mod pointers;
mod proofs;
mod rules;
mod sending;
mod settings;
mod sheets;
mod state;
mod templates;
mod users;
mod work;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    service::projections::MessageChange,
};

use crate::fakes::Life;

pub use self::{
    media::{KeptFile, Link},
    state::State,
    templates::Noted,
};

/// When an operation should fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailWhen {
    /// The request never arrived.
    Before,
    /// It was applied, and the answer was lost.
    After,
}

#[derive(Debug, Clone)]
struct Order {
    operation: &'static str,
    skip: u32,
    times: u32,
    when: FailWhen,
    kind: StoreFailureKind,
}

/// What somebody else does just before an operation.
type Meanwhile = (&'static str, Box<dyn FnOnce(&mut State) + Send>);

/// The store in memory.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    orders: Mutex<Vec<Order>>,
    meanwhile: Mutex<Vec<Meanwhile>>,
    life: Arc<Life>,
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one, for a process that may end in the middle of something.
    #[must_use]
    pub fn of_life(life: Arc<Life>) -> Self {
        Self {
            life,
            ..Self::default()
        }
    }

    /// Looks into, or changes, what is stored.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Lets the next `times` calls of an operation (`messages.save`) fail.
    pub fn fail(&self, operation: &'static str, times: u32, when: FailWhen) {
        self.fail_after(operation, 0, times, when, StoreFailureKind::Unavailable);
    }

    /// The same after `skip` calls that work, with a kind of failure.
    pub fn fail_after(
        &self,
        operation: &'static str,
        skip: u32,
        times: u32,
        when: FailWhen,
        kind: StoreFailureKind,
    ) {
        self.orders.lock().unwrap().push(Order {
            operation,
            skip,
            times,
            when,
            kind,
        });
    }

    /// Nothing fails any more.
    pub fn calm(&self) {
        self.orders.lock().unwrap().clear();
    }

    /// Stages a race: what somebody else does just before the next call of an operation takes effect,
    /// after everything its caller read.
    pub fn meanwhile(
        &self,
        operation: &'static str,
        act: impl FnOnce(&mut State) + Send + 'static,
    ) {
        self.meanwhile
            .lock()
            .unwrap()
            .push((operation, Box::new(act)));
    }

    /// What the stream told so far; empties it.
    pub fn drain_stream(&self) -> Vec<MessageChange> {
        std::mem::take(&mut self.state().stream)
    }

    /// Runs an operation, before and after which its process may end.
    pub(crate) fn run<T>(
        &self,
        operation: &'static str,
        f: impl FnOnce(&mut State) -> T,
    ) -> Result<T, StoreFailure> {
        let over = || StoreFailure::new(operation, StoreFailureKind::Unavailable);
        if !self.life.pass() {
            return Err(over());
        }
        let answer = self.ordered(operation, f);
        if !self.life.pass() {
            return Err(over());
        }
        answer
    }

    /// Runs an operation under the orders.
    fn ordered<T>(
        &self,
        operation: &'static str,
        f: impl FnOnce(&mut State) -> T,
    ) -> Result<T, StoreFailure> {
        let order = {
            let mut orders = self.orders.lock().unwrap();
            let found = orders
                .iter_mut()
                .find(|o| o.operation == operation && o.times > 0);
            match found {
                Some(order) if order.skip > 0 => {
                    order.skip -= 1;
                    None
                }
                Some(order) => {
                    order.times -= 1;
                    Some(order.clone())
                }
                None => None,
            }
        };
        match order {
            Some(order) if order.when == FailWhen::Before => {
                Err(StoreFailure::new(operation, order.kind))
            }
            Some(order) => {
                self.apply(operation, f);
                Err(StoreFailure::new(operation, order.kind))
            }
            None => Ok(self.apply(operation, f)),
        }
    }

    fn apply<T>(&self, operation: &'static str, f: impl FnOnce(&mut State) -> T) -> T {
        let act = {
            let mut meanwhile = self.meanwhile.lock().unwrap();
            let found = meanwhile.iter().position(|(o, _)| *o == operation);
            found.map(|index| meanwhile.remove(index))
        };
        let mut state = self.state();
        if let Some((_, act)) = act {
            act(&mut state);
        }
        f(&mut state)
    }
}
