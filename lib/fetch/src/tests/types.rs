//! What a file is taken for.

use std::io::{Cursor, Write};

use cfb::CompoundFile;
use proptest::prelude::*;

use crate::{Refusal, judge};

/// A box of an MP4 file.
fn mp4_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + content.len()).unwrap();
    [&length.to_be_bytes()[..], kind, content].concat()
}

/// An MP4 file of this brand with one track of this kind, or none.
fn mp4(brand: &[u8; 4], track: Option<&[u8; 4]>) -> Vec<u8> {
    let head = mp4_box(b"ftyp", &[&brand[..], b"\0\0\x02\0isommp41"].concat());
    let Some(kind) = track else { return head };
    let handler = mp4_box(b"hdlr", &[&[0; 8][..], kind, &[0; 13]].concat());
    let track = mp4_box(b"trak", &mp4_box(b"mdia", &handler));
    [head, mp4_box(b"moov", &track)].concat()
}

fn ogg(codec: &[u8]) -> Vec<u8> {
    let page = [b"OggS".as_slice(), &[0, 2], &[0; 20], &[1, 19]].concat();
    [&page[..], codec, &[0; 16]].concat()
}

/// A zip archive of parts that say they unpack to 4 GB each.
fn zip(names: &[&str]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for name in names {
        let offset = u32::try_from(file.len()).unwrap();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        // Version, flags, deflated, time, date, checksum, packed and unpacked size.
        let common = [
            &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 1, 2, 3, 4, 2, 0, 0, 0][..],
            &0xffff_fffe_u32.to_le_bytes(),
            &length,
            &[0, 0],
        ]
        .concat();
        file.extend([b"PK\x03\x04", &common[..], name.as_bytes(), &[3, 0]].concat());
        directory.extend(
            [
                b"PK\x01\x02\x14\0",
                &common[..],
                &[0; 10],
                &offset.to_le_bytes(),
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let count = u16::try_from(names.len()).unwrap().to_le_bytes();
    let (begin, length) = (file.len(), directory.len());
    file.extend(directory);
    file.extend([b"PK\x05\x06", &[0; 4][..], &count, &count].concat());
    file.extend(u32::try_from(length).unwrap().to_le_bytes());
    file.extend(u32::try_from(begin).unwrap().to_le_bytes());
    file.extend([0, 0]);
    file
}

fn compound(streams: &[&str]) -> Vec<u8> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for path in streams {
        let stream = file.create_new_stream(path);
        match stream {
            Ok(mut stream) => stream.write_all(b"content").unwrap(),
            // Below a storage that is not there yet.
            Err(_) => file.create_storage_all(path).unwrap(),
        }
    }
    file.into_inner().into_inner()
}

fn png() -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n".as_slice(),
        &[0, 0, 0, 13],
        b"IHDR",
        &[0; 17],
    ]
    .concat()
}

#[track_caller]
fn is(bytes: &[u8], declared: &str, expected: (&str, &str)) {
    let declared = Some(declared).filter(|declared| !declared.is_empty());
    let found = judge(bytes, declared).map(|found| (found.mime, found.extension));
    assert_eq!(found, Ok(expected));
}

#[track_caller]
fn refused(bytes: &[u8]) {
    // Whatever it is called.
    for declared in [
        None,
        Some("image/png"),
        Some("application/pdf"),
        Some("text/plain; charset=utf-8"),
        Some("text/csv"),
        Some("application/octet-stream"),
    ] {
        assert_eq!(
            judge(bytes, declared),
            Err(Refusal::TypeNotAllowed),
            "{declared:?}"
        );
    }
}

