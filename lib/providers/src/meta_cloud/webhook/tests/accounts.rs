use domain::provider::{AccountItem, IdentityItem, PreferenceItem, TemplateChange, TemplateItem};
use jiff::Timestamp;

use super::*;

/// S2.10: one spelling of a language, `en_US`, whichever Meta writes.
#[test]
fn changes_of_templates_are_for_the_account() {
    let check = |name: &str, language: &str, change| {
        let expected = Item::Template(TemplateItem {
            name: "order_ready".into(),
            language: language.into(),
            change,
        });
        let found = only(&format!("template_{name}"), &account(None));
        assert_eq!(found, expected, "{name}");
    };
    let status = |status: &str, reason: Option<&str>| TemplateChange::Status {
        status: status.into(),
        reason: reason.map(Into::into),
    };
    check("approved", "en_US", status("APPROVED", None));
    // Meta writes `en-US` here and `en_US` there.
    let reason = "Slots stand side by side. Write words between them.";
    check("rejected", "en_US", status("REJECTED", Some(reason)));
    let reason = "FIRST_PAUSE Paused for three hours.";
    check("paused", "en_US", status("PAUSED", Some(reason)));
    check(
        "rejected_without_info",
        "ar",
        status("REJECTED", Some("PROMOTIONAL")),
    );
    check("disabled", "en_US", status("DISABLED", None));
    check(
        "category",
        "en_US",
        TemplateChange::Category("MARKETING".into()),
    );
    check("quality", "en_US", TemplateChange::Quality("YELLOW".into()));
    assert_eq!(
        ignored("template_category_announced", &account(None)),
        "template_category_update announced"
    );
}

#[test]
fn a_template_without_a_name_or_language_is_unreadable() {
    for value in [
        json!({}),
        json!({"event": "APPROVED"}),
        json!({"event": "APPROVED", "message_template_name": "a"}),
        json!({"event": "APPROVED", "message_template_name": " ", "message_template_language": "en"}),
        json!({"event": 7, "message_template_name": "a", "message_template_language": "en"}),
    ] {
        let read = of_body(body("message_template_status_update", &value));
        assert_eq!(reasons(read).len(), 1, "{value}");
    }
}

/// What stops sending is told apart from what is only worth knowing.
#[test]
fn changes_of_an_account_say_whether_sending_is_over() {
    let check = |name: &str, word: &str, stops: bool, words: &str| {
        let Item::Account(item) = only(&format!("account_{name}"), &account(None)) else {
            panic!("{name}");
        };
        assert_eq!((item.word.as_str(), item.stops), (word, stops), "{name}");
        assert!(item.detail.contains(words), "{}", item.detail);
    };
    let until = "RESTRICTED_BIZ_INITIATED_MESSAGING until 2025-11-25T16:00:00Z";
    check("restricted", "ACCOUNT_RESTRICTION", true, until);
    let phone = "RESTRICTED_ADD_PHONE_NUMBER_ACTION";
    check("restricted_otherwise", "ACCOUNT_RESTRICTION", false, phone);
    check("violation", "ACCOUNT_VIOLATION", true, "SCAM");
    check("disabled", "DISABLED_UPDATE", true, "disabled");
    check("reinstated", "DISABLED_UPDATE", false, "again");
    check("disable_scheduled", "DISABLED_UPDATE", false, "going to");
    check("deleted", "ACCOUNT_DELETED", true, "deleted");
    check("offboarded", "ACCOUNT_OFFBOARDED", true, "connect");
    check("partner_removed", "PARTNER_REMOVED", true, "connect");
    check("partner_added", "PARTNER_ADDED", false, "PARTNER_ADDED");
    check("reconnected", "ACCOUNT_RECONNECTED", false, "RECONNECTED");
    check("reviewed", "REVIEW REJECTED", true, "REJECTED");
    check(
        "settings",
        "account_settings_update",
        false,
        "phone_number_settings",
    );
    check(
        "alert",
        "account_alerts",
        false,
        "LIMIT_DENIED. The limit was not raised.",
    );
}

