//! What came of an extension, as `activeTill` tells it.

use jiff::{SignedDuration, Timestamp};

use super::later;
use crate::managed::Extension;

/// What `activeTill` may differ from what was counted, and still be the extension.
const SLACK: SignedDuration = SignedDuration::from_hours(6);

/// What `activeTill` tells of an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    /// It grew by the days.
    Whole,
    /// It grew, but not by the days.
    Odd,
    /// It did not grow.
    None,
}

/// What `activeTill` tells: days are counted from the end of those before, or from when they were asked
/// for, if the channel's days were over.
pub(super) fn growth(extension: &Extension, till: Option<Timestamp>) -> Growth {
    let (Some(till), Some(asked)) = (till, extension.asked_at) else {
        return Growth::None;
    };
    let before = extension.before.unwrap_or(asked);
    let days = SignedDuration::from_hours(24 * i64::from(extension.days));
    let whole = later(later(before.max(asked), days), -SLACK);
    if till >= whole {
        Growth::Whole
    } else if till > later(before, SLACK) {
        Growth::Odd
    } else {
        Growth::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::UserId, managed::ExtensionState};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn extension(before: Option<&str>) -> Extension {
        Extension {
            n: 1,
            days: 30,
            comment: "Auto top-up for ada@acme.example".into(),
            state: ExtensionState::Calling,
            before: before.map(at),
            asked_at: Some(at("2026-11-20T10:00:00Z")),
            by: UserId::new("user-1"),
        }
    }

    /// S3.17: an extension is known by what it did, whether the channel's days were over or not.
    #[test]
    fn days_are_counted_from_the_end_of_those_before() {
        let (running, over) = (Some("2026-11-25T10:00:00Z"), Some("2026-11-01T10:00:00Z"));
        for (before, till, expected) in [
            (running, "2026-12-25T10:00:00Z", Growth::Whole),
            (running, "2026-12-25T07:00:00Z", Growth::Whole),
            (running, "2026-12-20T10:00:00Z", Growth::Odd),
            (running, "2026-11-25T10:00:00Z", Growth::None),
            (running, "2026-11-25T12:00:00Z", Growth::None),
            (over, "2026-12-20T10:00:05Z", Growth::Whole),
            (over, "2026-12-01T10:00:00Z", Growth::Odd),
            (over, "2026-11-01T10:00:00Z", Growth::None),
            (None, "2026-12-20T10:00:00Z", Growth::Whole),
            (None, "2026-11-20T10:00:00Z", Growth::None),
        ] {
            let seen = growth(&extension(before), Some(at(till)));
            assert_eq!(seen, expected, "{before:?} {till}");
        }
        assert_eq!(growth(&extension(running), None), Growth::None);
    }
}