/// S1.144, X48: and what WhatsApp carries besides.
#[test]
fn pictures_sound_and_documents_are_known_by_their_content() {
    let wrong = "text/html";
    is(
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        wrong,
        ("image/jpeg", "jpg"),
    );
    is(&png(), wrong, ("image/png", "png"));
    is(b"RIFF\x24\0\0\0WEBPVP8 ", wrong, ("image/webp", "webp"));
    is(b"GIF89a\x01\0\x01\0", wrong, ("image/gif", "gif"));
    is(&ogg(b"OpusHead"), wrong, ("audio/ogg", "ogg"));
    is(&ogg(b"\x01vorbis"), wrong, ("audio/ogg", "ogg"));
    is(b"ID3\x04\0\0\0\0\0\x0a....", wrong, ("audio/mpeg", "mp3"));
    is(b"\xff\xfb\x90\x64\0", wrong, ("audio/mpeg", "mp3"));
    is(b"\xff\xf1\x50\x80\0\x1f", wrong, ("audio/aac", "aac"));
    is(b"#!AMR\n\x3c\x91\x17", wrong, ("audio/amr", "amr"));
    is(
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        wrong,
        ("application/pdf", "pdf"),
    );
    is(b"%PDF-1.4\nonly letters", wrong, ("application/pdf", "pdf"));
}

#[test]
fn sound_and_video_in_the_same_container_are_told_apart() {
    let (m4a, mp4_) = (("audio/mp4", "m4a"), ("video/mp4", "mp4"));
    is(&mp4(b"isom", Some(b"vide")), "audio/mp4", mp4_);
    is(&mp4(b"mp42", Some(b"soun")), "video/mp4", m4a);
    is(&mp4(b"M4A ", None), "", m4a);
    is(&mp4(b"isom", None), "audio/mp4", m4a);
    is(&mp4(b"isom", None), "", mp4_);
    is(&mp4(b"3gp4", None), "", ("video/3gpp", "3gp"));
    refused(&mp4(b"qt  ", Some(b"vide")));
    refused(&mp4(b"heic", None));
    refused(&ogg(b"\x80theora"));
}

#[test]
fn office_documents_are_known_by_their_parts() {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let powerpoint = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
    let listed = "[Content_Types].xml";
    for (part, expected) in [
        ("word/document.xml", (word, "docx")),
        ("word/document2.xml", (word, "docx")),
        ("xl/workbook.xml", (excel, "xlsx")),
        ("ppt/presentation.xml", (powerpoint, "pptx")),
    ] {
        // In whatever order, and however many others there are.
        is(&zip(&[listed, "_rels/.rels", part]), "", expected);
        is(
            &zip(&["docProps/app.xml", "a", "b", "c", part, listed]),
            "application/zip",
            expected,
        );
        refused(&zip(&[part]));
        refused(&zip(&[listed, part, "word/vbaProject.bin"]));
        refused(&zip(&[listed, part, "META-INF/MANIFEST.MF"]));
        refused(&zip(&[listed, part, "classes.dex"]));
        let whole = zip(&[listed, part]);
        refused(&whole[..whole.len() - 30]);
        refused(&[b"MZ\x90\0".as_slice(), &whole].concat());
    }
    refused(&zip(&[listed, "word/document.xml", "xl/workbook.xml"]));
    refused(&zip(&[listed, "docProps/app.xml"]));
    refused(&zip(&["word.txt", "xl.txt", listed]));
    refused(&zip(&["a.txt"]));
    refused(&zip(&[]));

    is(
        &compound(&["/WordDocument", "/1Table"]),
        "",
        ("application/msword", "doc"),
    );
    is(
        &compound(&["/Workbook"]),
        "",
        ("application/vnd.ms-excel", "xls"),
    );
    is(
        &compound(&["/Book"]),
        "",
        ("application/vnd.ms-excel", "xls"),
    );
    let slides = compound(&["/Current User", "/PowerPoint Document"]);
    is(&slides, "", ("application/vnd.ms-powerpoint", "ppt"));
    refused(&compound(&["/WordDocument", "/Macros/VBA"]));
    refused(&compound(&["/Workbook", "/_VBA_PROJECT_CUR/VBA"]));
    refused(&compound(&["/EncryptedPackage", "/EncryptionInfo"]));
    refused(&compound(&["/AdminExecuteSequence"]));
    refused(&slides[..600]);
}

