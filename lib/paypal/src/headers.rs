//! The five headers of a webhook: each exactly once, and of the form that PayPal documents. What cannot
//! be PayPal's is not worth a question to PayPal.

/// The headers, as they are asked about.
#[derive(Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) algorithm: &'a str,
    pub(crate) certificate: &'a str,
    pub(crate) id: &'a str,
    pub(crate) signature: &'a str,
    pub(crate) time: &'a str,
}

impl<'a> Signed<'a> {
    /// Reads them; none when one is missing, there twice, or of another form.
    pub(crate) fn read(headers: &'a [(String, Vec<u8>)]) -> Option<Self> {
        let signed = Self {
            algorithm: once(headers, "paypal-auth-algo", 100)?,
            certificate: once(headers, "paypal-cert-url", 500)?,
            id: once(headers, "paypal-transmission-id", 50)?,
            signature: once(headers, "paypal-transmission-sig", 500)?,
            time: once(headers, "paypal-transmission-time", 100)?,
        };
        let plain = signed.algorithm.bytes().all(|b| b.is_ascii_alphanumeric());
        (plain && is_paypals(signed.certificate)).then_some(signed)
    }
}

/// A header that was sent exactly once: a function URL joins two with a comma, which none of these holds.
fn once<'a>(headers: &'a [(String, Vec<u8>)], name: &str, most: usize) -> Option<&'a str> {
    let mut values = headers
        .iter()
        .filter(|(own, _)| own.eq_ignore_ascii_case(name));
    let (Some((_, value)), None) = (values.next(), values.next()) else {
        return None;
    };
    let text = str::from_utf8(value).ok()?;
    let fits =
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b',');
    fits.then_some(text)
}

/// The certificate is PayPal's to fetch and to judge; one from elsewhere is never PayPal's.
fn is_paypals(certificate: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(certificate) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    url.scheme() == "https" && (host == "paypal.com" || host.ends_with(".paypal.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> Vec<(String, Vec<u8>)> {
        [
            ("PayPal-Auth-Algo", "SHA256withRSA"),
            (
                "paypal-cert-url",
                "https://api.paypal.com/v1/notifications/certs/CERT-1",
            ),
            ("PAYPAL-TRANSMISSION-ID", "0192f0c1-a2b3"),
            ("paypal-transmission-sig", "c2lnbmVk+/="),
            ("paypal-transmission-time", "2026-11-20T12:00:00Z"),
        ]
        .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
        .into()
    }

    #[test]
    fn all_five_are_read_whatever_their_case() {
        let headers = headers();
        let signed = Signed::read(&headers).unwrap();
        assert_eq!(
            (signed.id, signed.signature),
            ("0192f0c1-a2b3", "c2lnbmVk+/=")
        );
    }

    #[test]
    fn what_is_missing_twice_or_odd_is_nobodys() {
        for place in 0..5 {
            let mut missing = headers();
            let taken = missing.remove(place);
            assert!(Signed::read(&missing).is_none(), "{place}");
            for odd in [&b""[..], b"a,b", b"a b", &[0xff], &[b'a'; 501]] {
                let mut changed = headers();
                changed[place].1 = odd.to_vec();
                assert!(Signed::read(&changed).is_none(), "{place} {odd:?}");
            }
            let mut twice = headers();
            twice.push(taken);
            assert!(Signed::read(&twice).is_none(), "{place}");
        }
    }

    #[test]
    fn a_certificate_is_paypals_own() {
        for (url, own) in [
            ("https://api.sandbox.paypal.com/v1/x", true),
            ("https://paypal.com.evil.example/v1/x", false),
            ("https://evilpaypal.com/v1/x", false),
            ("http://api.paypal.com/v1/x", false),
            ("file:///etc/passwd", false),
            ("CERT", false),
        ] {
            assert_eq!(is_paypals(url), own, "{url}");
        }
    }
}
