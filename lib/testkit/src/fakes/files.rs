//! Files that providers offer, from a script.

use std::{collections::VecDeque, sync::Mutex};

use domain::{
    channel::{Channel, Secret},
    ids::ChannelId,
    ports::{DocumentGate, FetchedFile, FileGate, NotFetched},
    provider::MediaPlace,
};

/// A file that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// With which channel's token.
    pub channel: ChannelId,
    /// Where.
    pub place: MediaPlace,
    /// The most bytes that were wanted.
    pub most: u64,
}

/// What is served to whoever asks.
type Served = Result<FetchedFile, NotFetched>;

/// A provider's files: answers from a script, then with one picture for everybody.
#[derive(Debug, Default)]
pub struct FakeFiles {
    script: Mutex<VecDeque<Served>>,
    asked: Mutex<Vec<Asked>>,
    documents: Mutex<Vec<String>>,
}

impl FakeFiles {
    /// The first bytes of a picture: what everything outside the script is answered with.
    pub const PICTURE: &'static [u8] = b"\xff\xd8\xff\xe0 a picture of a grey heron";

    /// Puts an answer at the end of the script.
    pub fn next(&self, answer: Served) {
        self.script.lock().unwrap().push_back(answer);
    }

    /// Puts a file at the end of the script.
    pub fn next_file(&self, bytes: &[u8], mime: &str, extension: &str) {
        self.next(Ok(FetchedFile {
            bytes: bytes.to_vec(),
            mime: mime.into(),
            extension: extension.into(),
        }));
    }

    /// Puts a failure at the end of the script.
    pub fn next_failure(&self, code: &'static str, again: bool) {
        self.next(Err(NotFetched {
            code,
            reason: "The file could not be fetched.".into(),
            again,
        }));
    }

    /// Documents that were asked for, in order.
    pub fn documents(&self) -> Vec<String> {
        self.documents.lock().unwrap().clone()
    }

    /// Everything that was asked for, in order.
    pub fn sent(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl DocumentGate for FakeFiles {
    async fn fetch_document(&self, url: &str, most: u64) -> Result<FetchedFile, NotFetched> {
        self.documents.lock().unwrap().push(url.to_owned());
        let scripted = self.script.lock().unwrap().pop_front();
        let file = scripted.unwrap_or_else(|| {
            Ok(FetchedFile {
                bytes: b"%PDF-1.7 an invoice".to_vec(),
                mime: "application/pdf".into(),
                extension: "pdf".into(),
            })
        })?;
        if u64::try_from(file.bytes.len()).is_ok_and(|size| size <= most) {
            return Ok(file);
        }
        Err(NotFetched {
            code: "TOO_LARGE",
            reason: format!("The file is larger than {most} bytes."),
            again: false,
        })
    }
}

impl FileGate for FakeFiles {
    async fn fetch(
        &self,
        channel: &Channel,
        _token: &Secret,
        place: &MediaPlace,
        most: u64,
    ) -> Result<FetchedFile, NotFetched> {
        self.asked.lock().unwrap().push(Asked {
            channel: channel.id,
            place: place.clone(),
            most,
        });
        let scripted = self.script.lock().unwrap().pop_front();
        let file = scripted.unwrap_or_else(|| {
            Ok(FetchedFile {
                bytes: Self::PICTURE.to_vec(),
                mime: "image/jpeg".into(),
                extension: "jpg".into(),
            })
        })?;
        if u64::try_from(file.bytes.len()).is_ok_and(|size| size <= most) {
            return Ok(file);
        }
        Err(NotFetched {
            code: "TOO_LARGE",
            reason: format!("The file is larger than {most} bytes."),
            again: false,
        })
    }
}
