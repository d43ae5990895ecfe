//! A contact as somebody writes it down: in a request, or in a line of a file.

use crate::{
    contact::Consent,
    failure::FieldProblem,
    phone::PhoneNumber,
    service::contacts::{LONGEST_NAME, NewContact},
};

impl NewContact {
    /// Reads a contact. An empty name or consent says nothing.
    ///
    /// # Errors
    /// Everything wrong, under `phone`, `name` and `consent`; no sentence repeats what was written.
    pub fn parse(
        phone: &str,
        name: Option<&str>,
        consent: Option<&str>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let said = |text: Option<&str>| {
            let text = text.map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let (name, consent) = (said(name), said(consent));
        let mut problems = Vec::new();
        let phone = PhoneNumber::parse(phone)
            .map_err(|bad| problems.push(FieldProblem::new("phone", "PHONE", bad.to_string())))
            .ok();
        if let Some(name) = &name {
            problems.extend(name_problem(name));
        }
        let known = consent.as_deref().map(Consent::parse);
        if known == Some(None) {
            problems.push(FieldProblem::new(
                "consent",
                "UNKNOWN_VALUE",
                "use one of unasked, given, no_marketing, stopped, or leave it empty",
            ));
        }
        match phone {
            Some(phone) if problems.is_empty() => Ok(Self {
                phone,
                name,
                consent: known.flatten(),
            }),
            Some(_) | None => Err(problems),
        }
    }
}

fn name_problem(name: &str) -> Option<FieldProblem> {
    if name.chars().any(char::is_control) {
        return Some(FieldProblem::new(
            "name",
            "CHARACTER",
            "take line breaks and control characters out; a quote may be left open",
        ));
    }
    (name.chars().count() > LONGEST_NAME).then(|| {
        let message = format!("shorten it to {LONGEST_NAME} characters");
        FieldProblem::new("name", "TOO_LONG", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_read_and_everything_wrong_is_told_at_once() {
        let read = NewContact::parse(" +973 3300 0017 ", Some(" Amal Heron "), Some("given"));
        let read = read.unwrap();
        assert_eq!(read.phone.as_str(), "+97333000017");
        assert_eq!(read.name.as_deref(), Some("Amal Heron"));
        assert_eq!(read.consent, Some(Consent::Given));
        let bare = NewContact::parse("97333000017", Some("  "), Some("")).unwrap();
        assert_eq!((bare.name, bare.consent), (None, None));

        let long = "x".repeat(LONGEST_NAME + 1);
        for (name, code) in [
            (long.as_str(), "TOO_LONG"),
            ("Amal\nHeron", "CHARACTER"),
            ("\u{0}", "CHARACTER"),
        ] {
            let problems = NewContact::parse("12", Some(name), Some("yes")).unwrap_err();
            let codes: Vec<_> = problems.iter().map(|p| p.code).collect();
            assert_eq!(codes, ["PHONE", code, "UNKNOWN_VALUE"]);
            assert!(problems.iter().all(|p| !p.message.contains("yes")));
        }
    }
}
