//! The list of an account's templates: every page, and what each template looks like.

use domain::{
    channel::Channel,
    failure::ProviderFailure,
    provider::{TemplatePage, WireRequest, WireResponse},
    template::{ButtonShape, HeaderShape, ListedTemplate, SlotFormat, TemplateShape},
};
use form_urlencoded::Serializer;
use serde_json::Value;

use super::{errors, path};
use crate::{lenient::Fields, scrub};

#[cfg(test)]
mod tests;

/// Everything that is asked of a template.
const FIELDS: &str =
    "name,status,category,language,components,parameter_format,quality_score,rejected_reason";

/// Templates per page: Meta's own limit is higher, our transport's is what an answer may weigh.
const PAGE: u8 = 100;

/// Longest cursor that is followed. Real ones have some hundred characters.
const LONGEST_CURSOR: usize = 1_024;

/// Longest text kept of a template; Meta's bodies end at 1,024 characters.
const TEXT: usize = 4_096;
/// Longest small text: titles, headers, footers.
const LINE: usize = 256;
/// Most buttons kept of a template; Meta takes ten.
const BUTTONS: usize = 20;
/// Most templates read of one page.
const MOST: usize = 2_000;

/// The request for a page.
pub(super) fn build(
    channel: &Channel,
    after: Option<&str>,
) -> Result<WireRequest, ProviderFailure> {
    let Some(account) = &channel.account else {
        // The words of S2.63.
        return Err(ProviderFailure::Unsupported {
            what: "businessAccountId required to fetch templates",
        });
    };
    let mut path = format!(
        "{}/message_templates?fields={FIELDS}&limit={PAGE}",
        path(channel, account)?
    );
    if let Some(after) = after {
        // Whatever a cursor holds stays one value.
        let mut query = Serializer::new(String::new());
        query.append_pair("after", after);
        path.push('&');
        path.push_str(&query.finish());
    }
    Ok(WireRequest::get(path))
}

/// A page.
pub(super) fn read(response: &WireResponse) -> Result<TemplatePage, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(errors::failure(response));
    }
    let unreadable = || ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    };
    let body: Value = serde_json::from_slice(&response.body).map_err(|_not_json| unreadable())?;
    let body = Fields::of(&body);
    if body.at("error").is_object() {
        return Err(errors::failure(response));
    }
    if !body.at("data").is_list() {
        return Err(unreadable());
    }
    let mut page = TemplatePage::default();
    for item in body.items("data").take(MOST) {
        match template(item) {
            Some(template) => page.items.push(template),
            None => page.unreadable = page.unreadable.saturating_add(1),
        }
    }
    let paging = body.at("paging");
    // The cursor stands on the last page too; only a link says that there is more.
    if paging.text("next").is_some() {
        let cursor = paging.at("cursors").text("after").unwrap_or_default();
        if cursor.is_empty() || cursor.len() > LONGEST_CURSOR {
            return Err(unreadable());
        }
        page.next = Some(cursor.to_owned());
    }
    Ok(page)
}

fn template(item: Fields<'_>) -> Option<ListedTemplate> {
    let word = |text: &str| scrub::word(text.trim()).to_ascii_uppercase();
    let name = item.some("name", 512)?;
    let language = item.some("language", 16)?;
    let score = item.at("quality_score").text("score").map(word);
    let reason = item.text("rejected_reason").filter(|why| *why != "NONE");
    Some(ListedTemplate {
        name,
        // Both `en_US` and `en-US` are seen; a template is known by the first.
        language: language.trim().replace('-', "_"),
        status: item.text("status").map_or_else(|| "PENDING".into(), word),
        reason: reason.and_then(scrub::sentence),
        category: item.text("category").map(word),
        // What was not rated yet says nothing against what a webhook told.
        quality: score.filter(|score| score != "UNKNOWN"),
        shape: shape(item),
    })
}

fn shape(item: Fields<'_>) -> TemplateShape {
    let format = item.text("parameter_format").unwrap_or_default();
    let mut shape = TemplateShape {
        id: item.id("id").ok(),
        format: if format.eq_ignore_ascii_case("NAMED") {
            SlotFormat::Named
        } else {
            SlotFormat::Positional
        },
        ..TemplateShape::default()
    };
    for component in item.items("components") {
        let kind = component.text("type").unwrap_or_default();
        match kind.to_ascii_uppercase().as_str() {
            "HEADER" => shape.header = Some(header(component)),
            "BODY" => shape.body = component.some("text", TEXT),
            "FOOTER" => shape.footer = component.some("text", LINE),
            "BUTTONS" => {
                shape.buttons = component
                    .items("buttons")
                    .take(BUTTONS)
                    .map(button)
                    .collect()
            }
            // Kinds of tomorrow: kept by their names.
            other if shape.others.len() < BUTTONS => shape.others.push(scrub::word(other)),
            _ => {}
        }
    }
    shape
}

fn header(component: Fields<'_>) -> HeaderShape {
    let format = component.text("format").unwrap_or("TEXT");
    match format.to_ascii_uppercase().as_str() {
        "TEXT" => HeaderShape::Text {
            text: component.some("text", LINE).unwrap_or_default(),
        },
        "IMAGE" => HeaderShape::Image,
        "VIDEO" => HeaderShape::Video,
        "DOCUMENT" => HeaderShape::Document,
        other => HeaderShape::Other {
            kind: scrub::word(other),
        },
    }
}

fn button(button: Fields<'_>) -> ButtonShape {
    ButtonShape {
        kind: scrub::word(button.text("type").unwrap_or_default()).to_ascii_uppercase(),
        text: button.some("text", LINE).unwrap_or_default(),
        url: button.some("url", 2_000),
        phone: button.some("phone_number", 32),
    }
}
