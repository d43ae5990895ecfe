//! What messages are about in the company's own system, as a filter of the log.

use domain::{
    failure::{AppFailure, FieldProblem},
    message::Context,
};

/// What is asked for, if it is.
///
/// # Errors
/// VALIDATION when one part is missing or wrong, naming it as it was asked for.
pub fn context(kind: Option<&str>, id: Option<&str>) -> Result<Option<Context>, AppFailure> {
    let refused = |fields| {
        let message = "Name what the messages are about: `context_type` and `context_id`.";
        AppFailure::validation(message, fields)
    };
    let missing = |name: &str| {
        let text = "give it as it was given when the messages were sent";
        vec![FieldProblem::new(name, "REQUIRED", text)]
    };
    // `context.type` of a message is `context_type` here.
    let as_asked = |mut problem: FieldProblem| {
        problem.field = problem.field.replace('.', "_");
        problem
    };
    match (kind, id) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(refused(missing("context_type"))),
        (Some(_), None) => Err(refused(missing("context_id"))),
        (Some(kind), Some(id)) => Context::parse(kind, id)
            .map(Some)
            .map_err(|problems| refused(problems.into_iter().map(as_asked).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S2.30: both parts are needed; each that is missing or wrong is named as it was asked for.
    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert_eq!(context(None, None).unwrap(), None);
        let found = context(Some("order"), Some("A-1001")).unwrap().unwrap();
        assert_eq!(
            (found.kind.as_str(), found.id.as_str()),
            ("order", "A-1001")
        );
        for (kind, id, wrong) in [
            (None, Some("A-1001"), vec!["context_type"]),
            (Some("order"), None, vec!["context_id"]),
            (Some("or#der"), Some("A-1001"), vec!["context_type"]),
            (Some(""), Some("A 1"), vec!["context_type", "context_id"]),
        ] {
            let refused = context(kind, id).unwrap_err();
            let fields: Vec<_> = refused.fields().iter().map(|f| f.field.as_str()).collect();
            assert_eq!(fields, wrong, "{kind:?} {id:?}");
        }
    }
}
