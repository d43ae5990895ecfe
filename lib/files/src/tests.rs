use std::sync::{Arc, Mutex};

use aws_types::region::Region;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::ports::{MediaFiles, ProofFiles};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::*;

/// What a bucket was asked: first line, headers in lower case, body.
#[derive(Debug, Clone)]
struct Asked {
    line: String,
    headers: String,
    body: Vec<u8>,
}

/// A bucket on this machine that gives these answers in turn, the last one for ever; an empty one hangs up.
struct Emulated {
    files: S3Files,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Emulated {
    async fn start(answers: &[(u16, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, answers) = (Arc::clone(&asked), answers.to_vec());
        tokio::spawn(async move {
            for turn in 0.. {
                let (connection, _) = listener.accept().await.unwrap();
                let mut connection = BufReader::new(connection);
                let one = read(&mut connection).await;
                kept.lock().unwrap().push(one);
                let (status, body) = answers[turn.min(answers.len() - 1)];
                if status > 0 {
                    let answer = format!(
                        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    connection.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        });
        Self {
            files: files(Some(&endpoint)),
            asked,
        }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn read(connection: &mut BufReader<tokio::net::TcpStream>) -> Asked {
    let (mut line, mut headers, mut length) = (String::new(), String::new(), 0);
    connection.read_line(&mut line).await.unwrap();
    loop {
        let mut header = String::new();
        connection.read_line(&mut header).await.unwrap();
        let header = header.to_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if header.trim().is_empty() {
            break;
        }
        headers.push_str(&header);
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.unwrap();
    Asked {
        line,
        headers,
        body,
    }
}

fn files(endpoint: Option<&str>) -> S3Files {
    // A second test of this process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = SdkConfig::builder()
        .region(Region::new("me-south-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKID",
            "secret",
            Some("session".to_owned()),
            None,
            "test",
        )));
    config.set_endpoint_url(endpoint.map(Into::into));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    S3Files::new(&config.build(), http, "waypost-files").unwrap()
}

/// On AWS the bucket is in the host's name; `bucket.localhost` leads nowhere.
#[tokio::test]
async fn an_emulator_finds_the_bucket_in_the_path_and_aws_in_the_name() {
    let bucket = Emulated::start(&[(200, "")]).await;
    let put = bucket.files.put("tenant/journal/1", b"body".to_vec());
    put.await.unwrap();
    let asked = &bucket.asked()[0];
    assert!(
        asked
            .line
            .starts_with("PUT /waypost-files/tenant/journal/1?"),
        "{asked:?}"
    );
    for part in [
        "X-Amz-Signature=",
        "X-Amz-Security-Token=session",
        "X-Amz-Expires=900",
    ] {
        assert!(asked.line.contains(part), "{part}: {asked:?}");
    }
    assert!(!asked.line.contains("secret"), "{asked:?}");
    assert_eq!(asked.body, b"body");
    assert!(asked.headers.contains("content-length: 4"), "{asked:?}");
    let real = linked(None, "a", LINK_LIFE).await;
    assert!(
        real.starts_with("https://waypost-files.s3.me-south-1.amazonaws.com/tenant/media/1?"),
        "{real}"
    );
}

/// S3 refuses a file without a length, and none is sent by itself for nothing.
#[tokio::test]
async fn an_empty_file_has_a_length_too() {
    let bucket = Emulated::start(&[(200, "")]).await;
    bucket.files.put("k", Vec::new()).await.unwrap();
    let asked = &bucket.asked()[0];
    assert!(asked.headers.contains("content-length: 0"), "{asked:?}");
}

#[tokio::test]
async fn names_and_endpoints_that_make_no_address_are_refused() {
    let config = SdkConfig::builder().region(Region::new("me-south-1"));
    let config = config.build();
    let http = files(None).http;
    let refused = S3Files::new(&config, http.clone(), "a/b").unwrap_err();
    assert!(refused.to_string().contains("a/b"), "{refused}");
    let config = config.into_builder().endpoint_url("localhost").build();
    let refused = S3Files::new(&config, http, "b").unwrap_err();
    assert!(
        refused.to_string().contains("AWS_ENDPOINT_URL"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_none_and_other_refusals_are_failures() {
    let bucket = Emulated::start(&[(200, "body")]).await;
    assert_eq!(bucket.files.get("k").await.unwrap(), Some(b"body".to_vec()));
    let missing = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>k</Key><RequestId>R</RequestId><HostId>H</HostId></Error>";
    let bucket = Emulated::start(&[(404, missing)]).await;
    assert_eq!(bucket.files.get("k").await.unwrap(), None);
    for (status, answer, kind, tries) in [
        (
            404,
            "<Error><Code>NoSuchBucket</Code></Error>",
            StoreFailureKind::Refused,
            1,
        ),
        (
            403,
            "<Error><Code>AccessDenied</Code></Error>",
            StoreFailureKind::Refused,
            1,
        ),
        (404, "not xml", StoreFailureKind::Refused, 1),
        (
            503,
            "<Error><Code>SlowDown</Code></Error>",
            StoreFailureKind::Throttled,
            3,
        ),
        (
            500,
            "<Error><Code>InternalError</Code></Error>",
            StoreFailureKind::Unavailable,
            3,
        ),
        (0, "", StoreFailureKind::Unavailable, 3),
    ] {
        let bucket = Emulated::start(&[(status, answer)]).await;
        let failure = bucket.files.get("k").await.unwrap_err();
        assert_eq!(failure.kind(), kind, "{answer}");
        assert_eq!(bucket.asked().len(), tries, "{answer}");
        let told = format!("{failure:?} {failure}");
        assert!(!told.contains("X-Amz"), "{told}");
    }
}

/// What passes by itself is tried again, with the whole body.
#[tokio::test]
async fn a_file_is_put_again_when_the_connection_breaks() {
    let bucket = Emulated::start(&[(0, ""), (503, ""), (200, "")]).await;
    bucket.files.put("k", b"body".to_vec()).await.unwrap();
    let asked = bucket.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|one| one.body == b"body"), "{asked:?}");
}

#[tokio::test]
async fn a_file_is_kept_with_its_content_type() {
    let bucket = Emulated::start(&[(200, "")]).await;
    let put = bucket
        .files
        .put_typed("tenant/media/1", b"bytes".to_vec(), "image/png");
    put.await.unwrap();
    let asked = &bucket.asked()[0];
    assert!(
        asked.headers.contains("content-type: image/png"),
        "{asked:?}"
    );
    let bucket = Emulated::start(&[(403, "<Error><Code>AccessDenied</Code></Error>")]).await;
    let put = bucket.files.put_typed("k", vec![], "image/png").await;
    assert_eq!(put.unwrap_err().kind(), StoreFailureKind::Refused);
}

async fn linked(endpoint: Option<&str>, filename: &str, expires: Duration) -> String {
    let link = files(endpoint)
        .link("tenant/media/1", filename, expires)
        .await;
    link.unwrap()
}

/// Links go where the client itself goes, need no header but the host, and say how to save the file.
#[tokio::test]
async fn a_link_downloads_the_file_and_nothing_else() {
    let real = linked(None, "Invoice 1.pdf", LINK_LIFE).await;
    let (address, query) = real.split_once('?').unwrap();
    assert_eq!(
        address,
        "https://waypost-files.s3.me-south-1.amazonaws.com/tenant/media/1"
    );
    for part in [
        "response-content-disposition=attachment%3B%20filename%3D%22Invoice%201.pdf%22",
        "response-content-type=application%2Foctet-stream",
        "X-Amz-Expires=300",
        "X-Amz-SignedHeaders=host",
    ] {
        assert_eq!(query.split('&').filter(|p| *p == part).count(), 1, "{real}");
    }
    assert!(query.contains("X-Amz-Signature="), "{real}");
    assert!(!real.contains("secret"), "{real}");

    let emulated = linked(Some("http://localhost:4566"), "a", Duration::from_secs(60)).await;
    assert!(
        emulated.starts_with("http://localhost:4566/waypost-files/tenant/media/1?"),
        "{emulated}"
    );
    assert!(emulated.contains("X-Amz-Expires=60&"), "{emulated}");
}

#[tokio::test]
async fn a_hostile_name_stays_inside_its_parameter() {
    let link = linked(None, "x\"\r\n&response-content-type=text/html", LINK_LIFE).await;
    assert_eq!(link.matches("response-content-type=").count(), 1, "{link}");
    assert!(link.contains("filename%3D%22html%22&"), "{link}");
}

#[tokio::test]
async fn a_link_for_more_than_a_week_is_refused() {
    let files = files(None);
    let week = Duration::from_secs(7 * 24 * 60 * 60);
    files.link("k", "a", week).await.unwrap();
    let refused = files.link("k", "a", week + LINK_LIFE).await.unwrap_err();
    assert_eq!(refused.kind(), StoreFailureKind::Refused);
}

/// What services ask for as the port: a typed copy, and a short-lived download.
#[tokio::test]
async fn a_copy_of_a_strangers_file_is_kept_typed_and_linked_as_a_download() {
    let bucket = Emulated::start(&[(200, "")]).await;
    let files = &bucket.files;
    let bytes = b"<html>".to_vec();
    MediaFiles::keep(files, "tenant/media/1", bytes, "text/html")
        .await
        .unwrap();
    let asked = &bucket.asked()[0];
    assert!(
        asked.headers.contains("content-type: text/html"),
        "{asked:?}"
    );

    let link = MediaFiles::link(files, "tenant/media/1", "Map.html", "text/html");
    let link = link.await.unwrap();
    for part in [
        "response-content-disposition=attachment%3B%20filename%3D%22Map.html%22",
        "response-content-type=application%2Foctet-stream",
        "X-Amz-Expires=300",
    ] {
        assert_eq!(link.matches(part).count(), 1, "{link}");
    }
    assert!(!link.contains("text%2Fhtml"), "{link}");
}

/// Every field is a condition that S3 enforces: the key, the type, the size. The secret is not among them.
#[tokio::test]
async fn a_form_takes_one_file_of_one_kind_and_size() {
    let form = files(Some("http://localhost:4566"))
        .upload("uploads/t/1", "text/csv", 1_000)
        .await
        .unwrap();
    assert_eq!(form.url, "http://localhost:4566/waypost-files/");
    let policy = STANDARD.decode(&form.fields["policy"]).unwrap();
    let policy: serde_json::Value = serde_json::from_slice(&policy).unwrap();
    let conditions = policy["conditions"].as_array().unwrap();
    for wanted in [
        serde_json::json!({"bucket": "waypost-files"}),
        serde_json::json!({"key": "uploads/t/1"}),
        serde_json::json!({"Content-Type": "text/csv"}),
        serde_json::json!(["content-length-range", 1, 1_000]),
    ] {
        assert!(conditions.contains(&wanted), "{wanted}");
    }
    for name in form.fields.keys() {
        let signed = conditions.iter().any(|one| one.get(name).is_some());
        assert!(signed || ["policy", "x-amz-signature"].contains(&name.as_str()));
    }
    assert_eq!(form.fields["x-amz-signature"].len(), 64);
    assert!(form.fields["x-amz-credential"].ends_with("/me-south-1/s3/aws4_request"));
    assert!(!format!("{form:?}").contains(&form.fields["x-amz-signature"]));
}

/// S3.42: a preview shows the file as what it is, for five minutes, and nothing a file says of itself
/// changes that.
#[tokio::test]
async fn a_preview_is_shown_as_its_own_type() {
    let files = files(None);
    let link = files.preview("proofs/kept/t/1/ab", "proof\"-1.pdf", "application/pdf");
    let link = link.await.unwrap();
    for part in [
        "response-content-disposition=inline%3B%20filename%3D%22proof_-1.pdf%22",
        "response-content-type=application%2Fpdf",
        "X-Amz-Expires=300",
        "X-Amz-Signature=",
    ] {
        assert_eq!(link.matches(part).count(), 1, "{part}: {link}");
    }
    assert!(!link.contains("secret"), "{link}");
}

#[tokio::test]
async fn a_files_size_is_asked_without_the_file() {
    let bucket = Emulated::start(&[(200, "seven b")]).await;
    assert_eq!(bucket.files.proof_size("k").await.unwrap(), Some(7));
    assert!(bucket.asked()[0].line.starts_with("HEAD /waypost-files/k?"));
    let bucket = Emulated::start(&[(404, "")]).await;
    assert_eq!(bucket.files.proof_size("k").await.unwrap(), None);
    for (status, kind, tries) in [
        (403, StoreFailureKind::Refused, 1),
        (503, StoreFailureKind::Unavailable, 3),
    ] {
        let bucket = Emulated::start(&[(status, "")]).await;
        let failure = bucket.files.proof_size("k").await.unwrap_err();
        assert_eq!((failure.kind(), bucket.asked().len()), (kind, tries));
    }
}

#[tokio::test]
async fn a_file_is_removed_once_and_for_all() {
    let bucket = Emulated::start(&[(503, ""), (204, "")]).await;
    bucket.files.remove_proof("k").await.unwrap();
    let asked = bucket.asked();
    assert_eq!(asked.len(), 2);
    assert!(
        asked[0].line.starts_with("DELETE /waypost-files/k?"),
        "{asked:?}"
    );
    let bucket = Emulated::start(&[(403, "<Error><Code>AccessDenied</Code></Error>")]).await;
    assert!(bucket.files.remove_proof("k").await.is_err());
}
