//! Messages by what they are about in the tenant's own system: a key of its own for each message with a
//! context, written when it is accepted and never again.

use domain::{
    failure::StoreFailure,
    ids::MessageId,
    message::{Context, Message},
    ports::Page,
};
use serde::Serialize;

use crate::{
    keys::{Form, Position, TenantKeys},
    list::page,
    shape::{Row, corrupt, text},
    table::{Range, Read, TenantTable, key_of},
    write::Write,
};

/// The keys say everything.
#[derive(Serialize)]
struct ContextItem {}

/// Lists a message under what it is about, if it is about anything.
pub(crate) fn list(
    operation: &'static str,
    message: &Message,
) -> Result<Option<Write>, StoreFailure> {
    let Some(context) = &message.context else {
        return Ok(None);
    };
    let keys = TenantKeys::new(message.tenant);
    let key = keys.context(context, message.created_at, message.id);
    Row::new(operation, key, &ContextItem {}).map(|row| Some(Write::put(row)))
}

impl TenantTable<'_> {
    pub(crate) async fn by_context(
        &self,
        context: &Context,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Message>, StoreFailure> {
        const OPERATION: &str = "messages.by_context";
        let limit = page(limit);
        let after = self.position(OPERATION, Form::Audit, after)?;
        let range = Range {
            index: None,
            partition: &self.keys().about(context),
            sort: after.map(|_| "#s > :after"),
            filter: None,
            values: after
                .map(|position| (":after", text(position.sort())))
                .into_iter()
                .collect(),
            read: Read::Eventual,
            limit: limit + 1,
        };
        let mut items = self.query(OPERATION, &range).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let mut ids = Vec::with_capacity(items.len());
        let mut last = None;
        for item in &items {
            let (_, sk) = key_of(OPERATION, item)?;
            let (_, id) = sk.split_once('#').ok_or_else(|| corrupt(OPERATION))?;
            ids.push(MessageId::parse(id).map_err(|_| corrupt(OPERATION))?);
            last = Some(sk);
        }
        Ok(Page {
            items: self.messages(OPERATION, &ids).await?,
            next: last
                .filter(|_| more)
                .map(|sk| Position::write(self.id(), &sk)),
        })
    }
}
