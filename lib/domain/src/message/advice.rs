//! What to do next about a failure, by its code: the providers' codes and our own.

/// What the reader of a timeline should do about a failure with this code; none when nobody has thought
/// of it, which `providers` and the tests of the services watch over.
#[must_use]
pub fn known_advice(code: &str) -> Option<&'static str> {
    Some(match code {
        // Ours.
        "NOT_SENT" => {
            "It never reached the provider. It is safe to try again; if it goes on, check the channel."
        }
        "NOT_ACCEPTED" => {
            "Waypost looked and the provider does not have it. It is safe to try it again."
        }
        "OUTCOME_UNKNOWN" => {
            "Ask the recipient whether it arrived before you try again: they may get it twice."
        }
        "CONSENT_STOPPED" => {
            "The recipient does not want messages. Do not write to them until they write to you again."
        }
        "WINDOW_CLOSED" | "CONVERSATION_CLOSED" => {
            "Send an approved template, or wait until the recipient writes: then free text is possible for 24 hours."
        }
        "TYPE_DISABLED" => {
            "A manager can switch this type of message on in the settings; then try it again."
        }
        "AUTOMATION_OFF" => {
            "A manager can switch automation on in the settings; then try it again."
        }
        "NOTIFICATIONS_OFF" => {
            "A manager can switch notifications on in the settings; then try it again."
        }
        "MARKETING_OFF" => "A manager can switch marketing on in the settings; then try it again.",
        "MESSAGING_OFF" => "A manager can switch sending on in the settings; then try it again.",
        "UNSUPPORTED" | "UNSUPPORTED_TYPE" => {
            "The channel's provider has no such message. Send a text, or choose another channel."
        }
        "NO_PLAN" => "Choose a plan; then try it again.",
        "CHANNEL_EXPIRED" => "Extend the channel; then try it again.",
        "NO_MARKETING" | "MARKETING_STOPPED" => {
            "The recipient does not want marketing. Send them only what they need to know."
        }
        "NO_RECIPIENT" | "PHONE" => "Give the contact a number; then send it again.",
        "TEMPLATE_NOT_APPROVED" => {
            "Wait until the template is approved, or choose another one; then try it again."
        }
        "TEMPLATE_GONE" | "UNKNOWN_LANGUAGE" => {
            "Sync the channel's templates and choose one that is listed, in its exact language; then send again."
        }
        "CHANNEL_GONE" => "Choose another channel: this one was removed.",
        "CHANNEL_INACTIVE" | "CHANNEL_NOT_AUTHORIZED" | "CHANNEL_UNAUTHORIZED" => {
            "Connect the channel again (scan its QR code or store its current token); then try it again."
        }
        "TENANT_INACTIVE" => "Ask the operator of Waypost to open your account again.",
        // The providers'.
        "INVALID_REQUEST" => {
            "Check the number, the texts and the buttons, and send a corrected message; trying this one again changes nothing."
        }
        "REFUSED" => "Read what the provider said, and send a corrected message.",
        "TRIAL_LIMIT" | "NO_CREDIT" => "Extend the channel at its provider; then try it again.",
        "FORBIDDEN_RECIPIENT" | "COUNTRY_RESTRICTED" => {
            "This channel may not write to this recipient. Reach them in another way."
        }
        "NOT_FOUND_AT_PROVIDER" | "CHANNEL_GONE_AT_PROVIDER" => {
            "Check at the provider that the channel still exists; then try it again."
        }
        "TOO_LARGE" => "Send a smaller file.",
        "TOO_LONG" => "Shorten the text and send it again.",
        "UNSUPPORTED_MEDIA" | "MEDIA_REFUSED" | "MEDIA_UNREADABLE" => {
            "Send the file as a PDF, JPG or PNG, and check that its link opens without a login."
        }
        "RATE_LIMITED" | "PAIR_RATE_LIMITED" => {
            "Nothing needs to be done: it goes on by itself when the provider allows it."
        }
        "META_UNKNOWN" | "META_UNAVAILABLE" => {
            "Meta has a disturbance. Try it again in some minutes."
        }
        "PERMISSION_MISSING" => {
            "Give the channel's access token its permissions at Meta; then try it again."
        }
        "ACCOUNT_BLOCKED" | "ACCOUNT_LOCKED" | "SPAM_RESTRICTED" | "TEMPLATE_POLICY" => {
            "See the account's page at the provider, and do what it asks for, before you send on."
        }
        "PAYMENT_ISSUE" => "Check the account's payment method at Meta; then try it again.",
        "NUMBER_NOT_REGISTERED" => {
            "Register the channel's number again in the WhatsApp Manager; then try it again."
        }
        "DISPLAY_NAME_MISSING" => {
            "Have the number's display name approved in the WhatsApp Manager; then try it again."
        }
        "DELIVERY_FAILED" | "NOT_ON_WHATSAPP" => {
            "Check the number, and whether the recipient uses WhatsApp."
        }
        "EXPIRED" => {
            "The phone was off for too long. Check that the number is in use; then try it again."
        }
        "BLOCKED_BY_BUSINESS" => {
            "Your company blocked this person at WhatsApp. Unblock them there; then try it again."
        }
        "RECIPIENT_IS_SENDER" => "A channel cannot write to itself. Choose another recipient.",
        "NOT_IN_TEST_LIST" => {
            "Add the recipient to the test list at Meta, or use a number that is not for tests."
        }
        "IDENTITY_CHANGED" => {
            "Make sure that the number is still the same person's; then try it again."
        }
        "USER_ID_UNSUPPORTED" => "Ask the recipient for their number, and send it there.",
        "ENGAGEMENT_LIMIT" | "IN_EXPERIMENT" => {
            "Meta holds marketing to this person back. Try another day, or not at all."
        }
        "MARKETING_API" => "Check the account's set-up for marketing at Meta.",
        "TEMPLATE_MISSING" => {
            "Load the templates again, and choose one that is approved in this language."
        }
        "TEMPLATE_VALUES" | "TEMPLATE_TOO_LONG" => {
            "Load the templates again, and give each slot a value that fits."
        }
        "TEMPLATE_PAUSED" | "TEMPLATE_DISABLED" => {
            "Choose another template: Meta stopped this one because of its quality."
        }
        "FLOW_BLOCKED" => "Repair the flow in the WhatsApp Manager, or send without it.",
        _ => return None,
    })
}

/// The same; for a code that is new, what is always right.
#[must_use]
pub fn advice(code: &str) -> &'static str {
    known_advice(code).unwrap_or(
        "Read the reason, put right what it names, and try again; if it stays, ask your provider.",
    )
}
