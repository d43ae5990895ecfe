//! Times as providers write them. An adapter has no clock, so plausible is every moment from WhatsApp's
//! first year to 2099; anything else is no time.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;

/// 2009-01-01, the year WhatsApp began.
const EARLIEST_MILLIS: i64 = 1_230_768_000_000;
/// 2100-01-01.
const LATEST_MILLIS: i64 = 4_102_444_800_000;
/// From this many on they are milliseconds: as seconds they would be the year 5138.
const MILLIS_FROM: f64 = 1e11;

/// Seconds since 1970 as messages have them, the same as a text as statuses have them, or milliseconds
/// as calls have them.
pub(crate) fn number(value: Option<&Value>) -> Result<Timestamp, &'static str> {
    let number = match value {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    let Some(number) = number.filter(|number: &f64| number.is_finite()) else {
        return Err("it has no timestamp");
    };
    let millis = if number < MILLIS_FROM {
        number * 1_000.0
    } else {
        number
    };
    if !(EARLIEST_MILLIS as f64..LATEST_MILLIS as f64).contains(&millis) {
        return Err("its timestamp is implausible");
    }
    // In range, so the cast keeps every whole millisecond.
    Timestamp::from_millisecond(millis as i64).map_err(|_| "its timestamp is implausible")
}

/// A time and how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// The very moment: a number, or a text with its zone.
    Exact(Timestamp),
    /// A text without a zone, read as UTC: the moment may be up to 14 hours earlier or later.
    Bare(Timestamp),
}

impl Written {
    /// The moment as it reads.
    pub(crate) const fn at(self) -> Timestamp {
        match self {
            Self::Exact(at) | Self::Bare(at) => at,
        }
    }
}

/// A number as [`number`] reads it, a date and time with its zone, or one without.
pub(crate) fn written(value: Option<&Value>) -> Option<Written> {
    if let Ok(at) = number(value) {
        return Some(Written::Exact(at));
    }
    let text = value.and_then(Value::as_str)?.trim();
    let written = match text.parse::<Timestamp>() {
        Ok(at) => Written::Exact(at),
        Err(_without_zone) => {
            let bare: DateTime = text.parse().ok()?;
            Written::Bare(bare.to_zoned(TimeZone::UTC).ok()?.timestamp())
        }
    };
    let plausible = (EARLIEST_MILLIS..LATEST_MILLIS).contains(&written.at().as_millisecond());
    plausible.then_some(written)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value, expected: Result<i64, &'static str>) {
        let read = number(Some(&value)).map(Timestamp::as_millisecond);
        assert_eq!(read, expected, "{value}");
    }

    /// hazards.md, "Bad inputs": timestamps as text, in milliseconds, 0, negative, of the year 9999.
    #[test]
    fn times_are_read_as_they_come_and_absurd_ones_are_no_times() {
        check(json!(1_712_995_245), Ok(1_712_995_245_000));
        check(json!("1712995245"), Ok(1_712_995_245_000));
        check(json!(1_712_995_245.5), Ok(1_712_995_245_500));
        check(json!(1_713_792_453_000_i64), Ok(1_713_792_453_000));
        let absurd = Err("its timestamp is implausible");
        for value in [
            json!(0),
            json!(-1),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(253_402_300_799_i64),
            json!(253_402_300_799_000_i64),
            json!("1e300"),
            json!(1_700_000_000_000_000_i64),
        ] {
            check(value, absurd);
        }
        for value in [
            json!(null),
            json!("soon"),
            json!("NaN"),
            json!("inf"),
            json!([1]),
            json!(true),
        ] {
            check(value, Err("it has no timestamp"));
        }
    }

    #[test]
    fn a_written_time_says_whether_its_zone_is_known() {
        let read = |text: &str| written(Some(&json!(text)));
        let at = Timestamp::from_second(1_764_000_000).unwrap();
        for exact in [
            "1764000000",
            "1764000000000",
            "2025-11-24T16:00:00Z",
            "2025-11-24T16:00:00.000Z",
            "2025-11-24T19:00:00+03:00",
            " 2025-11-24 16:00:00Z ",
        ] {
            assert_eq!(read(exact), Some(Written::Exact(at)), "{exact}");
        }
        for bare in ["2025-11-24 16:00:00", "2025-11-24T16:00:00"] {
            assert_eq!(read(bare), Some(Written::Bare(at)), "{bare}");
        }
        for none in [
            "",
            "soon",
            "0000-00-00 00:00:00",
            "1970-01-01 00:00:00",
            "9999-12-31T23:59:59Z",
            "-009999-01-01T00:00:00",
            "2025-02-30 10:00:00",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
        assert_eq!(written(Some(&json!({}))), None);
        assert_eq!(written(None), None);
    }
}
