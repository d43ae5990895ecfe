use domain::provider::{PreferenceItem, ProviderStatus, StatusItem};
use jiff::Timestamp;

use super::*;

fn status(name: &str) -> StatusItem {
    match only(&format!("status_{name}"), &ours()) {
        Item::Status(item) => item,
        other => panic!("{name}: {other:?}"),
    }
}

fn failed(code: &str, reason: &str) -> ProviderStatus {
    ProviderStatus::Failed {
        code: code.into(),
        reason: reason.into(),
    }
}

/// Every optional part may be missing.
#[test]
fn statuses_are_read_by_id_word_and_time_alone() {
    let check = |name: &str, second, expected| {
        let item = status(name);
        assert_eq!(item.provider_id, OURS);
        assert_eq!(
            item.at,
            Timestamp::from_second(T + second).unwrap(),
            "{name}"
        );
        assert_eq!(item.status, expected, "{name}");
    };
    check("sent", 0, ProviderStatus::Sent);
    check("sent_bare", 0, ProviderStatus::Sent);
    check("without_recipient", 0, ProviderStatus::Sent);
    check("delivered", 1, ProviderStatus::Delivered);
    check("read", 2, ProviderStatus::Read);
    check("played", 3, ProviderStatus::Read);
    let unmapped = |word: &str| ProviderStatus::Unmapped { word: word.into() };
    check("deleted", 5, unmapped("deleted"));
    check("unknown_word", 5, unmapped("teleported"));
    assert_eq!(ignored("status_of_group", &ours()), "group status");
}

#[test]
fn a_failure_says_our_code_what_to_do_and_what_meta_said() {
    let check = |name: &str, expected| assert_eq!(status(name).status, expected, "{name}");
    check(
        "failed",
        failed(
            "NOT_ON_WHATSAPP",
            "The message cannot be delivered: the number is not on WhatsApp, its WhatsApp is too old, or its owner has not accepted the terms. (Meta 131026: Message undeliverable to [number])",
        ),
    );
    check(
        "failed_old_shape",
        failed(
            "WINDOW_CLOSED",
            "The person last wrote more than 24 hours ago: send a template. (Meta 131047: Re-engagement message)",
        ),
    );
    let unknown = "WhatsApp could not send the message on: check the number.";
    check(
        "failed_without_errors",
        failed(
            "DELIVERY_FAILED",
            &format!("{unknown} (Meta: no reason given)"),
        ),
    );
    check(
        "failed_unknown_number",
        failed(
            "DELIVERY_FAILED",
            &format!("{unknown} (Meta 999999: The hologram jammed.)"),
        ),
    );
}

/// providers.md 2.9: it is an opt-out too, for every message to come.
#[test]
fn a_failure_because_of_an_opt_out_is_one() {
    let items = items("status_failed_marketing_stopped", &ours());
    let [Item::Status(status), Item::Preference(preference)] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert!(
        matches!(&status.status, ProviderStatus::Failed { code, .. } if code == "MARKETING_STOPPED")
    );
    assert_eq!(
        preference,
        &PreferenceItem {
            phone: phone("+97333000001"),
            user: Some(USER.into()),
            at: status.at,
            marketing: false,
        }
    );
}

fn tokens(token: Value) -> Vec<Option<String>> {
    let value = json!({"metadata": {"phone_number_id": "301700000000001"}, "statuses": [
        {"id": "wamid.a", "status": "sent", "timestamp": 1_764_000_000,
            "biz_opaque_callback_data": token},
    ]});
    let items = of_body(body("messages", &value)).items.into_iter();
    items
        .map(|(_, item)| match item {
            Item::Status(item) => item.token,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// hazards.md: an opaque text of 10 kB, of another type, or none.
#[test]
fn what_we_gave_along_comes_back_cut_and_unproven() {
    assert_eq!(status("sent").token.as_deref(), Some("w1sample"));
    assert_eq!(status("sent_bare").token, None);
    let long = tokens(json!("\u{1f600}".repeat(10_240)));
    assert_eq!(long, [Some("\u{1f600}".repeat(512))]);
    for none in [json!(null), json!(7), json!({}), json!(""), json!(" ")] {
        assert_eq!(tokens(none), [None]);
    }
}
