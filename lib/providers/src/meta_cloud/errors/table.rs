//! The catalogue: Meta's error numbers as its error page and providers.md 2.2 have them (X10).

use super::{Class, Row};

const fn row(number: u32, class: Class, code: &'static str, sentence: &'static str) -> Row {
    Row {
        first: number,
        last: number,
        class,
        delay_seconds: 0,
        code,
        sentence,
    }
}

const fn rows(
    first: u32,
    last: u32,
    class: Class,
    code: &'static str,
    sentence: &'static str,
) -> Row {
    Row {
        last,
        ..row(first, class, code, sentence)
    }
}

const fn slow(number: u32, delay_seconds: u64, code: &'static str, sentence: &'static str) -> Row {
    Row {
        delay_seconds,
        ..row(number, Class::Slow, code, sentence)
    }
}

/// For 401 without a number; also the codes 0 and 190. This code marks the channel.
pub(super) const UNAUTHORIZED: Row = row(
    190,
    Class::Account,
    "CHANNEL_UNAUTHORIZED",
    "Meta no longer takes the channel's access token: store a current one.",
);

/// For a definite no whose number says nothing.
pub(super) const REFUSED: Row = row(
    u32::MAX,
    Class::Content,
    "REFUSED",
    "Meta refused the message.",
);

/// For a failed status whose error says nothing.
pub(super) const UNDELIVERED: Row = row(
    u32::MAX,
    Class::Recipient,
    "DELIVERY_FAILED",
    "WhatsApp could not send the message on: check the number.",
);

const NO_PERMISSION: &str = "The channel's access token may not do this: give it the permission whatsapp_business_messaging for this account.";
const NOT_PAID: &str =
    "Meta does not send for this account for reasons of payment: check its payment method at Meta.";
const REGISTER: &str = "The number is not registered with the Cloud API as it should be: register it again in the WhatsApp Manager.";
const FORM: &str =
    "Meta does not take this message as it is: check the number, the texts and the buttons.";
const VALUES: &str = "The template's values do not fit it: load the templates again and fill in every slot as the template has it.";
const LATER: &str = "Meta could not send the message just now: try again.";
const MARKETING_API: &str =
    "Meta does not let this account send marketing this way: check its set-up at Meta.";

