//! Where inbound files are: behind a link when the channel downloads them by itself, else at
//! `/media/{id}` with the channel's token.

use domain::{
    failure::ProviderFailure,
    provider::{MediaPlace, MediaStep},
};

use crate::{
    lenient::{self, NAME},
    transport,
};

pub(super) const NEVER_ASKED: ProviderFailure = ProviderFailure::Unsupported {
    what: "a question for a file: WHAPI's files are fetched at once",
};

/// How to come to a file's bytes.
pub(super) fn build(
    media_id: Option<&str>,
    link: Option<&str>,
) -> Result<MediaStep, ProviderFailure> {
    if let Some(link) = link.and_then(lenient::link) {
        return Ok(MediaStep::Fetch(MediaPlace::Url(link)));
    }
    let id = media_id.filter(|id| (1..=NAME).contains(&id.chars().count()));
    let segment = id
        .and_then(transport::segment)
        .ok_or(ProviderFailure::Unsupported {
            what: "a file without an id or a link",
        })?;
    Ok(MediaStep::Fetch(MediaPlace::Path(format!(
        "/media/{segment}"
    ))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(media_id: Option<&str>, link: Option<&str>, expected: Option<MediaPlace>) {
        let step = build(media_id, link).ok();
        assert_eq!(
            step,
            expected.map(MediaStep::Fetch),
            "{media_id:?} {link:?}"
        );
    }

    /// What comes in a webhook must not lead the token to another call.
    #[test]
    fn a_file_is_at_its_link_else_below_its_id_and_nowhere_else() {
        let link = "https://files.example/pdf-1.pdf";
        let place = |path: &str| Some(MediaPlace::Path(path.into()));
        check(
            Some("pdf-1"),
            Some(link),
            Some(MediaPlace::Url(link.into())),
        );
        check(Some("pdf-1"), None, place("/media/pdf-1"));
        check(
            Some("pdf-1"),
            Some("http://plain.example"),
            place("/media/pdf-1"),
        );
        check(
            Some("a/../b?c=d#e"),
            None,
            place("/media/a%2F..%2Fb%3Fc%3Dd%23e"),
        );
        check(Some(".."), None, None);
        check(Some("."), None, None);
        check(Some(""), None, None);
        check(Some(&"x".repeat(NAME + 1)), None, None);
        check(None, None, None);
    }
}
