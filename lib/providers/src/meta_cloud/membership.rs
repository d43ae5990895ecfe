//! Whether a number belongs to the business account it names. Without this proof a stranger's account
//! could be claimed, and what Meta says of that account would come to the wrong company.

use domain::{
    channel::Channel,
    failure::ProviderFailure,
    provider::{WireRequest, WireResponse},
};
use serde_json::Value;

use super::{errors, path};
use crate::lenient::Fields;

/// The request that lists the account's numbers. Accounts have a handful; a hundred is Meta's page.
pub(super) fn build(channel: &Channel) -> Result<WireRequest, ProviderFailure> {
    let Some(account) = &channel.account else {
        return Err(ProviderFailure::Unsupported {
            what: "a number without an account",
        });
    };
    let path = path(channel, account)?;
    Ok(WireRequest::get(format!(
        "{path}/phone_numbers?fields=id&limit=100"
    )))
}

/// Proven when the number is among them.
pub(super) fn read(channel: &Channel, response: &WireResponse) -> Result<(), ProviderFailure> {
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
    let own = body
        .items("data")
        .filter_map(|number| number.text_or_number("id"))
        .any(|id| id == channel.provider_ref);
    if own {
        return Ok(());
    }
    Err(ProviderFailure::Rejected {
        code: "ACCOUNT_MISMATCH".into(),
        reason:
            "The number is not one of this WhatsApp Business Account: check business_account_id."
                .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta_cloud::tests::channel;

    fn check(status: u16, body: &str) -> Result<(), ProviderFailure> {
        read(
            &channel(),
            &WireResponse {
                status,
                retry_after_seconds: None,
                body: body.into(),
            },
        )
    }

    #[test]
    fn a_number_must_be_among_its_accounts_own() {
        let own = channel().provider_ref;
        let listed = format!(r#"{{"data":[{{"id":"1"}},{{"id":"{own}"}}]}}"#);
        assert_eq!(check(200, &listed), Ok(()));
        for foreign in [
            r#"{"data":[]}"#,
            r#"{"data":[{"id":"1"}]}"#,
            r#"{"data":"x"}"#,
        ] {
            let refused = check(200, foreign);
            assert!(
                matches!(refused, Err(ProviderFailure::Rejected { .. })),
                "{foreign}"
            );
        }
        let denied = check(
            400,
            r#"{"error":{"code":100,"message":"Unsupported get request"}}"#,
        );
        assert!(matches!(denied, Err(ProviderFailure::Rejected { .. })));
        let doubt = check(502, "<html>");
        assert!(!matches!(
            doubt,
            Ok(()) | Err(ProviderFailure::Rejected { .. })
        ));
    }
}