#[test]
fn what_concerns_one_number_is_for_that_number() {
    let number = account(Some("97333000000"));
    let quality = AccountItem {
        word: "THROUGHPUT_UPGRADE".into(),
        detail: "Meta says of the number: THROUGHPUT_UPGRADE, its limit is TIER_UNLIMITED.".into(),
        stops: false,
    };
    assert_eq!(only("number_quality", &number), Item::Account(quality));
    assert!(matches!(
        only("account_verified", &number),
        Item::Account(_)
    ));
    let spaced = json!({"display_phone_number": "+973 3300 0000", "event": "FLAGGED"});
    let read = of_body(body("phone_number_quality_update", &spaced));
    assert_eq!(read.items[0].0, number);
}

#[test]
fn an_error_of_the_number_stops_it_where_it_must() {
    let items = items("errors_of_number", &ours());
    let name = |name: &str| Item::Ignored { name: name.into() };
    let locked = AccountItem {
        word: "error 131031".into(),
        detail: "Meta locked the account: see the account's page at Meta. (Meta 131031: Business Account locked)".into(),
        stops: true,
    };
    assert_eq!(
        items,
        [Item::Account(locked), name("error 130429"), name("error")]
    );
}

#[test]
fn what_people_prefer_is_read_with_who_they_are() {
    let check = |name: &str, number, marketing| {
        let expected = PreferenceItem {
            phone: number,
            user: Some(USER.into()),
            at: Timestamp::from_second(T).unwrap(),
            marketing,
        };
        let found = only(&format!("preference_{name}"), &ours());
        assert_eq!(found, Item::Preference(expected), "{name}");
    };
    let number = || phone("+97333000001");
    check("stop", number(), false);
    check("resume", number(), true);
    check("signup", number(), true);
    check("of_user", None, false);
    assert_eq!(
        ignored("preference_other_category", &ours()),
        "user_preferences utility_messages"
    );
}

#[test]
fn a_new_user_id_is_tied_to_the_old_one() {
    let identity = IdentityItem {
        phone: phone("+97333000001"),
        user: Some(USER.into()),
        new_phone: None,
        new_user: Some(NEW_USER.into()),
    };
    let expected = Item::Identity(identity.clone());
    assert_eq!(only("user_id_update", &ours()), expected);
    // Other shapes it may have: Meta's own pages disagree about this field.
    let metadata = json!({"phone_number_id": "301700000000001"});
    for item in [
        json!({"previous_user_id": USER, "user_id": NEW_USER, "wa_id": "97333000001"}),
        json!({"old_user_id": USER, "new_user_id": NEW_USER, "wa_id": "97333000001"}),
    ] {
        let value = json!({"metadata": metadata, "user_id_update": [item]});
        let read = of_body(body("user_id_update", &value));
        assert_eq!(read.items, [(ours(), expected.clone())]);
    }
    let flat = json!({"previous_user_id": USER, "current_user_id": NEW_USER});
    let read = of_body(body("user_id_update", &flat));
    let nameless = IdentityItem {
        phone: None,
        ..identity
    };
    assert_eq!(read.items, [(account(None), Item::Identity(nameless))]);
    for nobody in [
        json!({}),
        json!({"user_id": NEW_USER}),
        json!({"previous_user_id": USER}),
        json!({"user_id": NEW_USER, "previous_user_id": NEW_USER}),
    ] {
        let read = of_body(body("user_id_update", &nobody));
        assert_eq!(reasons(read).len(), 1, "{nobody}");
    }
}

#[test]
fn an_account_without_an_id_is_nobodys() {
    for id in [
        json!(null),
        json!("a b"),
        json!({}),
        json!("20/../1"),
        json!(true),
    ] {
        let body = json!({"object": "whatsapp_business_account", "entry": [
            {"id": id, "changes": [{"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}]},
        ]});
        let delivery = of_body(body.to_string());
        assert_eq!(delivery.items[0].0, Address::Here, "{id}");
        assert_eq!(
            reasons(delivery),
            ["entry[0].changes[0]: its entry names no account"]
        );
    }
}
