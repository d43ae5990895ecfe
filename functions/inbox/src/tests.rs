//! The routes, as far as they go without storage: who is asked, and what is refused.

use domain::{ids::TenantId, principal::Role};
use runtime::http::cursor;
use serde_json::{Value, json};
use testkit::routes::{Ask, Routes, SOME_ID, nowhere};

use crate::{App, router};

const TENANT: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

fn routes() -> Routes {
    Routes::new(include_str!("../../../events/inbox/start.json"), || {
        router(App::from_env(&nowhere()).unwrap())
    })
}

/// S4.62, S4.63, X37: every route asks who it is, and lets only those in that its action is for, before it
/// looks at what they sent.
#[test]
fn nobody_does_what_their_role_does_not_allow() {
    let document = serde_json::to_value(crate::openapi()).unwrap();
    assert_eq!(routes().refuse_whoever_may_not(&document), (14, 24));
}

fn check(method: &str, path: &str, query: &str, body: &[u8], expected: (u16, &str)) {
    let path = &path.replace("ID", SOME_ID);
    let asked = Ask {
        query,
        body,
        ..Ask::by(Role::Manager, method, path)
    };
    routes().check(asked, expected);
}

/// S4.36, S4.86 and hazards.md: what is wrong is told with its field before anything is read.
#[test]
fn what_is_wrong_is_told_with_its_field() {
    let long = format!("search={}", "x".repeat(129));
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=101", "limit"),
        ("limit=2147483648", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("cursor=", "cursor"),
        ("cursor=T%23another", "cursor"),
        (long.as_str(), "search"),
        (
            "tenant_id=67e55044-10b1-426f-9247-bb680e5fe0c8",
            "tenant_id",
        ),
        ("companyId=1", "companyId"),
    ] {
        check("GET", "/v1/conversations", query, b"", (422, field));
        check("GET", "/v1/contacts", query, b"", (422, field));
        if field != "search" {
            let path = "/v1/conversations/ID/messages";
            check("GET", path, query, b"", (422, field));
        }
    }
    for (query, field) in [
        ("account_id=T%23x", "account_id"),
        ("status=gone", "status"),
    ] {
        check("GET", "/v1/conversations", query, b"", (422, field));
    }
    for path in [
        "/v1/conversations/T%23x",
        "/v1/conversations/ID/messages/*/file",
        "/v1/contacts/0",
    ] {
        check("GET", path, "", b"", (404, ""));
    }
    for (method, path, body, expected) in [
        (
            "PUT",
            "/v1/conversations/ID/assignee",
            "{}",
            (422, "assigned_to"),
        ),
        (
            "PUT",
            "/v1/conversations/ID/assignee",
            r#"{"assigned_to":7}"#,
            (422, "assigned_to"),
        ),
        (
            "PUT",
            "/v1/conversations/ID/assignee",
            r#"{"assigned_to":"a b"}"#,
            (422, "assigned_to"),
        ),
        (
            "PUT",
            "/v1/conversations/ID/status",
            r#"{"status":"closed"}"#,
            (422, "status"),
        ),
        ("PUT", "/v1/conversations/ID/status", "", (400, "")),
        ("POST", "/v1/contacts", r#"{"phone":"12"}"#, (422, "phone")),
        (
            "POST",
            "/v1/contacts",
            r#"{"phone":"97333000017","tenant":"x"}"#,
            (422, "tenant"),
        ),
        (
            "PUT",
            "/v1/contacts/ID",
            r#"{"consent":"maybe"}"#,
            (422, "consent"),
        ),
        (
            "PUT",
            "/v1/contacts/ID",
            r#"{"phone":"97333000017"}"#,
            (422, "phone"),
        ),
        (
            "POST",
            "/v1/contacts/ID/merge",
            r#"{"contact_id":"x"}"#,
            (422, "contact_id"),
        ),
        ("POST", "/v1/contacts/import", "", (422, "file")),
        ("POST", "/v1/contacts/import", "name\nAmal\n", (422, "file")),
    ] {
        check(method, path, "", body.as_bytes(), expected);
    }
    check(
        "POST",
        "/v1/contacts/import",
        "dry_run=maybe",
        b"phone\n1",
        (422, "dry_run"),
    );
    check("POST", "/v1/contacts/import", "", b"phone\n\xff", (400, ""));
}

/// A cursor of another list, another filter or another company is no cursor.
#[test]
fn a_cursor_opens_only_where_it_was_given() {
    let tenant = TenantId::parse(TENANT).unwrap();
    let elsewhere = [
        cursor::seal(tenant, "contacts ", "x"),
        cursor::seal(tenant, "conversations all true ", "x"),
        cursor::seal(tenant, "conversations all false amal", "x"),
        cursor::seal(TenantId::fresh(), "conversations all false ", "x"),
    ];
    for sealed in elsewhere {
        let query = format!("status=active&cursor={sealed}");
        check("GET", "/v1/conversations", &query, b"", (422, "cursor"));
    }
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let mut file = b"phone\n".to_vec();
    file.resize(5 * 1024 * 1024 + 1, b'\n');
    check("POST", "/v1/contacts/import", "", &file, (413, ""));
    file.truncate(5 * 1024 * 1024);
    check(
        "POST",
        "/v1/contacts/import",
        "dry_run=true",
        &file,
        (422, "file"),
    );
}

/// A check needs no storage, so it is answered whole.
#[test]
fn a_checked_file_is_answered_row_by_row() {
    let asked = Ask {
        query: "dry_run=true",
        body: b"\xef\xbb\xbfMobile;Stadt;Name\r\n12;Riffa;Amal\r\n97333000017;Riffa;\"Basil;Crane\"\r\n",
        ..Ask::by(Role::Manager, "POST", "/v1/contacts/import")
    };
    let answer = routes().ask(asked);
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer.status_code, 200);
    let problem = json!({"line": 2, "column": "Mobile", "code": "PHONE",
        "message": "a number has 8 to 15 digits in total, country code included"});
    let report = json!({
        "outcome": "checked",
        "message": "Nothing was stored, this was a check: 1 of 2 rows are wrong.",
        "rows": 2, "new": 0, "changed": 0, "same": 0, "failed": 1,
        "unknown_columns": ["Stadt"], "problems": [problem],
    });
    assert_eq!(said["data"], report);
}
