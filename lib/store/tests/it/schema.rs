//! The table of the tests is the table of production.

use store::schema::{INDEXES, PK, SK, TTL};

#[test]
fn the_template_declares_the_same_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/template.yaml");
    let template = std::fs::read_to_string(path).unwrap();
    let table = template.split("\n  Table:\n").nth(1).unwrap();
    let table = table.split("\n  # ----").next().unwrap();
    let key = |name: &str, kind: &str| format!("{{ AttributeName: {name}, KeyType: {kind} }}");
    let mut attributes = vec![PK, SK];
    for index in INDEXES {
        attributes.extend([index.partition, index.sort]);
        let declared = table
            .split(&format!("IndexName: {}\n", index.name))
            .nth(1)
            .unwrap();
        let declared = declared.split("IndexName").next().unwrap();
        assert!(
            declared.contains(&key(index.partition, "HASH")),
            "{index:?}"
        );
        assert!(declared.contains(&key(index.sort, "RANGE")), "{index:?}");
        assert!(declared.contains("ProjectionType: KEYS_ONLY"), "{index:?}");
    }
    for name in &attributes {
        let declared = format!("{{ AttributeName: {name}, AttributeType: S }}");
        assert!(table.contains(&declared), "{name}");
    }
    assert_eq!(table.matches("AttributeType:").count(), attributes.len());
    assert_eq!(table.matches("IndexName:").count(), INDEXES.len());
    assert!(table.contains(&key(PK, "HASH")) && table.contains(&key(SK, "RANGE")));
    assert!(table.contains(&format!("AttributeName: {TTL}, Enabled: true")));
    assert!(table.contains("StreamViewType: NEW_AND_OLD_IMAGES"));
    assert!(table.contains("BillingMode: PAY_PER_REQUEST"));
}

#[tokio::test]
async fn the_table_of_the_tests_has_its_stream_and_indexes() {
    let database = testkit::database::Database::start().await;
    let table = database
        .client
        .describe_table()
        .table_name(&database.table)
        .send()
        .await;
    let table = table.unwrap().table.unwrap();
    assert_eq!(table.global_secondary_indexes().len(), INDEXES.len());
    assert!(table.stream_specification.unwrap().stream_enabled);
}
