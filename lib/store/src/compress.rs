//! Bodies, packed: a write unit is a kilobyte, and JSON shrinks to a fraction.

use std::io::{Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

/// The most that unpacking gives: no body we store is larger.
const MOST: u64 = 16 * 1024 * 1024;

/// Packs bytes.
pub(crate) fn pack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Unpacks bytes; none when they are not packed, or too large.
pub(crate) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed)
        .take(MOST + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    (bytes.len() as u64 <= MOST).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_garbage_is_not() {
        let body = "{\"messages\":[]}".repeat(500).into_bytes();
        let packed = pack(&body).unwrap();
        assert!(packed.len() < body.len() / 20);
        assert_eq!(unpack(&packed), Some(body));
        assert_eq!(unpack(b"not packed at all"), None);
        assert_eq!(unpack(&packed[..packed.len() / 2]), None);
    }
}
