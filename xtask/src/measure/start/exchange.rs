//! As much HTTP/1.1 as our two stubs need.

use std::io::{BufRead, Write};

use anyhow::{Context, Result, bail};

/// Larger than any answer of a function may be.
const MAX_BODY: usize = 8 << 20;

/// A request, as far as the stubs look at it.
pub struct Request {
    /// `POST /2018-06-01/…`, without the protocol.
    pub line: String,
    /// `x-amz-target`, where there is one.
    pub target: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Reads the next request of a connection; none when the other side is done.
pub fn read(connection: &mut impl BufRead) -> Result<Option<Request>> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let (mut length, mut target) = (0, String::new());
    loop {
        let mut header = String::new();
        connection.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().context("odd content-length")?,
            "x-amz-target" => value.trim().clone_into(&mut target),
            "transfer-encoding" => bail!("the stub reads no chunked body ({})", line.trim()),
            _ => {}
        }
    }
    if length > MAX_BODY {
        bail!("a body of {length} bytes");
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Ok(Some(Request { line, target, body }))
}

/// Writes an answer in one piece.
pub fn write(connection: &mut impl Write, status: &str, headers: &str, body: &str) -> Result<()> {
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
    connection.write_all(answer.as_bytes())?;
    Ok(connection.flush()?)
}
