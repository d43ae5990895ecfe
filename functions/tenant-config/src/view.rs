//! What a manager reads and writes of the settings.

use std::collections::BTreeSet;

use domain::{
    failure::{AppFailure, FieldProblem},
    message::MessageType,
    service::settings::SettingsEdit,
    settings::{QuietHours, ReminderBasis, Settings},
};
use jiff::civil::Time;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A company's settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub struct SettingsShown {
    /// Raised by every change.
    version: u32,
    /// The master switch: nothing is sent while it is off.
    enabled: bool,
    /// Types of messages that are switched off.
    #[schema(example = json!(["festival"]))]
    disabled_types: Vec<&'static str>,
    /// Whether events of the company's own system are told to its customers.
    notifications: bool,
    /// Whether campaigns and marketing templates may be sent.
    marketing: bool,
    /// Whether anything is sent by itself: by events, dates and follow-ups.
    automation: bool,
    /// IANA time zone; days of limits and reminders are its days.
    #[schema(example = "Asia/Bahrain")]
    zone: String,
    /// Where failure mails go; `null` means failures are only shown.
    failure_email: Option<String>,
    /// Retries after the first attempt.
    retry_max: u8,
    /// Minutes between two attempts.
    retry_interval_minutes: u16,
    /// Days after the invoice's date, or its due date, on which an unpaid invoice is recalled.
    #[schema(example = json!([3, 7]))]
    reminder_days: Vec<u16>,
    /// `invoice_date` or `due_date`.
    reminder_basis: &'static str,
    /// When nothing is sent by itself, in the recipient's own time; `null` means it may be at any hour.
    quiet_hours: Option<QuietHoursShown>,
    /// The channel used when a request names none; `PATCH /v1/channels/{id}` chooses it.
    #[schema(format = Uuid)]
    default_channel_id: Option<String>,
    /// Whether who writes is answered by itself, at most once in 24 hours.
    auto_reply: bool,
    /// What they are answered.
    auto_reply_message: Option<String>,
}

/// Hours of a day; `from` after `until` goes over midnight.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuietHours)]
pub struct QuietHoursShown {
    /// Hours and minutes.
    #[schema(example = "21:00")]
    from: String,
    /// Hours and minutes.
    #[schema(example = "08:00")]
    until: String,
}

impl From<&Settings> for SettingsShown {
    fn from(settings: &Settings) -> Self {
        let clock = |time: Time| time.strftime("%H:%M").to_string();
        Self {
            version: settings.version,
            enabled: settings.enabled,
            disabled_types: settings.disabled.iter().map(|one| one.as_str()).collect(),
            notifications: settings.notifications,
            marketing: settings.marketing,
            automation: settings.automation,
            zone: settings.zone.clone(),
            failure_email: settings.failure_email.clone(),
            retry_max: settings.retry_max,
            retry_interval_minutes: settings.retry_interval_minutes,
            reminder_days: settings.reminder_days.iter().copied().collect(),
            reminder_basis: settings.reminder_basis.as_str(),
            quiet_hours: settings.quiet_hours.map(|quiet| QuietHoursShown {
                from: clock(quiet.from),
                until: clock(quiet.until),
            }),
            default_channel_id: settings.default_channel.map(|id| id.to_string()),
            auto_reply: settings.auto_reply,
            auto_reply_message: settings.auto_reply_message.clone(),
        }
    }
}

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettingsChange)]
pub struct PutSettings {
    /// The version that was read: the change is refused if there is another one by now.
    version: Option<u32>,
    enabled: Option<bool>,
    /// All types that are to be off: `stock_delivered`, `invoice`, `payment_reminder`, `festival`,
    /// `booking_confirmation`, `inquiry_acknowledgement`, `follow_up`, `tour_details`, `welcome`,
    /// `promotion`, `other`.
    disabled_types: Option<Vec<String>>,
    notifications: Option<bool>,
    marketing: Option<bool>,
    automation: Option<bool>,
    zone: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    failure_email: Option<Option<String>>,
    #[schema(minimum = 0, maximum = 10)]
    retry_max: Option<u8>,
    #[schema(minimum = 1, maximum = 1440)]
    retry_interval_minutes: Option<u16>,
    reminder_days: Option<Vec<u16>>,
    reminder_basis: Option<ReminderBasisGiven>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<QuietHoursShown>)]
    quiet_hours: Option<Option<QuietHoursShown>>,
    auto_reply: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    auto_reply_message: Option<Option<String>>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReminderBasis)]
enum ReminderBasisGiven {
    InvoiceDate,
    DueDate,
}

/// Tells a field that is `null` from one that is left out.
pub fn given<'de, T, D>(value: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(value).map(Some)
}

impl PutSettings {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION for types and times that are none.
    pub fn edit(self) -> Result<SettingsEdit, AppFailure> {
        let mut problems = Vec::new();
        let disabled = self
            .disabled_types
            .map(|names| types(&names, &mut problems));
        let quiet_hours = self
            .quiet_hours
            .map(|quiet| quiet.map(|quiet| hours(&quiet, &mut problems)));
        if !problems.is_empty() {
            return Err(AppFailure::validation(
                "The settings cannot be so; see the fields.",
                problems,
            ));
        }
        // An empty form field is an absent one.
        let some = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        Ok(SettingsEdit {
            version: self.version,
            enabled: self.enabled,
            disabled,
            notifications: self.notifications,
            marketing: self.marketing,
            automation: self.automation,
            zone: self.zone,
            failure_email: self.failure_email.map(some),
            retry_max: self.retry_max,
            retry_interval_minutes: self.retry_interval_minutes,
            reminder_days: self.reminder_days.map(|days| days.into_iter().collect()),
            reminder_basis: self.reminder_basis.map(|basis| match basis {
                ReminderBasisGiven::InvoiceDate => ReminderBasis::InvoiceDate,
                ReminderBasisGiven::DueDate => ReminderBasis::DueDate,
            }),
            quiet_hours,
            auto_reply: self.auto_reply,
            auto_reply_message: self.auto_reply_message.map(some),
        })
    }
}

fn types(names: &[String], problems: &mut Vec<FieldProblem>) -> BTreeSet<MessageType> {
    let mut found = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        match MessageType::parse(name) {
            Some(one) => {
                found.insert(one);
            }
            None => problems.push(FieldProblem::new(
                format!("disabled_types[{index}]"),
                "UNKNOWN_VALUE",
                format!(
                    "use one of {}",
                    MessageType::ALL.map(MessageType::as_str).join(", ")
                ),
            )),
        }
    }
    found
}

fn hours(given: &QuietHoursShown, problems: &mut Vec<FieldProblem>) -> QuietHours {
    let mut time = |name: &str, text: &str| {
        Time::strptime("%H:%M", text).unwrap_or_else(|_| {
            problems.push(FieldProblem::new(
                format!("quiet_hours.{name}"),
                "TIME",
                "give hours and minutes, for example 21:00",
            ));
            Time::midnight()
        })
    };
    QuietHours {
        from: time("from", &given.from),
        until: time("until", &given.until),
    }
}
