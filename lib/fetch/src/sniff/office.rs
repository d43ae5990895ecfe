//! Office documents, told from other archives by the names of their parts. Only directories are read:
//! nothing is unpacked, so it does not matter how large the parts claim to be.

use std::io::Cursor;

use cfb::CompoundFile;
use rawzip::ZipArchive;

use super::MediaType;

const DOCX: MediaType = MediaType::new(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "docx",
);
const XLSX: MediaType = MediaType::new(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsx",
);
const PPTX: MediaType = MediaType::new(
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "pptx",
);
const DOC: MediaType = MediaType::new("application/msword", "doc");
const XLS: MediaType = MediaType::new("application/vnd.ms-excel", "xls");
const PPT: MediaType = MediaType::new("application/vnd.ms-powerpoint", "ppt");

/// docx, xlsx and pptx: a list of content types and the parts of exactly one of them.
pub(super) fn of_zip(bytes: &[u8]) -> Option<MediaType> {
    let archive = ZipArchive::from_slice(bytes).ok()?;
    let mut entries = archive.entries();
    let (mut listed, mut kind) = (false, None);
    while let Some(entry) = entries.next_entry().ok()? {
        let path = entry.file_path();
        let name: &[u8] = path.as_ref();
        let name = name.to_ascii_lowercase();
        if is_program(&name) {
            return None;
        }
        listed |= name == b"[content_types].xml";
        let of = if name.starts_with(b"word/") {
            DOCX
        } else if name.starts_with(b"xl/") {
            XLSX
        } else if name.starts_with(b"ppt/") {
            PPTX
        } else {
            continue;
        };
        if kind.is_some_and(|kind| kind != of) {
            return None;
        }
        kind = Some(of);
    }
    kind.filter(|_| listed)
}

/// Parts of documents with macros, of Java archives and of Android packages.
fn is_program(name: &[u8]) -> bool {
    name.ends_with(b"vbaproject.bin")
        || name.starts_with(b"meta-inf/")
        || name == b"androidmanifest.xml"
        || name == b"classes.dex"
}

/// doc, xls and ppt. Their class ids are often left out by programs that write them; their streams are not.
pub(super) fn of_compound(bytes: &[u8]) -> Option<MediaType> {
    let file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    let macros = ["/Macros", "/_VBA_PROJECT_CUR", "/VBA"];
    if macros.iter().any(|storage| file.exists(storage)) {
        return None;
    }
    let kinds = [
        ("/WordDocument", DOC),
        ("/Workbook", XLS),
        ("/Book", XLS),
        ("/PowerPoint Document", PPT),
    ];
    let (_, kind) = kinds.iter().find(|(stream, _)| file.is_stream(stream))?;
    Some(*kind)
}
