//! Everything that is stored, open to tests.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    analytics::Sheet,
    billing::{
        Account, Entry, Notification, PayPalSettings, Payment, Plan, PlanRequest, Subscription,
    },
    bulk::{FrozenRow, Run},
    business::{EventRecord, Invoice, Workflow, WorkflowName},
    channel::{Channel, PlatformApp},
    contact::Contact,
    conversation::Conversation,
    festival::Festival,
    ids::{
        ChannelId, ContactId, ConversationId, EventId, FestivalId, InvoiceId, JobId, MessageId,
        NotificationId, PaymentId, PlanId, RequestId, SubscriptionId, TemplateId, TenantId, UserId,
    },
    job::{Board, Job},
    managed::ManagedChannel,
    message::{Content, InboundMessage, Message, Payload},
    notice::{Notice, NoticeKey},
    partner::{BalanceNotice, PartnerSettings},
    ports::{AuditEntry, DueThing, IdempotencyRecord, InvitationKey},
    reminder::DayWork,
    service::projections::MessageChange,
    template::{OwnTemplate, TemplateSync},
    tenant::Tenant,
    user::User,
    webhook::{JournalEntry, JournalKey, Observed, Pointer},
};
use jiff::{Timestamp, civil::Date};

use super::{KeptFile, Link, Noted};

/// Rows of a bulk job, and when they expire that no job took up.
type Chunk = (Vec<FrozenRow>, Option<Timestamp>);

