//! Meta's errors: the codes, their texts and HTTP statuses, and the body they come in.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{answer::Answer, faults::Fault, orders::set};

/// The documented codes with HTTP status and title. The statuses follow Meta's table of
/// error codes; what really comes varies, so a fault order can give another one.
const KNOWN: [(u32, u16, &str); 61] = [
    (0, 401, "AuthException"),
    (1, 400, "API Unknown"),
    (2, 503, "API Service"),
    (3, 500, "API Method"),
    (4, 400, "API Too Many Calls"),
    (10, 403, "Permission Denied"),
    (33, 400, "Parameter value is not valid"),
    (100, 400, "Invalid parameter"),
    (190, 401, "Invalid OAuth access token"),
    (200, 403, "API Permission"),
    (368, 403, "Temporarily blocked for policies violations"),
    (2500, 400, "Unknown path components"),
    (80007, 400, "Rate limit issues"),
    (130403, 400, "User is blocked by the business"),
    (130429, 400, "Rate limit hit"),
    (130472, 400, "User's number is part of an experiment"),
    (
        130497,
        403,
        "Business account is restricted from messaging users in this country.",
    ),
    (131000, 500, "Something went wrong"),
    (131005, 403, "Access denied"),
    (131008, 400, "Required parameter is missing"),
    (131009, 400, "Parameter value is not valid"),
    (131016, 500, "Service unavailable"),
    (131021, 400, "Recipient cannot be sender"),
    (131026, 400, "Message undeliverable"),
    (131030, 400, "Recipient phone number not in allowed list"),
    (131031, 403, "Account has been locked"),
    (
        131037,
        400,
        "WhatsApp provided number needs display name approval before message can be sent.",
    ),
    (131042, 400, "Business eligibility payment issue"),
    (131045, 500, "Incorrect certificate"),
    (131047, 400, "Re-engagement message"),
    (131048, 400, "Spam rate limit hit"),
    (
        131049,
        400,
        "This message was not delivered to maintain healthy ecosystem engagement.",
    ),
    (
        131050,
        400,
        "User has stopped receiving marketing messages from this business",
    ),
    (131051, 400, "Unsupported message type"),
    (131052, 400, "Media download error"),
    (131053, 400, "Media upload error"),
    (
        131056,
        400,
        "(Business Account, Consumer Account) pair rate limit hit",
    ),
    (131057, 500, "Account in maintenance mode"),
    (131062, 400, "Business-scoped user id is not supported"),
    (
        131063,
        400,
        "Marketing templates are not allowed on Cloud API",
    ),
    (131064, 400, "Messaging limit reached"),
    (
        132000,
        400,
        "Number of parameters does not match the expected number of params",
    ),
    (
        132001,
        404,
        "Template name does not exist in the translation",
    ),
    (132005, 400, "Translated text too long"),
    (132007, 400, "Template format character policy violated"),
    (132008, 400, "Template parameter format mismatch"),
    (
        132012,
        400,
        "Parameter format does not match format in the created template",
    ),
    (132015, 400, "Template is paused"),
    (132016, 400, "Template is disabled"),
    (
        132018,
        400,
        "There is an issue with the parameters in your template",
    ),
    (132068, 400, "Flow is in blocked state"),
    (132069, 400, "Flow is in throttled state"),
    (133000, 500, "Incomplete deregistration"),
    (133004, 503, "Server temporarily unavailable"),
    (133005, 400, "Two step verification PIN mismatch"),
    (133010, 400, "Phone number not registered"),
    (
        133016,
        400,
        "Account register deregister rate limit exceeded",
    ),
    (
        134011,
        500,
        "WhatsApp payments terms of service has not been accepted",
    ),
    (134100, 400, "Only marketing messages are supported"),
    (135000, 400, "Generic user error"),
    (137000, 400, "Recipient identity key mismatch"),
];

/// The title of a code.
pub(super) fn title(code: u32) -> &'static str {
    known(code).map_or("Unknown error", |(_, title)| title)
}

fn known(code: u32) -> Option<(u16, &'static str)> {
    let (_, status, title) = KNOWN.iter().find(|(known, ..)| *known == code)?;
    Some((*status, title))
}

/// Why Graph refuses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Problem {
    pub(super) code: u32,
    http: Option<u16>,
    /// In place of the code's title.
    message: Option<String>,
    details: Option<String>,
    subcode: Option<u32>,
    transient: Option<bool>,
}

impl Problem {
    /// A code with what `error_data.details` says.
    pub(super) fn new(code: u32, details: impl Into<String>) -> Self {
        Self {
            code,
            http: None,
            message: None,
            details: Some(details.into()),
            subcode: None,
            transient: None,
        }
    }

    /// Code 100 whose whole text is in the message, as for parameters of the wrong form.
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self {
            message: Some(message.into()),
            details: None,
            ..Self::new(100, "")
        }
    }

    /// An object that does not exist, or that the token may not touch.
    pub(super) fn no_object(method: &str, id: &str) -> Self {
        let verb = method.to_lowercase();
        let message = format!(
            "Unsupported {verb} request. Object with ID '{id}' does not exist, cannot be loaded \
             due to missing permissions, or does not support this operation"
        );
        Self {
            subcode: Some(33),
            ..Self::parameter(message)
        }
    }

    pub(super) fn unknown_path() -> Self {
        Self::new(2500, "The path is not served here")
    }

    pub(super) fn answer(&self) -> Answer {
        let (usual, title) = known(self.code).unwrap_or((400, "Unknown error"));
        let title = self.message.as_deref().unwrap_or(title);
        let mut error = json!({
            "message": format!("(#{}) {title}", self.code),
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": trace(),
        });
        if let Some(details) = &self.details {
            let data = json!({"messaging_product": "whatsapp", "details": details});
            set(&mut error, "error_data", data);
        }
        if let Some(subcode) = self.subcode {
            set(&mut error, "error_subcode", subcode);
        }
        if let Some(transient) = self.transient {
            set(&mut error, "is_transient", transient);
        }
        Answer::json(self.http.unwrap_or(usual), &json!({"error": error}))
    }
}

/// What an error by HTTP status looks like here.
pub(crate) fn by_status(status: u16, message: Option<&str>) -> Answer {
    let code = match status {
        400 | 404 => 100,
        401 => 190,
        403 => 10,
        429 => 130_429,
        503 => 131_016,
        status if status >= 500 => 131_000,
        _ => 1,
    };
    let problem = Problem {
        http: Some(status),
        message: message.map(ToOwned::to_owned),
        ..Problem::new(code, title(code))
    };
    problem.answer()
}

/// What a `meta_error` fault orders; of any other fault, an unknown error.
pub(crate) fn ordered(fault: &Fault) -> Answer {
    let Fault::MetaError {
        code,
        http,
        message,
        details,
        subcode,
        transient,
        ..
    } = fault
    else {
        return by_status(500, None);
    };
    let details = details.clone().unwrap_or_else(|| title(*code).into());
    let problem = Problem {
        http: *http,
        message: message.clone(),
        subcode: *subcode,
        transient: *transient,
        ..Problem::new(*code, details)
    };
    problem.answer()
}

/// One item of an `errors` list in a webhook.
pub(super) fn item(code: u32) -> Value {
    json!({
        "code": code,
        "title": title(code),
        "message": title(code),
        "error_data": {"details": title(code)},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}

fn trace() -> String {
    format!("A{}", &Uuid::now_v7().simple())
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, known};

    #[test]
    fn every_code_is_listed_once_in_order() {
        assert!(KNOWN.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(known(132_001).map(|(status, _)| status), Some(404));
        assert_eq!(known(77), None);
    }
}
