//! Outside worlds that a scenario only needs to be there: mail and files.

use domain::{
    channel::{Channel, Secret},
    failure::StoreFailure,
    notice::Mail,
    ports::{DocumentGate, FetchedFile, FileGate, Mailer, NotFetched},
    provider::MediaPlace,
};
use testkit::fakes::FakeMailer;

use crate::told::{Told, tell};

/// A mail service: what it was given was sent, and is told at once.
#[derive(Debug)]
pub struct Post {
    kept: FakeMailer,
    told: bool,
}

impl Post {
    /// An empty one; what it sends is told when somebody listens.
    pub fn new(told: bool) -> Self {
        Self {
            kept: FakeMailer::default(),
            told,
        }
    }

    /// Mails it sent.
    pub fn sent(&self) -> usize {
        self.kept.sent().len()
    }
}

impl Mailer for Post {
    async fn mail(&self, mail: &Mail) -> Result<(), StoreFailure> {
        if self.told {
            tell(&Told::Mailed {
                text: mail.text.clone(),
            });
        }
        self.kept.mail(mail).await
    }
}

/// Every inbound file is there, and is this one.
#[derive(Debug)]
pub struct Shelf;

impl FileGate for Shelf {
    async fn fetch(
        &self,
        _channel: &Channel,
        _token: &Secret,
        _place: &MediaPlace,
        _most: u64,
    ) -> Result<FetchedFile, NotFetched> {
        Ok(FetchedFile {
            bytes: b"a picture".to_vec(),
            mime: "image/png".into(),
            extension: "png".into(),
        })
    }
}

impl DocumentGate for Shelf {
    async fn fetch_document(&self, _url: &str, _most: u64) -> Result<FetchedFile, NotFetched> {
        Ok(FetchedFile {
            bytes: b"%PDF-1.7 an invoice".to_vec(),
            mime: "application/pdf".into(),
            extension: "pdf".into(),
        })
    }
}
