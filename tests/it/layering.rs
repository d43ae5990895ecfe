//! Who may depend on whom (style.md, Architecture 2), read from Cargo's own metadata; and who may
//! call the two constructors that authorise.

use std::{collections::BTreeSet, fs, path::Path};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use xtask::workspace::root;

pub fn cases() -> Vec<(&'static str, fn())> {
    vec![
        ("layering::dependencies_point_inwards", inwards),
        (
            "layering::only_the_vetted_places_make_principals",
            principals,
        ),
        ("layering::one_http_and_tls_stack", one_stack),
        ("layering::no_unsafe_profile", unwinding),
        ("layering::domain_types_are_typed", typed),
        ("layering::nothing_of_older_systems_is_left", legacy),
    ]
}

const EDGES: [&str; 10] = [
    "store",
    "queue",
    "files",
    "fetch",
    "mail",
    "identity",
    "vault",
    "providers",
    "paypal",
    "runtime",
];
const TESTS: [&str; 4] = ["tests", "testkit", "faults", "xtask"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(vec!["--locked".into()])
        .exec()
        .unwrap()
}

/// S4.10, S4.64, S4.92, X50: nobody reaches a provider but the functions that send, copy files or set
/// channels up; conversations are read by a function that cannot. No function calls another by HTTP:
/// all go through the library.
fn inwards() {
    let metadata = metadata();
    let ours: BTreeSet<_> = metadata
        .workspace_packages()
        .iter()
        .map(|p| p.name.to_string())
        .collect();
    let mut looked_at = 0;
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let of_ours: Vec<_> = package
            .dependencies
            .iter()
            .filter(|d| d.kind == DependencyKind::Normal && ours.contains(&d.name))
            .map(|d| d.name.as_str())
            .collect();
        let is_function = package.manifest_path.as_str().contains("/functions/");
        for dependency in &of_ours {
            looked_at += 1;
            let allowed = if name == "domain" {
                false
            } else if EDGES.contains(&name) {
                *dependency == "domain"
            } else if is_function {
                *dependency == "domain" || EDGES.contains(dependency)
            } else {
                TESTS.contains(&name) || name == "sandbox"
            };
            // So nothing in production knows the sandbox either.
            assert!(allowed, "`{name}` must not depend on `{dependency}`");
        }
        if is_function {
            assert!(!of_ours.contains(&"testkit"), "`{name}` ships test code");
            // Webhooks are read by the adapters too, but only these have a way out: a transport wants tokens.
            let reaches = of_ours.contains(&"providers") && of_ours.contains(&"vault");
            let may = ["send", "retry", "channel-ops", "webhook-ingest"].contains(&name);
            assert!(!reaches || may, "`{name}` could call a provider");
            let calls_itself = package.dependencies.iter().any(|d| d.name == "reqwest");
            assert!(!calls_itself, "`{name}` has an HTTP client of its own");
        }
    }
    assert!(looked_at > 25, "only {looked_at} dependencies were seen");
    let domain = metadata
        .workspace_packages()
        .into_iter()
        .find(|p| p.name.as_str() == "domain")
        .unwrap();
    for dependency in domain
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal)
    {
        let outside = ["tokio", "reqwest", "axum", "http", "lambda_runtime"];
        let aws = dependency.name.starts_with("aws");
        assert!(
            !aws && !outside.contains(&dependency.name.as_str()),
            "domain knows {}",
            dependency.name
        );
    }
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

