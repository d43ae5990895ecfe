//! What the services need from the outside worlds: one small trait per need. `store`, `queue`,
//! `vault`, `mail`, `files` and `providers` implement them; `testkit` has them in memory.

mod billing;
mod bulk;
mod business;
mod calendar;
mod inbound;
mod log;
mod outbox;
mod partner;
mod paypal;
mod people;
mod proofs;
mod sending;
mod sheets;
mod templates;
mod users;
mod work;
mod worlds;

pub use self::{
    billing::{
        ManagedChannels, Money, Notifications, Partner, PartnerAccess, PartnerBook, Payments,
        PlanRequests, Plans, Subscriptions, WebhookTarget,
    },
    bulk::{Opened, Opening, Rows, Runs},
    business::{EventBook, EventKept, EventList, Invoices, Workflows},
    calendar::{Days, Festivals},
    inbound::{Files, Inbox, Journal, MediaFiles, Pointed, Pointers, Received, Reception},
    log::{LogOrder, LogPage, LogPart, LogRange, MessageLog},
    outbox::{Boards, Outbox, Page},
    partner::{BalanceNotices, PartnerNotices, PartnerSeals, PartnerSettingsBook},
    paypal::{PayPal, PayPalAccess, PayPalBook, PayPalOrder, PayPalSubscription, PayPalVault},
    people::{
        AuditEntry, AuditLine, Audits, ChannelBook, ContactBook, Conversations, Made, Merger,
        Seals, SearchIndex, ThreadItem,
    },
    proofs::{ProofFiles, UploadForm},
    sending::{
        Acceptance, Acceptances, ChannelKeys, Committed, Contacts, Directory, IdempotencyRecord,
        Messages, Saved, SettingsBook,
    },
    sheets::Sheets,
    templates::{
        Accounts, Kept, OwnTemplates, ProviderTemplates, Synced, TemplateBook, TemplateFilter,
    },
    users::{
        Begun, Changed, Created, Identities, InvitationKey, Invited, Known, NewIdentity, Standings,
        TenantBook, UserBook,
    },
    work::{DUE_SHARDS, Due, DueThing, HandOver, Lanes, Notices, Task},
    worlds::{
        Clock, DocumentGate, FetchedFile, FileGate, Gate, Mailer, NotFetched, Pacer, Signatures,
        Vault,
    },
};