#[test]
fn text_is_plain_or_csv_as_declared() {
    let (plain, csv) = (("text/plain", "txt"), ("text/csv", "csv"));
    for text in [
        "name,amount\nAda Example,12\r\n",
        "\u{feff}naïve\tقهوة\n",
        "BMI,weight\n21,70\n",
        "MZ is a letter pair",
        "{\"a\": 1}",
        "2 < 3, and 5 <3 you",
    ] {
        is(text.as_bytes(), "", plain);
        is(text.as_bytes(), "application/octet-stream", plain);
        is(text.as_bytes(), "Text/CSV; charset=utf-8", csv);
        is(text.as_bytes(), "application/vnd.ms-excel", csv);
        for page in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/javascript",
        ] {
            let found = judge(text.as_bytes(), Some(page));
            assert_eq!(found, Err(Refusal::TypeNotAllowed), "{page}");
        }
    }
    for binary in ["null\0", "bell\u{7}", "escape\u{1b}[2J", "c1\u{85}"] {
        refused(binary.as_bytes());
    }
    refused(b"caf\xe9, in Latin-1");
    refused(b"cut \xe2\x82");
    refused(b"\xff\xfeU\0T\0F\0");
}

/// hazards.md, uploads: wrong magic, svg or html as image/png, zip bomb, zero bytes.
#[test]
fn what_runs_or_renders_is_refused_whatever_it_is_called() {
    for page in [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        "<?xml version=\"1.0\"?><svg/>",
        "<?XML version=\"1.0\"?>",
        "<!DOCTYPE html><html></html>",
        "\u{feff} \r\n\t<HTML><body>",
        "<script>alert(1)</script>",
        "<p onclick=x>",
        "<!-- -->",
        "</x>",
        "harmless\n<ScRiPt src=//files.example>",
        "GIF8 <svg onload=x>",
        "#!/bin/sh\nrm -r x",
        "@ECHO off\r\ndel x",
        "%!PS-Adobe-3.0",
        "{\\rtf1\\object}",
    ] {
        refused(page.as_bytes());
    }
    for program in [
        b"MZ\x90\0\x03\0\0\0".as_slice(),
        b"\x7fELF\x02\x01\x01\0",
        b"\xca\xfe\xba\xbe\0\0\0\x34",
        b"\xcf\xfa\xed\xfe\x07\0\0\x01",
        b"\0asm\x01\0\0\0",
        b"dex\n035\0",
        b"Rar!\x1a\x07\0",
        b"\x1f\x8b\x08\0",
        b"7z\xbc\xaf\x27\x1c",
        b"\0\0\0\0",
    ] {
        refused(program);
    }
    // A page before a document that readers would still find.
    refused(b"<html>%PDF-1.7");
    refused(b"\n%PDF-1.7\n\x80");
    for declared in [None, Some("application/pdf"), Some("text/plain")] {
        assert_eq!(judge(b"", declared), Err(Refusal::Empty));
    }
}

proptest! {
    /// Broken insides of known containers end in an answer.
    #[test]
    fn no_content_makes_it_panic(
        kind in 0_usize..8,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = match kind {
            0 => zip(&["[Content_Types].xml", "word/document.xml"]),
            1 => compound(&["/WordDocument"]),
            2 => compound(&["/Workbook", "/Macros/VBA"]),
            3 => mp4(b"isom", Some(b"vide")),
            4 => ogg(b"OpusHead"),
            5 => "<a> naïve".into(),
            6 => png(),
            _ => vec![0; 64],
        };
        for (at, value) in flips {
            let length = bytes.len();
            bytes[at.index(length)] = value;
        }
        let _verdict = judge(&bytes, Some("audio/mp4"));
        let _verdict = judge(&bytes[..cut.index(bytes.len())], None);
    }
}
