//! Where a channel's token goes: into a header, or into the path of providers that have it there. The
//! stored request and every log line hold the placeholder alone (X23).

use domain::{
    channel::Secret,
    failure::ProviderFailure,
    provider::{Credential, WireRequest},
};
use reqwest::header::HeaderValue;
use secrecy::ExposeSecret;

use super::{judge, segment};

/// The path of the call, with the token in it where it belongs there.
pub(super) fn path(token: &Secret, request: &WireRequest) -> Result<String, ProviderFailure> {
    match request.credential {
        Credential::Bearer => Ok(request.path.clone()),
        Credential::Path => {
            let key = segment(token.expose_secret()).ok_or(judge::NOT_BUILT)?;
            // Without its place the call would go out without a token.
            if !request.path.contains(WireRequest::KEY) {
                return Err(judge::NOT_BUILT);
            }
            Ok(request.path.replacen(WireRequest::KEY, &key, 1))
        }
    }
}

/// The header with the token, unless the path has it.
pub(super) fn header(
    token: &Secret,
    credential: Credential,
) -> Result<Option<HeaderValue>, ProviderFailure> {
    match credential {
        Credential::Path => Ok(None),
        Credential::Bearer => {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_not_a_header| judge::NOT_BUILT)?;
            bearer.set_sensitive(true);
            Ok(Some(bearer))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_path(token: &str, path_of: &str) -> Result<String, ProviderFailure> {
        let request = WireRequest {
            credential: Credential::Path,
            ..WireRequest::get(path_of)
        };
        path(&Secret::from(token), &request)
    }

    /// X23: once, as one part of the path, whatever the key holds.
    #[test]
    fn a_key_takes_the_place_of_its_mark_alone() {
        assert_eq!(
            in_path("Key/1?x=ü", "/sendMessage/{key}").unwrap(),
            "/sendMessage/Key%2F1%3Fx%3D%C3%BC"
        );
        assert_eq!(
            in_path("k", "/sendMessage/{key}?text={key}").unwrap(),
            "/sendMessage/k?text={key}"
        );
        for (token, path) in [("..", "/a/{key}"), ("", "/a/{key}"), ("k", "/a/key")] {
            assert_eq!(
                in_path(token, path),
                Err(judge::NOT_BUILT),
                "{token} {path}"
            );
        }
    }

    #[test]
    fn a_token_goes_to_one_place_only() {
        let token = Secret::from("k");
        assert_eq!(header(&token, Credential::Path), Ok(None));
        let bearer = header(&token, Credential::Bearer).unwrap().unwrap();
        assert!(bearer.is_sensitive() && bearer == "Bearer k");
        let path = path(&token, &WireRequest::get("/a/{key}"));
        assert_eq!(path.as_deref(), Ok("/a/{key}"));
    }
}
