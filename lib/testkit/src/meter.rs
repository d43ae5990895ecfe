//! Counts read and write units as DynamoDB charges them. The figures come from the rules of
//! hazards.md ("How write units are counted"), applied to each item as it was before and after; the
//! emulator's own are only compared with them, and [`Meter::disagreements`] names every difference.
//!
//! It looks at items before and after each request, so it is for one request at a time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::{
        BeforeSerializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
        FinalizerInterceptorContextRef,
    },
};
use aws_sdk_dynamodb::{
    operation::{
        batch_get_item::BatchGetItemInput, delete_item::DeleteItemInput, get_item::GetItemInput,
        put_item::PutItemInput, query::QueryInput, transact_write_items::TransactWriteItemsInput,
        update_item::UpdateItemInput,
    },
    types::ReturnConsumedCapacity,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use serde_json::Value;
use store::{
    schema::{INDEXES, Index},
    size::item_size,
};

use crate::{
    database::{Database, Direct, Item},
    faults::operation_of,
};

/// Units of one kind of request in one step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Units {
    /// Requests.
    pub requests: u32,
    /// Write units of the table.
    pub table: u32,
    /// Write units of each index, in the order of [`INDEXES`].
    pub indexes: [u32; 3],
    /// Read units.
    pub reads: f64,
}

impl Units {
    /// Write units of table and indexes.
    #[must_use]
    pub fn writes(&self) -> u32 {
        self.table + self.indexes.iter().sum::<u32>()
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.table += other.table;
        for (sum, more) in self.indexes.iter_mut().zip(other.indexes) {
            *sum += more;
        }
        self.reads += other.reads;
    }
}

#[derive(Debug, Default)]
struct Book {
    step: String,
    /// In the order the steps began: (number, step, operation).
    lines: BTreeMap<(usize, String, String), Units>,
    steps: usize,
    disagreements: Vec<String>,
}

/// A meter of one database. Clones count together.
#[derive(Debug, Clone)]
pub struct Meter {
    database: Direct,
    book: Arc<Mutex<Book>>,
}

impl Meter {
    /// A meter that shows nothing yet. Only what goes through [`Meter::store`] is counted.
    #[must_use]
    pub fn start(database: &Database) -> Self {
        Self {
            database: database.direct(),
            book: Arc::default(),
        }
    }

    /// The store, metered.
    #[must_use]
    pub fn store(&self, database: &Database) -> store::Store {
        database.store_through(self.clone())
    }

    /// From now on requests count under this name.
    pub fn step(&self, name: &str) {
        let mut book = self.book();
        book.step = name.to_owned();
        book.steps += 1;
    }

    /// Write units so far.
    #[must_use]
    pub fn writes(&self) -> u32 {
        self.total().writes()
    }

    /// Read units so far.
    #[must_use]
    pub fn reads(&self) -> f64 {
        self.total().reads
    }

    /// Units of one step.
    #[must_use]
    pub fn of(&self, step: &str) -> Units {
        let mut sum = Units::default();
        for ((_, name, _), units) in &self.book().lines {
            if name == step {
                sum.add(units);
            }
        }
        sum
    }

    /// Units so far.
    #[must_use]
    pub fn total(&self) -> Units {
        let mut sum = Units::default();
        for units in self.book().lines.values() {
            sum.add(units);
        }
        sum
    }

    /// Where the emulator counted otherwise than the rules.
    #[must_use]
    pub fn disagreements(&self) -> Vec<String> {
        self.book().disagreements.clone()
    }

    /// Everything as a table.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:<52}{:<20}{:>4}{:>7}{:>6}{:>5}{:>5}{:>8}{:>7}\n",
            "step", "operation", "n", "table", "list", "log", "due", "writes", "reads"
        );
        let mut line = |step: &str, operation: &str, units: &Units| {
            let [list, log, due] = units.indexes;
            text.push_str(&format!(
                "{step:<52}{operation:<20}{:>4}{:>7}{list:>6}{log:>5}{due:>5}{:>8}{:>7}\n",
                units.requests,
                units.table,
                units.writes(),
                units.reads
            ));
        };
        for ((_, step, operation), units) in &self.book().lines {
            line(step, operation, units);
        }
        line("total", "", &self.total());
        text
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, before: &Before, answer: &Value) {
        let mut units = Units {
            requests: 1,
            ..Units::default()
        };
        for (pk, sk, old) in &before.items {
            let new = self.database.item(pk, sk);
            // A failed condition leaves the item as it was, and is charged for it all the same.
            let bytes = [old.as_ref(), new.as_ref()]
                .into_iter()
                .flatten()
                .map(item_size)
                .max();
            units.table += before.factor * kilobytes(bytes.unwrap_or(0));
            for (sum, index) in units.indexes.iter_mut().zip(INDEXES) {
                *sum += index_units(index, old.as_ref(), new.as_ref());
            }
        }
        let told = capacity(answer);
        if before.items.is_empty() {
            units.reads = told;
        }
        let mut book = self.book();
        let failed = answer.get("__type").is_some();
        if !before.items.is_empty() && !failed && (told - f64::from(units.writes())).abs() > 0.01 {
            let (operation, step, ours) = (&before.operation, &book.step, units.writes());
            let line = format!("{step}: {operation}: rules {ours}, emulator {told}");
            book.disagreements.push(line);
        }
        let key = (book.steps, book.step.clone(), before.operation.clone());
        book.lines.entry(key).or_default().add(&units);
    }
}

