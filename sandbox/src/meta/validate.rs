//! What Meta accepts as a send: the rules of its published schema and documents.

use serde_json::Value;

use super::{
    business::Business, errors::Problem, fields::Fields, interactive, specs::NumberSpec, template,
};
use crate::messages::Choice;

/// The types that can be sent here; each needs the object of its name.
const KINDS: [&str; 6] = [
    "text",
    "image",
    "document",
    "reaction",
    "interactive",
    "template",
];

/// Somebody to send to: by phone number, or by business-scoped user id.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Recipient {
    /// As the request spells it.
    pub(super) input: String,
    /// The phone number's digits.
    pub(super) wa_id: Option<String>,
    pub(super) user_id: Option<String>,
}

impl Recipient {
    /// Every id by which the recipient is known.
    pub(super) fn ids(&self) -> Vec<&str> {
        [&self.wa_id, &self.user_id]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect()
    }
}

/// A request to send that Meta would accept, the window aside.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) recipient: Recipient,
    pub(super) kind: String,
    pub(super) choices: Vec<Choice>,
}

/// Checks a send of `number`.
pub(super) fn send(
    business: &Business,
    number: &NumberSpec,
    body: &Value,
) -> Result<Accepted, Problem> {
    let root = Fields::root(body)?;
    if root.text("messaging_product")? != "whatsapp" {
        return Err(Problem::parameter(
            "Param messaging_product must be one of {WHATSAPP}.",
        ));
    }
    if !matches!(
        root.optional_text("recipient_type")?,
        None | Some("individual")
    ) {
        return Err(Problem::parameter(
            "Param recipient_type must be one of {INDIVIDUAL}.",
        ));
    }
    let recipient = recipient(&root, number)?;
    if let Some(context) = root.optional_object("context")? {
        context.only(&["message_id"])?;
        context.text("message_id")?;
    }
    let opaque = root.optional_text("biz_opaque_callback_data")?;
    if opaque.is_some_and(|opaque| opaque.chars().count() > 512) {
        let details = "biz_opaque_callback_data length invalid. Max length: 512";
        return Err(Problem::new(131_009, details));
    }
    let kind = root.optional_text("type")?.unwrap_or("text");
    if KINDS.contains(&kind) && !root.has(kind) {
        let details = format!("Parameter '{kind}' is mandatory for type '{kind}'");
        return Err(Problem::new(131_008, details));
    }
    let choices = match kind {
        "text" => text(&root).map(|()| Vec::new())?,
        "image" | "document" => media(&root, kind, business).map(|()| Vec::new())?,
        "reaction" => reaction(&root).map(|()| Vec::new())?,
        "interactive" => interactive::check(&root.object("interactive")?)?,
        "template" => {
            let waba = business.wabas.get(&number.waba_id);
            let templates = waba.map(|waba| &waba.templates);
            template::check(&root.object("template")?, templates)?
        }
        _ => return Err(Problem::new(131_051, "Message type is not supported here")),
    };
    Ok(Accepted {
        recipient,
        kind: kind.into(),
        choices,
    })
}

/// `to` wins over `recipient` when both are given.
fn recipient(root: &Fields<'_>, number: &NumberSpec) -> Result<Recipient, Problem> {
    let to = root.optional_text("to")?.filter(|to| !to.is_empty());
    if let Some(to) = to {
        let wa_id = phone(to, number.country_code.as_deref());
        let wa_id = wa_id.ok_or_else(|| {
            Problem::new(
                131_009,
                "The recipient is no phone number with country code",
            )
        })?;
        if phone(&number.display_phone_number, None).as_ref() == Some(&wa_id) {
            return Err(Problem::new(131_021, "Sender and recipient are the same"));
        }
        return Ok(Recipient {
            input: to.into(),
            wa_id: Some(wa_id),
            user_id: None,
        });
    }
    let Some(user_id) = root.optional_text("recipient")? else {
        return Err(Problem::parameter("The parameter to is required."));
    };
    if !is_user_id(user_id) {
        let details = "The recipient is no business-scoped user id";
        return Err(Problem::new(131_009, details));
    }
    Ok(Recipient {
        input: user_id.into(),
        wa_id: None,
        user_id: Some(user_id.into()),
    })
}

/// The digits of a number. `+`, spaces, hyphens and parentheses are allowed.
pub(super) fn phone(text: &str, country_code: Option<&str>) -> Option<String> {
    let (plus, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut digits: String = rest
        .chars()
        .filter(|character| !" -()".contains(*character))
        .collect();
    if let Some(code) = country_code.filter(|code| !plus && !digits.starts_with(code)) {
        digits.insert_str(0, code);
    }
    let usual = digits.bytes().all(|byte| byte.is_ascii_digit());
    (usual && (7..=15).contains(&digits.len())).then_some(digits)
}

/// `CC.` and letters or digits; `CC.ENT.` for the parent's.
fn is_user_id(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else {
        return false;
    };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn text(root: &Fields<'_>) -> Result<(), Problem> {
    let text = root.object("text")?;
    text.only(&["body", "preview_url"])?;
    text.flag("preview_url")?;
    let body = text.text("body")?;
    if body.trim().is_empty() {
        return Err(Problem::parameter(
            "The parameter text['body'] is required.",
        ));
    }
    if body.chars().count() > 4_096 {
        return Err(Problem::parameter(
            "Param text['body'] must be at most 4096 characters long.",
        ));
    }
    Ok(())
}

/// By link or by id, one of them. The sandbox downloads nothing.
fn media(root: &Fields<'_>, kind: &str, business: &Business) -> Result<(), Problem> {
    let media = root.object(kind)?;
    match kind {
        "document" => media.only(&["id", "link", "caption", "filename"])?,
        _ => media.only(&["id", "link", "caption"])?,
    }
    media.optional_short("caption", 1_024)?;
    media.optional_short("filename", 240)?;
    match (media.optional_text("id")?, media.optional_text("link")?) {
        (Some(id), None) if business.media.contains_key(id) => Ok(()),
        (Some(_), None) => Err(Problem::parameter(format!(
            "Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
        ))),
        (None, Some(link)) => {
            let url = reqwest::Url::parse(link).ok();
            let usual = url.is_some_and(|url| ["http", "https"].contains(&url.scheme()));
            match usual {
                true => Ok(()),
                false => Err(Problem::parameter(format!(
                    "Param {kind}['link'] is not a valid URI."
                ))),
            }
        }
        (Some(_), Some(_)) | (None, None) => Err(Problem::parameter(format!(
            "One of id or link is required for param {kind}."
        ))),
    }
}

/// An empty emoji takes the reaction back.
fn reaction(root: &Fields<'_>) -> Result<(), Problem> {
    let reaction = root.object("reaction")?;
    reaction.only(&["message_id", "emoji"])?;
    if !reaction.text("message_id")?.starts_with("wamid.") {
        return Err(Problem::new(
            131_009,
            "reaction['message_id'] is no message",
        ));
    }
    reaction.text("emoji").map(drop)
}

#[cfg(test)]
pub(super) mod tests;
