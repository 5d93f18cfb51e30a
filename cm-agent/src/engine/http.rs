//! One question over a Unix socket in HTTP/1.1, strictly: one `GET`, one answer, and the connection ends.
//!
//! A whole HTTP client would weigh a tenth of the agent. It does not know what is asked, nor by whom.

use std::io;
use std::path::Path;

use tokio::net::UnixStream;

use super::Kind;

/// The most bytes of one answer: 256 containers with long labels are a fifth of it.
pub(super) const MOST_BYTES: usize = 4 << 20;
/// Bytes that are read at a time.
const PIECE: usize = 16 * 1024;
/// The most head lines that an answer may have.
const MOST_LINES: usize = 64;

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) kind: Kind,
    pub(super) body: Vec<u8>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it is too large")]
    TooLarge,
    #[error("{0}")]
    Malformed(&'static str),
}

/// Asks for a path. It waits for ever; the caller sets the limit.
pub(super) async fn get(socket: &Path, path: &str) -> Result<Answer, Failed> {
    let stream = UnixStream::connect(socket).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
    let mut rest = request.as_bytes();
    while !rest.is_empty() {
        stream.writable().await?;
        match stream.try_write(rest) {
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (mut bytes, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        stream.readable().await?;
        match stream.try_read(&mut piece) {
            Ok(0) => return parse(&bytes),
            Ok(read) if bytes.len() + read > MOST_BYTES => return Err(Failed::TooLarge),
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads a whole answer, up to the end of the connection.
fn parse(bytes: &[u8]) -> Result<Answer, Failed> {
    let mut lines = [httparse::EMPTY_HEADER; MOST_LINES];
    let mut head = httparse::Response::new(&mut lines);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Err(Failed::Malformed("it ends within the head")),
        Err(_) => return Err(Failed::Malformed("the head does not read")),
    };
    let status = head.code.ok_or(Failed::Malformed("it has no status"))?;
    let line =
        |name: &str| head.headers.iter().find(|line| line.name.eq_ignore_ascii_case(name)).map(|line| line.value);
    let kind = if line("libpod-api-version").is_some() { Kind::Podman } else { Kind::Docker };
    let body = &bytes[length..];
    let body = match (line("transfer-encoding"), line("content-length")) {
        (Some(coding), _) if coding.eq_ignore_ascii_case(b"chunked") => join(body)?,
        (Some(_), _) => return Err(Failed::Malformed("its body is coded in an unknown way")),
        (None, Some(stated)) => {
            let stated = std::str::from_utf8(stated).ok().and_then(|text| text.trim().parse::<usize>().ok());
            let stated = stated.ok_or(Failed::Malformed("its length is no number"))?;
            body.get(..stated).ok_or(Failed::Malformed("it ends within the body"))?.to_vec()
        }
        (None, None) => body.to_vec(),
    };
    Ok(Answer { status, kind, body })
}

/// Puts the chunks of a body together.
fn join(mut rest: &[u8]) -> Result<Vec<u8>, Failed> {
    let mut body = Vec::with_capacity(rest.len());
    loop {
        let (start, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Err(Failed::Malformed("it ends between two chunks")),
            Err(_) => return Err(Failed::Malformed("the size of a chunk does not read")),
        };
        if size == 0 {
            return Ok(body);
        }
        let size = usize::try_from(size).map_err(|_| Failed::TooLarge)?;
        let chunk = rest.get(start..).and_then(|rest| rest.split_at_checked(size));
        let (chunk, after) = chunk.ok_or(Failed::Malformed("it ends within a chunk"))?;
        body.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").ok_or(Failed::Malformed("a chunk is longer than it states"))?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<(u16, Kind, String), String> {
        parse(text.as_bytes())
            .map(|answer| (answer.status, answer.kind, String::from_utf8(answer.body).unwrap()))
            .map_err(|failed| failed.to_string())
    }

    #[test]
    fn bodies_of_every_form() {
        let ok = |kind, body: &str| Ok((200, kind, body.to_owned()));
        for (text, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", ok(Kind::Docker, "[]")),
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]and more", ok(Kind::Docker, "[]")),
            ("HTTP/1.0 200 OK\r\n\r\n[1]", ok(Kind::Docker, "[1]")),
            (
                "HTTP/1.1 200 OK\r\nLibpod-Api-Version: 4.3.1\r\nTransfer-Encoding: chunked\r\n\r\n\
                 3\r\n[1,\r\n2;x=y\r\n2]\r\n0\r\n\r\n",
                ok(Kind::Podman, "[1,2]"),
            ),
            ("HTTP/1.1 404 Not Found\r\n\r\n", Ok((404, Kind::Docker, String::new()))),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[]", Err("it ends within the body".into())),
            ("HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n[]", Err("its length is no number".into())),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", Err("its body is coded in an unknown way".into())),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", Err("it ends within a chunk".into())),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab",
                Err("a chunk is longer than it states".into()),
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Err("it ends between two chunks".into())),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                Err("the size of a chunk does not read".into()),
            ),
            ("HTTP/1.1 200 OK\r\n", Err("it ends within the head".into())),
            ("SSH-2.0-OpenSSH_9.2\r\n", Err("the head does not read".into())),
            ("", Err("it ends within the head".into())),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), chunked in any::<bool>()) {
            let _ = parse(&bytes);
            let coding = if chunked { "Transfer-Encoding: chunked\r\n" } else { "Content-Length: 5\r\n" };
            let mut whole = format!("HTTP/1.1 200 OK\r\n{coding}\r\n").into_bytes();
            whole.extend_from_slice(&bytes);
            let _ = parse(&whole);
        }
    }
}