/// What a request is about to change.
#[derive(Debug)]
struct Before {
    operation: String,
    items: Vec<(String, String, Option<Item>)>,
    /// Two in a transaction: prepare and commit.
    factor: u32,
}

impl Storable for Before {
    type Storer = StoreReplace<Self>;
}

fn kilobytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024).max(1)).unwrap_or(u32::MAX)
}

/// Rule 5: entering or leaving costs 1, a moved key 2, anything unchanged nothing. All indexes
/// project keys only, so an entry's size is never above a kilobyte and nothing else can change.
fn index_units(index: Index, old: Option<&Item>, new: Option<&Item>) -> u32 {
    let place = |item: &Item| {
        item.get(index.partition)
            .cloned()
            .zip(item.get(index.sort).cloned())
    };
    match (old.and_then(place), new.and_then(place)) {
        (None, None) => 0,
        (None, Some(_)) | (Some(_), None) => 1,
        (Some(one), Some(other)) if one == other => 0,
        (Some(_), Some(_)) => 2,
    }
}

/// What the emulator says it charged: an object, or a list of them.
fn capacity(answer: &Value) -> f64 {
    let units = |one: &Value| {
        one.get("CapacityUnits")
            .and_then(Value::as_f64)
            .unwrap_or(0.0)
    };
    match answer.get("ConsumedCapacity") {
        Some(Value::Array(tables)) => tables.iter().map(units).sum(),
        Some(one) => units(one),
        None => 0.0,
    }
}

/// Keys of the items that a request writes, and the factor they are charged with.
fn written(operation: &str, body: &Value) -> (Vec<(String, String)>, u32) {
    let key = |action: &Value| {
        let item = action.get("Item").or_else(|| action.get("Key"))?;
        let text = |name: &str| Some(item.get(name)?.get("S")?.as_str()?.to_owned());
        Some((text("pk")?, text("sk")?))
    };
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => (key(body).into_iter().collect(), 1),
        "TransactWriteItems" => {
            let actions = body.get("TransactItems").and_then(Value::as_array);
            let keys = actions
                .into_iter()
                .flatten()
                .filter_map(|action| action.as_object()?.values().find_map(key))
                .collect();
            (keys, 2)
        }
        _ => (Vec::new(), 1),
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        macro_rules! ask {
            ($($input:ty),+) => {
                $(if let Some(input) = context.input_mut().downcast_mut::<$input>() {
                    input.return_consumed_capacity = Some(ReturnConsumedCapacity::Indexes);
                })+
            };
        }
        ask!(
            GetItemInput,
            BatchGetItemInput,
            QueryInput,
            PutItemInput,
            UpdateItemInput,
            DeleteItemInput,
            TransactWriteItemsInput
        );
        Ok(())
    }

    fn read_before_attempt(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = operation_of(context.request())
            .unwrap_or_default()
            .to_owned();
        let body = context.request().body().bytes().unwrap_or_default();
        let (keys, factor) = written(&operation, &serde_json::from_slice(body)?);
        let items = keys
            .into_iter()
            .map(|(pk, sk)| {
                let image = self.database.item(&pk, &sk);
                (pk, sk, image)
            })
            .collect();
        bag.interceptor_state().store_put(Before {
            operation,
            items,
            factor,
        });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context
            .response()
            .and_then(|response| response.body().bytes())
            .and_then(|body| serde_json::from_slice(body).ok())
            .unwrap_or(Value::Null);
        if let Some(before) = bag.load::<Before>() {
            self.count(before, &answer);
        }
        Ok(())
    }
}
