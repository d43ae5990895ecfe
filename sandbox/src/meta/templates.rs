//! The list of an account's templates.

use serde_json::{Value, json};

use super::{
    errors::Problem,
    paging::{Cut, asked, page, pick},
    specs::TemplateSpec,
};
use crate::{answer::Answer, gate::Incoming, orders::change, state::Handle};

/// The fields that come without being asked for.
const USUAL: [&str; 6] = [
    "name",
    "parameter_format",
    "components",
    "language",
    "status",
    "category",
];

/// `GET /{waba_id}/message_templates`: by `name`, `status`, `language` or `category`.
pub(super) fn list(handle: &Handle, incoming: &Incoming, id: &str) -> Result<Answer, Problem> {
    let memory = handle.memory();
    let business = &memory.business;
    business.permitted("GET", id, incoming.bearer.as_deref())?;
    let waba = business.wabas.get(id);
    let waba = waba.ok_or_else(|| Problem::no_object("GET", id))?;
    let fields = asked(incoming);
    let is = |key: &str, value: &str| {
        let wanted = incoming.query.get(key);
        wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let shown = waba
        .templates
        .values()
        .filter(|template| {
            is("name", &template.name)
                && is("status", &template.status)
                && is("language", &template.language)
                && is("category", &template.category)
        })
        .map(|template| pick(&show(template), fields.as_deref(), &USUAL))
        .collect::<Result<Vec<Value>, Problem>>()?;
    let cut = Cut {
        usual: 25,
        most: waba.spec.page_limit.unwrap_or(1_000),
        stuck: waba.spec.stuck_cursor,
    };
    Ok(Answer::json(200, &page(shown, incoming, cut)?))
}

/// A template with every field it has.
fn show(template: &TemplateSpec) -> Value {
    let mut shown = json!({
        "id": template.id.unwrap_or_default().to_string(),
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "quality_score": {"score": "UNKNOWN"},
        "rejected_reason": "NONE",
        "previous_category": template.category,
    });
    change(&mut shown, &template.fields);
    shown
}
