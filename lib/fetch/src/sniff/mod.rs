//! What a file is, by its content, and whether it is kept: a list of what is, not of what is not.

mod office;
mod text;

use file_format::FileFormat;

use crate::Refusal;

/// A type of file that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType {
    /// Its name on the web, without parameters.
    pub mime: &'static str,
    /// The end of its file names, without the dot.
    pub extension: &'static str,
}

impl MediaType {
    const fn new(mime: &'static str, extension: &'static str) -> Self {
        Self { mime, extension }
    }
}

const M4A: MediaType = MediaType::new("audio/mp4", "m4a");
const MP4: MediaType = MediaType::new("video/mp4", "mp4");

/// Says what a file is by its content. `declared` (a `Content-Type`) only decides between kinds that look
/// alike, such as CSV and plain text; it makes nothing acceptable.
///
/// # Errors
/// [`Refusal::Empty`]; [`Refusal::TypeNotAllowed`] for everything that is not on the list, above all
/// markup (html, svg, xml), scripts, programs and documents with macros.
pub fn judge(bytes: &[u8], declared: Option<&str>) -> Result<MediaType, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    let declared = essence(declared.unwrap_or_default());
    let found = FileFormat::from_bytes(bytes);
    by_signature(found, &declared)
        .or_else(|| match found {
            FileFormat::Zip => office::of_zip(bytes),
            FileFormat::CompoundFileBinary => office::of_compound(bytes),
            // Signatures of a few letters also begin texts ("BMI,weight"): the text decides.
            _ => text::of(bytes, &declared),
        })
        .ok_or(Refusal::TypeNotAllowed)
}

fn by_signature(found: FileFormat, declared: &str) -> Option<MediaType> {
    let (mime, extension) = match found {
        FileFormat::JointPhotographicExpertsGroup => ("image/jpeg", "jpg"),
        FileFormat::PortableNetworkGraphics | FileFormat::AnimatedPortableNetworkGraphics => {
            ("image/png", "png")
        }
        FileFormat::Webp => ("image/webp", "webp"),
        FileFormat::GraphicsInterchangeFormat => ("image/gif", "gif"),
        FileFormat::OggOpus | FileFormat::OggVorbis => ("audio/ogg", "ogg"),
        // Almost every tagged file is an MP3; a player finds out.
        FileFormat::Mpeg12AudioLayer3 | FileFormat::Id3v2 => ("audio/mpeg", "mp3"),
        FileFormat::AdvancedAudioCoding => ("audio/aac", "aac"),
        FileFormat::AdaptiveMultiRate => ("audio/amr", "amr"),
        FileFormat::AppleItunesAudio | FileFormat::Mpeg4Part14Audio => return Some(M4A),
        FileFormat::Mpeg4Part14Video => return Some(MP4),
        // No track was found near the beginning.
        FileFormat::Mpeg4Part14 if declared.starts_with("audio/") => return Some(M4A),
        FileFormat::Mpeg4Part14 => return Some(MP4),
        FileFormat::ThirdGenerationPartnershipProject => ("video/3gpp", "3gp"),
        FileFormat::PortableDocumentFormat => ("application/pdf", "pdf"),
        _ => return None,
    };
    Some(MediaType::new(mime, extension))
}

/// A content type without parameters, in lower case.
fn essence(declared: &str) -> String {
    let essence = declared.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}