pub(super) const ROWS: &[Row] = &[
    Row {
        first: 0,
        last: 0,
        ..UNAUTHORIZED
    },
    row(
        1,
        Class::Doubt,
        "META_UNKNOWN",
        "Meta could not say what went wrong.",
    ),
    row(2, Class::Outage, "META_UNAVAILABLE", LATER),
    row(3, Class::Account, "PERMISSION_MISSING", NO_PERMISSION),
    slow(
        4,
        300,
        "RATE_LIMITED",
        "The app's limit of calls at Meta was reached: it goes on in some minutes.",
    ),
    row(10, Class::Account, "PERMISSION_MISSING", NO_PERMISSION),
    row(
        33,
        Class::Account,
        "CHANNEL_GONE_AT_PROVIDER",
        "Meta does not know the channel's number any more: check it in the WhatsApp Manager.",
    ),
    row(100, Class::Content, "INVALID_REQUEST", FORM),
    UNAUTHORIZED,
    rows(
        200,
        299,
        Class::Account,
        "PERMISSION_MISSING",
        NO_PERMISSION,
    ),
    row(
        368,
        Class::Account,
        "ACCOUNT_BLOCKED",
        "Meta blocked the account for breaking its policies: see the account's page at Meta.",
    ),
    slow(
        80_007,
        300,
        "RATE_LIMITED",
        "The account's limit of calls at Meta was reached: it goes on in some minutes.",
    ),
    row(
        130_403,
        Class::Recipient,
        "BLOCKED_BY_BUSINESS",
        "This business blocked the recipient: unblock them to write to them.",
    ),
    slow(
        130_429,
        10,
        "RATE_LIMITED",
        "The number's limit of messages a second was reached: it goes on in some seconds.",
    ),
    row(
        130_472,
        Class::Recipient,
        "IN_EXPERIMENT",
        "Meta holds marketing back from this person for an experiment of its own: wait until they write.",
    ),
    row(
        130_497,
        Class::Recipient,
        "COUNTRY_RESTRICTED",
        "Meta does not let this account write to people in this country.",
    ),
    row(131_000, Class::Outage, "META_UNAVAILABLE", LATER),
    row(131_005, Class::Account, "PERMISSION_MISSING", NO_PERMISSION),
    rows(131_008, 131_009, Class::Content, "INVALID_REQUEST", FORM),
    row(131_016, Class::Outage, "META_UNAVAILABLE", LATER),
    row(
        131_021,
        Class::Recipient,
        "RECIPIENT_IS_SENDER",
        "The recipient is the channel's own number.",
    ),
    row(
        131_026,
        Class::Recipient,
        "NOT_ON_WHATSAPP",
        "The message cannot be delivered: the number is not on WhatsApp, its WhatsApp is too old, or its owner has not accepted the terms.",
    ),
    row(
        131_030,
        Class::Recipient,
        "NOT_IN_TEST_LIST",
        "A test number only writes to the recipients on its list: add this one at Meta, or use another channel.",
    ),
    row(
        131_031,
        Class::Account,
        "ACCOUNT_LOCKED",
        "Meta locked the account: see the account's page at Meta.",
    ),
    row(
        131_037,
        Class::Account,
        "DISPLAY_NAME_MISSING",
        "Meta has not approved the number's display name: have it approved in the WhatsApp Manager.",
    ),
    row(131_042, Class::Account, "PAYMENT_ISSUE", NOT_PAID),
    row(131_045, Class::Account, "NUMBER_NOT_REGISTERED", REGISTER),
    row(
        131_047,
        Class::Recipient,
        "WINDOW_CLOSED",
        "The person last wrote more than 24 hours ago: send a template.",
    ),
    row(
        131_048,
        Class::Account,
        "SPAM_RESTRICTED",
        "Meta restricts the number because too many people blocked or reported it: see its quality in the WhatsApp Manager before sending more.",
    ),
    row(
        131_049,
        Class::Recipient,
        "ENGAGEMENT_LIMIT",
        "Meta holds marketing back from this person for now: wait at least a day before trying again.",
    ),
    row(
        131_050,
        Class::Recipient,
        "MARKETING_STOPPED",
        "The person asked Meta for no more marketing from this business.",
    ),
    row(
        131_051,
        Class::Content,
        "UNSUPPORTED_TYPE",
        "Meta cannot send a message of this type.",
    ),
    row(
        131_052,
        Class::Content,
        "MEDIA_UNREADABLE",
        "Meta could not fetch the file: check that its link opens without a login, and its type and size.",
    ),
    row(
        131_053,
        Class::Content,
        "MEDIA_REFUSED",
        "Meta did not take the file: check its type and size.",
    ),
    slow(
        131_056,
        60,
        "RATE_LIMITED",
        "Too many messages to this one person in a short time: it goes on in a minute.",
    ),
    slow(
        131_057,
        120,
        "RATE_LIMITED",
        "Meta is moving the number to a higher throughput: it goes on in some minutes.",
    ),
    row(
        131_060,
        Class::Content,
        "UNSUPPORTED_TYPE",
        "Meta does not show this message.",
    ),
    row(
        131_062,
        Class::Recipient,
        "USER_ID_UNSUPPORTED",
        "This message needs a telephone number, and the person shows none.",
    ),
    row(131_063, Class::Content, "MARKETING_API", MARKETING_API),
    slow(
        131_064,
        3_600,
        "RATE_LIMITED",
        "The account's limit of people it may write to was reached: it goes on as the limit allows.",
    ),
    row(132_000, Class::Content, "TEMPLATE_VALUES", VALUES),
    row(
        132_001,
        Class::Content,
        "TEMPLATE_MISSING",
        "Meta has no approved template of this name in this language: load the templates again.",
    ),
    row(
        132_005,
        Class::Content,
        "TEMPLATE_TOO_LONG",
        "With these values the template's text is too long: shorten them.",
    ),
    row(
        132_007,
        Class::Content,
        "TEMPLATE_POLICY",
        "The template's text breaks a policy of Meta's: change it there.",
    ),
    row(132_008, Class::Content, "TEMPLATE_VALUES", VALUES),
    row(132_012, Class::Content, "TEMPLATE_VALUES", VALUES),
    row(
        132_015,
        Class::Content,
        "TEMPLATE_PAUSED",
        "Meta paused the template because of its quality: use another one, or wait.",
    ),
    row(
        132_016,
        Class::Content,
        "TEMPLATE_DISABLED",
        "Meta disabled the template for good: use another one.",
    ),
    row(132_018, Class::Content, "TEMPLATE_VALUES", VALUES),
    row(
        132_068,
        Class::Content,
        "FLOW_BLOCKED",
        "Meta blocked the form in this template.",
    ),
    slow(
        132_069,
        600,
        "RATE_LIMITED",
        "Meta slows down the form in this template: it goes on in some minutes.",
    ),
    row(133_000, Class::Account, "NUMBER_NOT_REGISTERED", REGISTER),
    row(133_004, Class::Outage, "META_UNAVAILABLE", LATER),
    rows(
        133_005,
        133_010,
        Class::Account,
        "NUMBER_NOT_REGISTERED",
        REGISTER,
    ),
    rows(
        133_015,
        133_016,
        Class::Account,
        "NUMBER_NOT_REGISTERED",
        REGISTER,
    ),
    row(134_011, Class::Account, "PAYMENT_ISSUE", NOT_PAID),
    rows(
        134_100,
        134_102,
        Class::Content,
        "MARKETING_API",
        MARKETING_API,
    ),
    row(135_000, Class::Outage, "META_UNAVAILABLE", LATER),
    row(
        137_000,
        Class::Recipient,
        "IDENTITY_CHANGED",
        "The person's identity at WhatsApp changed: make sure who they are before writing again.",
    ),
];