/// Everything a tenant-aware store keeps.
#[derive(Debug, Default)]
pub struct State {
    /// Tenants.
    pub tenants: HashMap<TenantId, Tenant>,
    /// Users, and those being invited.
    pub users: BTreeMap<(TenantId, UserId), User>,
    /// Whose invitations were taken back after the identity service had made them.
    pub gone: BTreeSet<(TenantId, UserId)>,
    /// Idempotency keys of invitations.
    pub invitation_keys: BTreeMap<(TenantId, String), InvitationKey>,
    /// Channels.
    pub channels: BTreeMap<(TenantId, ChannelId), Channel>,
    /// When a channel's login was last heard of.
    pub logins: HashMap<(TenantId, ChannelId), Timestamp>,
    /// Channels that took a slot of the plan when they were made.
    pub slotted: BTreeSet<(TenantId, ChannelId)>,
    /// Channels that were deleted: without their secrets, and found by nobody.
    pub buried: BTreeMap<(TenantId, ChannelId), Channel>,
    /// The platform's own app.
    pub platform_app: PlatformApp,
    /// The platform's account at WHAPI.
    pub partner: PartnerSettings,
    /// The notices of its days.
    pub balance_notices: Vec<BalanceNotice>,
    /// When the notice of a name came first.
    pub notice_names: HashMap<[u8; 32], Timestamp>,
    /// What the platform is at PayPal.
    pub paypal_settings: Option<PayPalSettings>,
    /// Contacts by the id of their first alias; those merged into another are gone.
    pub contacts: HashMap<(TenantId, ContactId), Contact>,
    /// Slots of further aliases, by the id each would give, and where they lead. Merged contacts too.
    pub slots: HashMap<(TenantId, ContactId), ContactId>,
    /// The search index: what a word leads to.
    pub words: BTreeMap<(TenantId, String), BTreeSet<ContactId>>,
    /// Conversations.
    pub conversations: HashMap<(TenantId, ConversationId), Conversation>,
    /// Jobs.
    pub jobs: BTreeMap<(TenantId, JobId), Job>,
    /// Boards with their versions.
    pub boards: HashMap<(TenantId, JobId, u32), (Board, u32)>,
    /// Outbound messages.
    pub messages: BTreeMap<(TenantId, MessageId), Message>,
    /// Their payloads.
    pub payloads: HashMap<(TenantId, MessageId), Payload>,
    /// Inbound messages.
    pub inbound: BTreeMap<(TenantId, MessageId), InboundMessage>,
    /// When the sweep looks at the file of an inbound message.
    pub copies_due: BTreeMap<(TenantId, MessageId), Timestamp>,
    /// Pointers.
    pub pointers: HashMap<(TenantId, ChannelId, String), Pointer>,
    /// Parked observations.
    pub parked: HashMap<(TenantId, ChannelId, String), BTreeMap<String, Observed>>,
    /// Messages counted per day.
    pub usage: HashMap<(TenantId, Date), u32>,
    /// How far bulk jobs are.
    pub runs: BTreeMap<(TenantId, JobId), Run>,
    /// What they say.
    pub contents: HashMap<(TenantId, JobId), Content>,
    /// Their rows by chunk, and when those expire that no job took up.
    pub rows: BTreeMap<(TenantId, JobId, u32), Chunk>,
    /// Messages of bulk jobs counted per cycle.
    pub bulk_usage: HashMap<(TenantId, Date), u32>,
    /// Festivals.
    pub festivals: BTreeMap<(TenantId, FestivalId), Festival>,
    /// The work of companies' days.
    pub days: BTreeMap<TenantId, DayWork>,
    /// The days of analytics.
    pub sheets: HashMap<(TenantId, Date), Sheet>,
    /// Idempotency records.
    pub keys: HashMap<(TenantId, String), IdempotencyRecord>,
    /// Audit lines.
    pub audit: Vec<(TenantId, AuditEntry)>,
    /// The journal.
    pub journal: HashMap<JournalKey, JournalEntry>,
    /// Templates by account, name and language.
    pub templates: HashMap<(TenantId, String, String, String), Noted>,
    /// The last sync of each account's templates.
    pub syncs: HashMap<(TenantId, String), TemplateSync>,
    /// Templates of companies' own.
    pub own_templates: BTreeMap<(TenantId, TemplateId), OwnTemplate>,
    /// Their versions, oldest first; they outlive the templates.
    pub template_versions: HashMap<(TenantId, TemplateId), Vec<OwnTemplate>>,
    /// Business events by their ids.
    pub events: BTreeMap<(TenantId, EventId), EventRecord>,
    /// Invoices by their ids.
    pub invoices: BTreeMap<(TenantId, InvoiceId), Invoice>,
    /// Workflows that somebody changed.
    pub workflows: BTreeMap<(TenantId, WorkflowName), Workflow>,
    /// Plans.
    pub plans: BTreeMap<PlanId, Plan>,
    /// Accounts, of companies that have one.
    pub accounts: HashMap<TenantId, Account>,
    /// Entries of all ledgers, in the order they were written.
    pub entries: Vec<Entry>,
    /// Subscriptions.
    pub subscriptions: BTreeMap<(TenantId, SubscriptionId), Subscription>,
    /// Where subscriptions at PayPal lead to.
    pub paypal: HashMap<String, (TenantId, SubscriptionId)>,
    /// Offline payments.
    pub payments: BTreeMap<(TenantId, PaymentId), Payment>,
    /// Whose receipts these are, by their SHA-256.
    pub receipts: HashMap<String, (TenantId, PaymentId)>,
    /// Requests for quotes and demos.
    pub plan_requests: BTreeMap<(TenantId, RequestId), PlanRequest>,
    /// What companies are told.
    pub notifications: BTreeMap<(TenantId, NotificationId), Notification>,
    /// Records of channels that the platform pays for.
    pub managed: BTreeMap<(TenantId, ChannelId), ManagedChannel>,
    /// Notices.
    pub notices: HashMap<NoticeKey, Notice>,
    /// Failures counted per window.
    pub failures: HashMap<(TenantId, Timestamp), u32>,
    /// Files.
    pub files: HashMap<String, Vec<u8>>,
    /// Copies of inbound files.
    pub media: BTreeMap<String, KeptFile>,
    /// Links to them that were asked for, in order.
    pub links: Vec<Link>,
    /// A pointer that is written, by somebody who saw nothing parked, just before the next observation
    /// is parked under its name.
    pub pointer_before_park: Option<((TenantId, ChannelId, String), Pointer)>,
    /// What a lagging index still says is due, although it no longer is.
    pub lagging: Vec<DueThing>,
    /// What the stream would have told, in order.
    pub stream: Vec<MessageChange>,
}
