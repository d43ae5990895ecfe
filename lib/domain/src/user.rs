//! People who may sign in for a company: who they are, what they may do, and which of their tokens count.
//!
//! A user who was made directly in the identity service has no record here; their tokens count.

use std::fmt;

use jiff::Timestamp;

use crate::{
    failure::FieldProblem,
    ids::{InvitationId, TenantId, UserId},
    principal::Role,
    settings::is_address,
};

/// The most bytes of an address that the identity service takes as a name.
const LONGEST_ADDRESS: usize = 128;
/// The most characters of a person's name.
const LONGEST_NAME: usize = 100;

/// A mail address, in lower case: the name a person signs in with, once in all of Waypost.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// A problem of the field `email` when it is none.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let address = text.trim().to_ascii_lowercase();
        let fits = address.is_ascii() && address.len() <= LONGEST_ADDRESS;
        if !fits || !is_address(&address) {
            return Err(FieldProblem::new(
                "email",
                "EMAIL",
                format!(
                    "give one mail address of at most {LONGEST_ADDRESS} characters, for example mona@example.com"
                ),
            ));
        }
        Ok(Self(address))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Addresses are people's: logs do not hold them.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email([redacted])")
    }
}

/// Reads a person's name; an empty one is none.
///
/// # Errors
/// A problem of the field `name` when it is too long or holds control characters.
pub fn person_name(text: &str) -> Result<Option<String>, FieldProblem> {
    let name = text.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(FieldProblem::new(
            "name",
            "FORMAT",
            format!("give a name of at most {LONGEST_NAME} characters on one line"),
        ));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// Whether somebody may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// Written down, and not yet known to the identity service: asking again finishes it.
    Inviting,
    /// They may.
    Active,
    /// They may no more.
    Inactive,
    /// Their invitation is being taken back: they end with it.
    Withdrawing,
}

impl UserState {
    /// Every state.
    pub const ALL: [Self; 4] = [
        Self::Inviting,
        Self::Active,
        Self::Inactive,
        Self::Withdrawing,
    ];

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inviting => "inviting",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Withdrawing => "withdrawing",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A user of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Whose.
    pub tenant: TenantId,
    /// What the identity service calls them (the claim `sub`); while they are being invited, the invitation.
    pub id: UserId,
    /// The invitation they came by.
    pub invitation: InvitationId,
    /// The address they sign in with.
    pub email: Email,
    /// Their name.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub state: UserState,
    /// Whether the identity service knows role and state as they are here. Until it does, no token counts.
    pub settled: bool,
    /// Whether they came with the company: its first manager.
    pub founder: bool,
    /// Tokens issued until then count no more; none when nothing was changed since they were invited.
    pub since: Option<Timestamp>,
    /// The request that invited them, under its idempotency key: a hash of both.
    pub request: Option<String>,
    /// When they were invited.
    pub invited_at: Timestamp,
    /// By whom.
    pub invited_by: UserId,
    /// When their invitation was mailed again last; none when it was mailed once.
    pub mailed_at: Option<Timestamp>,
    /// When role or state was changed last, or they were invited.
    pub changed_at: Timestamp,
    /// Raised by every write.
    pub version: u32,
}

impl User {
    /// Whether the invitation has not come to its end: the same one, asked for again, goes on with it.
    #[must_use]
    pub const fn is_being_invited(&self) -> bool {
        match self.state {
            UserState::Inviting => true,
            UserState::Active => !self.settled && self.since.is_none(),
            UserState::Inactive | UserState::Withdrawing => false,
        }
    }

    /// Whether the identity service made them: from then on there may be tokens of theirs.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.id.as_str() != self.invitation.to_string()
    }

    /// Which of their tokens count.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.state {
            UserState::Active if self.settled => Standing::Known {
                role: self.role,
                since: self.since,
            },
            UserState::Inviting
            | UserState::Active
            | UserState::Inactive
            | UserState::Withdrawing => Standing::Out,
        }
    }
}

/// Which tokens of somebody count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is written about them: all.
    Unknown,
    /// Those that name this role and were issued after this moment.
    Known {
        /// What they may do.
        role: Role,
        /// Until when tokens count no more; none means all count.
        since: Option<Timestamp>,
    },
    /// None.
    Out,
    /// None of anybody in the company: it is switched off.
    CompanyOff,
}

impl Standing {
    /// Whether a token counts that names this role and was issued in this second since 1970. One of the
    /// very second of a change does not: which of the two was first, its whole seconds do not tell.
    #[must_use]
    pub fn counts(self, named: Role, issued: i64) -> bool {
        match self {
            Self::Unknown => true,
            // The platform's people are made so by hand, whatever else they are.
            Self::Known { role, since } => {
                (named == role || named == Role::PlatformAdmin)
                    && since.is_none_or(|since| issued > since.as_second())
            }
            Self::Out | Self::CompanyOff => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// X37: a token counts while it says what is so, and not from before a change.
    #[test]
    fn a_token_of_before_a_change_does_not_count() {
        let known = |since| Standing::Known {
            role: Role::Agent,
            since,
        };
        assert!(Standing::Unknown.counts(Role::Manager, 0));
        assert!(known(None).counts(Role::Agent, 0));
        assert!(!known(None).counts(Role::Manager, 0));
        assert!(!known(None).counts(Role::Viewer, 0));
        assert!(known(None).counts(Role::PlatformAdmin, 0));
        for (issued, counts) in [(99, false), (100, false), (101, true)] {
            assert_eq!(known(Some(at(100))).counts(Role::Agent, issued), counts);
        }
        assert!(!Standing::Out.counts(Role::PlatformAdmin, i64::MAX));
        assert!(!Standing::CompanyOff.counts(Role::Manager, i64::MAX));
    }

    #[test]
    fn an_address_has_one_spelling() {
        let parsed = Email::parse("  Mona.Example@Acme.Example ").unwrap();
        assert_eq!(parsed.as_str(), "mona.example@acme.example");
        assert_eq!(format!("{parsed:?}"), "Email([redacted])");
        let long = format!("{}@{}.example", "a".repeat(64), "b".repeat(60));
        for wrong in [
            "",
            "mona",
            "mona@acme",
            "a b@acme.example",
            "a@acme.example,b@acme.example",
            "mоna@acme.example",
            "a\u{0}@acme.example",
            &long,
        ] {
            assert_eq!(Email::parse(wrong).unwrap_err().field, "email", "{wrong}");
        }
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(person_name(" Mona ").unwrap().as_deref(), Some("Mona"));
        assert_eq!(person_name("  ").unwrap(), None);
        assert!(person_name("Mona\nExample").is_err());
        assert!(person_name(&"م".repeat(101)).is_err());
        assert!(person_name(&"م".repeat(100)).is_ok());
    }
}