/// `Principal::verified` is called where a token was verified, and in tests.
fn principals() {
    let mut files = Vec::new();
    for folder in ["lib", "functions"] {
        sources(&root().join(folder), &mut files);
    }
    assert!(files.len() > 60);
    for (path, text) in files {
        let production = text.split("#[cfg(test)]").next().unwrap_or_default();
        let may = [
            "/runtime/src/auth.rs",
            "/testkit/",
            "/tests/",
            "/domain/src/principal.rs",
        ];
        if path.ends_with("/tests.rs") {
            continue;
        }
        let vetted = may.iter().any(|place| path.contains(place));
        // Waypost itself acts for a tenant in one place: to answer what came to a verified channel.
        let answers = path.ends_with("/domain/src/service/answer.rs")
            || path.ends_with("/domain/src/principal.rs");
        assert!(
            answers || !production.contains("Principal::of_channel("),
            "{path}"
        );
        let happens = path.ends_with("/domain/src/service/happening.rs")
            || path.ends_with("/domain/src/principal.rs");
        assert!(
            happens || !production.contains("Principal::of_event("),
            "{path}"
        );
        let calendar = path.ends_with("/domain/src/service/calendar.rs")
            || path.ends_with("/domain/src/principal.rs");
        assert!(
            calendar || !production.contains("Principal::of_calendar("),
            "{path}"
        );
        let bus = path.ends_with("/send/src/bus.rs") || path.ends_with("/domain/src/principal.rs");
        assert!(bus || !production.contains("Principal::of_bus("), "{path}");
        assert!(
            vetted || !production.contains("Principal::verified("),
            "{path}"
        );
        let spelled = production.contains("\"T#") || production.contains("\"CK#");
        let keys = [
            "/store/src/keys",
            "/store/examples/",
            "/tests/",
            "/testkit/",
        ];
        assert!(
            !spelled || keys.iter().any(|place| path.contains(place)),
            "{path} spells a key"
        );
    }
}

/// S4.28: no untyped value in the domain's own types. Only what is stored of a provider's request is
/// JSON, for it is the provider's.
fn typed() {
    let mut files = Vec::new();
    sources(&root().join("lib/domain/src"), &mut files);
    assert!(files.len() > 40);
    for (path, text) in files {
        let production = text.split("#[cfg(test)]").next().unwrap_or_default();
        let untyped = production.contains("serde_json::Value")
            || production.contains("serde_json::{Value")
            || production.contains("dyn Any");
        // Links are put into such a request at the moment of the call.
        let wire = path.ends_with("/provider/wire.rs")
            || path.ends_with("/service/linked.rs")
            || path.contains("tests");
        assert!(!untyped || wire, "{path}");
    }
}

/// S2.16: nothing of the systems before this one.
fn legacy() {
    let mut files = Vec::new();
    for folder in ["lib", "functions", "sandbox", "xtask"] {
        sources(&root().join(folder), &mut files);
    }
    for (path, text) in files {
        let text = text.to_lowercase();
        let older = ["aisensy", "twilio"].iter().any(|name| text.contains(name));
        assert!(!older, "{path}");
    }
}

/// One version each of the crates that must not be there twice.
fn one_stack() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().unwrap();
    let mut reachable = BTreeSet::new();
    let functions = metadata
        .workspace_packages()
        .into_iter()
        .filter(|p| p.manifest_path.as_str().contains("/functions/"));
    let mut open: Vec<_> = functions.map(|p| p.id.clone()).collect();
    while let Some(id) = open.pop() {
        if !reachable.insert(id.clone()) {
            continue;
        }
        let node = resolve.nodes.iter().find(|n| n.id == id).unwrap();
        for dependency in &node.deps {
            let normal = dependency.dep_kinds.iter().any(|k| {
                let here = k.target.as_ref().is_none_or(|t| {
                    let text = t.to_string();
                    !text.contains("windows") && !text.contains("wasm") && !text.contains("apple")
                });
                k.kind == DependencyKind::Normal && here
            });
            if normal {
                open.push(dependency.pkg.clone());
            }
        }
    }
    for name in ["hyper", "rustls", "h2", "ring", "reqwest", "tokio"] {
        let versions: BTreeSet<_> = metadata
            .packages
            .iter()
            .filter(|p| p.name.as_str() == name && reachable.contains(&p.id))
            .map(|p| p.version.to_string())
            .collect();
        assert!(versions.len() <= 1, "{name} is there in {versions:?}");
    }
    let aws_lc = metadata
        .packages
        .iter()
        .any(|p| p.name.as_str() == "aws-lc-rs" && reachable.contains(&p.id));
    assert!(!aws_lc, "aws-lc-rs is a second crypto provider");
}

fn unwinding() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("panic = \"unwind\""));
    assert!(!manifest.contains("panic = \"abort\""));
}
