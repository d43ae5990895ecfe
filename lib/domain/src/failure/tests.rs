use super::*;

#[test]
fn doubt_is_never_retryable() {
    let doubt = ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    };
    assert!(!doubt.retryable());
    assert!(!AppFailure::from(doubt).retryable());
    assert!(ProviderFailure::NotSent { what: "connect" }.retryable());
}

#[test]
fn the_cause_is_not_in_what_the_caller_reads() {
    let failure = AppFailure::from(
        StoreFailure::new("messages.save", StoreFailureKind::Unavailable)
            .because("arn:aws:dynamodb:secret-table"),
    );
    assert_eq!(failure.code(), Code::DbError);
    assert!(failure.retryable());
    assert!(!failure.message().contains("secret-table"));
    assert!(failure.source().is_some());
}
