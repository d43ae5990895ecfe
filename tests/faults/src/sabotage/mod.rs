//! Broken stores, to prove that the checks can fail. Each one takes something out of the requests that
//! the real store makes: of messages here, of channels, days and payments in `money`.

mod money;

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::BeforeSerializationInterceptorContextMut,
    },
    operation::{
        put_item::PutItemInput, transact_write_items::TransactWriteItemsInput,
        update_item::UpdateItemInput,
    },
    types::{AttributeValue, TransactWriteItem},
};
use aws_smithy_runtime_api::box_error::BoxError;
use clap::ValueEnum;

type Item = std::collections::HashMap<String, AttributeValue>;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sabotage {
    /// Attempts are not claimed before the call.
    Claim,
    /// The pointer from the provider's id to the message is not written.
    Pointer,
    /// Accepting forgets the message.
    Message,
    /// Accepting forgets to count.
    Usage,
    /// Boards are not written.
    Board,
    /// Inbound messages are written whether they are there or not.
    Inbound,
    /// Mails are not claimed before they are sent.
    Mail,
    /// A channel is not claimed before WHAPI is asked to make it.
    Making,
    /// An extension is not claimed before WHAPI is asked for its days.
    Spending,
    /// Days move on the account alone: the ledger has no entry of it.
    Entry,
    /// Days of a deleted channel come back, and that it was deleted is forgotten.
    Deletion,
    /// Until when a channel is paid is not told to the channel.
    PaidUntil,
    /// An approval does not look whether somebody else was first, and its entry has another name each time.
    Approval,
    /// A sale at PayPal is booked under another name each time.
    Sale,
    /// The company is not told what became of its payment.
    Telling,
}

impl Sabotage {
    /// The scenarios that meet it, and the counter of the report that must tell of it.
    pub const fn detected(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Claim => (&["send"], "second calls of one attempt"),
            Self::Pointer => (&["statuses"], "wrong final status"),
            Self::Message => (&["lane"], "messages lost"),
            Self::Usage => (&["lane"], "usage drift"),
            Self::Board => (&["statuses"], "counter drift"),
            Self::Inbound => (&["press"], "inbound doubled or lost"),
            Self::Mail => (&["notify"], "mails lost or doubled"),
            Self::Making => (&["create"], "channels created twice"),
            Self::Spending => (&["extend", "extend-lost"], "days spent twice"),
            Self::Entry => (&["create"], "ledger drift"),
            Self::Deletion => (&["delete"], "channels left wrong"),
            Self::PaidUntil => (&["extend"], "channels left wrong"),
            Self::Approval => (&["approve"], "days credited wrongly"),
            Self::Sale => (&["paypal activation"], "payments counted wrongly"),
            Self::Telling => (&["approve"], "companies told twice or never"),
        }
    }

    /// Whether recovery is broken too; otherwise only the process that dies is.
    pub const fn everywhere(self) -> bool {
        matches!(self, Self::Board | Self::Inbound | Self::PaidUntil)
    }

    fn put(self, input: &mut PutItemInput) {
        let Some(item) = &mut input.item else { return };
        let hit = match self {
            Self::Claim => is(item, "sk", "M") && is(item, "p", "c"),
            Self::Pointer => is(item, "sk", "P") && has(item, "pk", "#X#"),
            Self::Mail => has(item, "pk", "#N#") && is(item, "s", "claimed"),
            Self::Making | Self::Spending => return money::unclaim(self, item),
            Self::Message
            | Self::Usage
            | Self::Board
            | Self::Inbound
            | Self::Entry
            | Self::Deletion
            | Self::PaidUntil
            | Self::Approval
            | Self::Sale
            | Self::Telling => false,
        };
        if hit {
            *item = nowhere();
            input.condition_expression = None;
            input.expression_attribute_values = None;
            input.expression_attribute_names = None;
        }
    }

    fn update(self, input: &mut UpdateItemInput) {
        let expression = input.update_expression.as_deref();
        let hit = match expression {
            Some("SET b = :b, bv = :bv") => self == Self::Board,
            Some("SET paid_until = :until") => self == Self::PaidUntil,
            _ => false,
        };
        if hit {
            input.key = Some(nowhere());
            input.condition_expression = None;
            let values = input.expression_attribute_values.as_mut();
            values.and_then(|values| values.remove(":seen"));
        }
    }

    fn transact(self, input: &mut TransactWriteItemsInput) {
        let Some(parts) = &mut input.transact_items else {
            return;
        };
        let put = |part: &TransactWriteItem, below: &str, sk: &str| {
            let item = part.put.as_ref().map(|put| &put.item);
            item.is_some_and(|item| has(item, "pk", below) && is(item, "sk", sk))
        };
        match self {
            Self::Message => parts.retain(|part| !put(part, "#M#", "M")),
            Self::Usage => parts.retain(|part| {
                let key = part.update.as_ref().map(|update| &update.key);
                !key.is_some_and(|key| has(key, "pk", "#U#"))
            }),
            Self::Inbound => {
                for part in parts.iter_mut().filter(|part| put(part, "#M#", "I")) {
                    if let Some(put) = &mut part.put {
                        put.condition_expression = None;
                    }
                }
            }
            Self::Entry | Self::Deletion | Self::Approval | Self::Sale | Self::Telling => {
                money::transact(self, parts);
            }
            Self::Claim
            | Self::Pointer
            | Self::Board
            | Self::Mail
            | Self::Making
            | Self::Spending
            | Self::PaidUntil => {}
        }
    }
}

impl Intercept for Sabotage {
    fn name(&self) -> &'static str {
        "sabotage"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        if let Some(input) = input.downcast_mut() {
            self.put(input);
        } else if let Some(input) = input.downcast_mut() {
            self.update(input);
        } else if let Some(input) = input.downcast_mut() {
            self.transact(input);
        }
        Ok(())
    }
}

fn is(item: &Item, name: &str, text: &str) -> bool {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .is_some_and(|value| value == text)
}

fn has(item: &Item, name: &str, part: &str) -> bool {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .is_some_and(|value| value.contains(part))
}

/// A place that nobody reads.
fn nowhere() -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    [
        ("pk".to_owned(), text("SABOTAGE")),
        ("sk".to_owned(), text("SABOTAGE")),
    ]
    .into()
}
