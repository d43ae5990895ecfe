//! Workflows: which message follows from which event, and how the company wants it (S2.87, S2.88).

use std::collections::BTreeMap;

use crate::{
    ids::{ChannelId, TemplateId, TenantId},
    message::MessageType,
};

/// Which workflow. Its name is that of the messages it sends.
pub type WorkflowName = MessageType;

/// How a company wants one workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which.
    pub name: WorkflowName,
    /// Whether it runs.
    pub enabled: bool,
    /// Through which channel; the default one when none is named.
    pub channel: Option<ChannelId>,
    /// With which template.
    pub template: Choice,
    /// After how many days a follow-up is sent.
    pub days: u16,
    /// Raised by the store at every change; 0 while nobody changed it.
    pub version: u32,
}

/// With which template a workflow writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The company's active template of the type, else the built-in text.
    Standard,
    /// One of the company's own.
    Own(TemplateId),
    /// One of the provider's.
    Provider {
        /// Its name there.
        name: String,
        /// Its exact language there.
        language: String,
        /// Which placeholder fills which slot of the header.
        header: Vec<String>,
        /// Which placeholder fills which slot of the body.
        body: Vec<String>,
        /// What stands for a placeholder without a value (X15).
        defaults: BTreeMap<String, String>,
    },
}

/// Days until a follow-up, unless the company or the inquiry says otherwise.
pub const FOLLOW_UP_DAYS: u16 = 3;

impl Workflow {
    /// A workflow that nobody changed: it runs, with the company's own words.
    #[must_use]
    pub const fn standard(tenant: TenantId, name: WorkflowName) -> Self {
        Self {
            tenant,
            name,
            enabled: true,
            channel: None,
            template: Choice::Standard,
            days: FOLLOW_UP_DAYS,
            version: 0,
        }
    }

    /// The workflows there are.
    pub const ALL: [WorkflowName; 9] = [
        MessageType::StockDelivered,
        MessageType::Invoice,
        MessageType::PaymentReminder,
        MessageType::Festival,
        MessageType::BookingConfirmation,
        MessageType::InquiryAcknowledgement,
        MessageType::FollowUp,
        MessageType::TourDetails,
        MessageType::Welcome,
    ];
}
