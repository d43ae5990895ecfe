use super::*;

fn wrong(change: impl FnOnce(&mut Settings)) -> Vec<String> {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
        .problems()
        .into_iter()
        .map(|problem| problem.field)
        .collect()
}

/// S1.71–S1.75, S1.78, S1.79, S1.81, S2.48, S2.49: what a new company starts with.
#[test]
fn the_defaults_are_those_of_the_sources() {
    let settings = Settings::default();
    assert!(settings.enabled && settings.disabled.is_empty());
    assert_eq!(
        (settings.retry_max, settings.retry_interval_minutes),
        (3, 30)
    );
    assert_eq!(settings.reminder_days, BTreeSet::from([3, 7]));
    assert_eq!(settings.reminder_basis, ReminderBasis::InvoiceDate);
    assert!(!settings.auto_reply && settings.auto_reply_message.is_none());
    assert!(settings.notifications && !settings.marketing && settings.automation);
    // S1.80 names somebody's own box; there is none here (X44).
    assert_eq!(settings.failure_email, None);
    assert_eq!(settings.problems(), []);
}

/// Every setting that cannot be is named at once.
#[test]
fn every_wrong_setting_is_named() {
    assert_eq!(wrong(|s| s.zone = "Bahrain/Manama".into()), ["zone"]);
    for address in [
        "ops",
        "ops@",
        "@a.example",
        "a@b@c.example",
        "a@b",
        "a b@c.example",
        "a@c.example,b@c.example",
        "a@.example",
    ] {
        assert_eq!(
            wrong(|s| s.failure_email = Some(address.into())),
            ["failure_email"],
            "{address}"
        );
    }
    assert!(wrong(|s| s.failure_email = Some("ops+wa@mail.acme.example".into())).is_empty());
    assert_eq!(wrong(|s| s.retry_max = 11), ["retry_max"]);
    assert_eq!(
        wrong(|s| s.retry_interval_minutes = 0),
        ["retry_interval_minutes"]
    );
    assert_eq!(
        wrong(|s| s.retry_interval_minutes = 1_441),
        ["retry_interval_minutes"]
    );
    assert_eq!(
        wrong(|s| s.reminder_days = BTreeSet::from([366])),
        ["reminder_days"]
    );
    assert_eq!(
        wrong(|s| s.reminder_days = (0..11).collect()),
        ["reminder_days"]
    );
    assert!(wrong(|s| s.reminder_days = BTreeSet::new()).is_empty());
    let noon = Time::constant(12, 0, 0, 0);
    let never = QuietHours {
        from: noon,
        until: noon,
    };
    assert_eq!(wrong(|s| s.quiet_hours = Some(never)), ["quiet_hours"]);
    assert_eq!(wrong(|s| s.auto_reply = true), ["auto_reply_message"]);
    assert_eq!(
        wrong(|s| {
            s.zone = String::new();
            s.retry_max = 200;
            s.auto_reply_message = Some("a".repeat(4_097));
        }),
        ["zone", "retry_max", "auto_reply_message"]
    );
}

/// S2.48: an automatic answer is given when it is switched on and says something.
#[test]
fn an_answer_needs_its_switch_and_its_text() {
    let answer = |on, text: Option<&str>| {
        let settings = Settings {
            auto_reply: on,
            auto_reply_message: text.map(Into::into),
            ..Settings::default()
        };
        settings.answer().map(str::to_owned)
    };
    assert_eq!(answer(true, Some("Later.")), Some("Later.".into()));
    assert_eq!(answer(false, Some("Later.")), None);
    assert_eq!(answer(true, Some(" ")), None);
    assert_eq!(answer(true, None), None);
}

#[test]
fn quiet_hours_may_go_over_midnight() {
    let at = |hour| Time::constant(hour, 0, 0, 0);
    let night = QuietHours::default();
    for (hour, quiet) in [
        (20, false),
        (21, true),
        (23, true),
        (0, true),
        (7, true),
        (8, false),
    ] {
        assert_eq!(night.holds(at(hour)), quiet, "{hour}");
    }
    let noon = QuietHours {
        from: at(12),
        until: at(14),
    };
    for (hour, quiet) in [(11, false), (12, true), (13, true), (14, false)] {
        assert_eq!(noon.holds(at(hour)), quiet, "{hour}");
    }
}

/// The audit log tells what changed, and nothing else.
#[test]
fn differences_name_each_setting_that_changed() {
    let before = Settings::default();
    assert_eq!(before.differences(&before), []);
    let after = Settings {
        disabled: BTreeSet::from([MessageType::Festival, MessageType::Invoice]),
        reminder_days: BTreeSet::from([1, 14]),
        quiet_hours: None,
        version: 9,
        ..Settings::default()
    };
    assert_eq!(
        before.differences(&after),
        [
            ("disabled", String::new(), "invoice,festival".into()),
            ("reminder_days", "3,7".into(), "1,14".into()),
            ("quiet_hours", "21:00-08:00".into(), String::new()),
        ]
    );
}
