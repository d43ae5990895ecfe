//! How each provider words what every provider can say: an error, a success without an id.

use serde_json::json;

use crate::{answer::Answer, faults::BodyShape, m360, meta, paypal, whapi};

/// One provider's way of answering.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Dialect {
    #[default]
    Whapi,
    Meta,
    /// 360Messenger's first version, whose errors have status 200.
    M360V1,
    M360V2,
    PayPal,
}

impl Dialect {
    /// An error with an HTTP status, in the provider's own form or in a proxy's.
    pub(crate) fn error(self, status: u16, shape: BodyShape, message: Option<&str>) -> Answer {
        match (shape, self) {
            (BodyShape::Html, _) => Answer::bytes(status, "text/html", html(status)),
            (BodyShape::Empty, _) => Answer::empty(status),
            (shape, Self::Whapi) => whapi::error_body(status, shape, message),
            (BodyShape::Nested | BodyShape::Flat, Self::Meta) => {
                meta::error_by_status(status, message)
            }
            (BodyShape::Nested | BodyShape::Flat, Self::M360V1) => {
                m360::first_error(status, message)
            }
            (BodyShape::Nested | BodyShape::Flat, Self::M360V2) => {
                m360::second_error(status, message)
            }
            (BodyShape::Nested | BodyShape::Flat, Self::PayPal) => {
                paypal::error_by_status(status, message)
            }
        }
    }

    /// A success that does not say what was accepted.
    pub(crate) fn without_id(self, status: u16) -> Answer {
        let body = match self {
            Self::Whapi => json!({"sent": true}),
            Self::Meta => json!({"messaging_product": "whatsapp"}),
            Self::M360V1 => json!({"success": true}),
            Self::M360V2 => json!({"success": true, "statusCode": status}),
            Self::PayPal => json!({"status": "APPROVAL_PENDING"}),
        };
        Answer::json(status, &body)
    }
}

/// What a proxy before the gate answers.
fn html(status: u16) -> String {
    format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n\
         <body><center><h1>{status}</h1></center><hr><center>nginx</center></body>\r\n</html>\r\n"
    )
}
