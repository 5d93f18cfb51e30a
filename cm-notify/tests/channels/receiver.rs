//! The other end: a server on loopback that takes one connection after another, says what its script says, keeps what it
//! was told, and goes away at a chosen byte.

use std::future::Future;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What one connection came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken {
    /// What was read.
    pub(crate) read: Vec<u8>,
    /// Whether the whole of what it was to be sent had come: a whole request, a mail with its dot.
    pub(crate) whole: bool,
    /// How much it answered after that.
    pub(crate) answered: usize,
}

/// When a server goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Leaving {
    /// After so many bytes were read.
    pub(crate) read: Option<usize>,
    /// After so many bytes of its answers were written.
    pub(crate) written: Option<usize>,
}

/// A server that stays.
pub(crate) const STAYS: [Leaving; 1] = [Leaving { read: None, written: None }];

/// A server, and what it has taken.
pub(crate) struct Receiver {
    /// Its port.
    pub(crate) port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// Serves the connections in turn; each leaves as the list says, over and over.
    async fn start<F: Future<Output = Taken> + Send>(
        leaving: Vec<Leaving>,
        serve: impl Fn(TcpStream, Leaving) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&taken);
        let task = tokio::spawn(async move {
            for leaving in leaving.iter().cycle() {
                let (stream, _) = listener.accept().await.unwrap();
                let one = serve(stream, *leaving).await;
                keep.lock().unwrap().push(one);
            }
        });
        Self { port, taken, task }
    }

    /// A server of HTTP that answers each request with these bytes.
    pub(crate) async fn http(answer: &str, leaving: Vec<Leaving>) -> Self {
        let answer = answer.as_bytes().to_vec();
        Self::start(leaving, move |stream, leaving| http(stream, answer.clone(), leaving)).await
    }

    /// A server of HTTP that is content with everything.
    pub(crate) async fn content() -> Self {
        Self::http("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok", STAYS.to_vec()).await
    }

    /// A mail server without encryption.
    pub(crate) async fn smtp(script: Script, leaving: Vec<Leaving>) -> Self {
        Self::start(leaving, move |stream, leaving| smtp(stream, script, leaving)).await
    }

    /// What it has taken, once it has taken so many connections.
    pub(crate) async fn taken(&self, count: usize) -> Vec<Taken> {
        for _ in 0..10_000 {
            let taken = self.taken.lock().unwrap().clone();
            if taken.len() >= count {
                return taken;
            }
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        panic!("not {count} connections: {:?}", self.taken.lock().unwrap());
    }
}

/// A line that goes away at a chosen byte, either way.
struct Line {
    stream: TcpStream,
    leaving: Leaving,
    read: Vec<u8>,
    written: usize,
}

impl Line {
    /// Reads what comes next; false once it is to go away, or the other end has.
    async fn hear(&mut self) -> bool {
        let mut piece = vec![0; 64 * 1024];
        let room = self.leaving.read.map_or(piece.len(), |most| most - self.read.len()).min(piece.len());
        if room == 0 {
            return false;
        }
        match self.stream.read(&mut piece[..room]).await {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.read.extend_from_slice(&piece[..count]);
                true
            }
        }
    }

    /// Writes; false once it is to go away.
    async fn say(&mut self, words: &[u8]) -> bool {
        let room = self.leaving.written.map_or(words.len(), |most| most - self.written).min(words.len());
        let gone = self.stream.write_all(&words[..room]).await.is_err();
        self.written += room;
        !gone && room == words.len()
    }
}

async fn http(stream: TcpStream, answer: Vec<u8>, leaving: Leaving) -> Taken {
    let mut line = Line { stream, leaving, read: Vec::new(), written: 0 };
    let mut whole = false;
    while !whole && line.hear().await {
        let text = String::from_utf8_lossy(&line.read).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.split("\r\n").next()?.parse().ok());
        whole = body.len() >= length.unwrap_or(0) && String::from_utf8(line.read.clone()).is_ok();
    }
    if whole {
        line.say(&answer).await;
    }
    Taken { read: line.read, whole, answered: line.written }
}

/// What a mail server says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    /// To the sender.
    pub(crate) sender: &'static str,
    /// To each recipient, in turn.
    pub(crate) recipients: &'static [&'static str],
    /// To `DATA`.
    pub(crate) data: &'static str,
    /// To the mail.
    pub(crate) mail: &'static str,
}

impl Script {
    /// One that takes everything.
    pub(crate) const CONTENT: Self =
        Self { sender: "250 ok", recipients: &["250 ok"], data: "354 go on", mail: "250 queued as 4711" };
}

async fn smtp(stream: TcpStream, script: Script, leaving: Leaving) -> Taken {
    let mut line = Line { stream, leaving, read: Vec::new(), written: 0 };
    let (mut whole, mut answered) = (false, 0);
    if line.say(b"220 stage ready\r\n").await {
        let (mut at, mut recipient, mut in_mail) = (0, 0, false);
        'dialogue: while line.hear().await {
            loop {
                let rest = String::from_utf8_lossy(&line.read[at..]).into_owned();
                let end = if in_mail { "\r\n.\r\n" } else { "\r\n" };
                let Some((words, _)) = rest.split_once(end) else { break };
                at += words.len() + end.len();
                let reply = match words.split([' ', ':']).next().unwrap_or_default() {
                    _ if in_mail => {
                        (in_mail, whole) = (false, true);
                        script.mail
                    }
                    "EHLO" => "250-stage\r\n250 8BITMIME",
                    "MAIL" => script.sender,
                    "RCPT" => {
                        recipient += 1;
                        script.recipients[(recipient - 1) % script.recipients.len()]
                    }
                    "DATA" => {
                        in_mail = script.data.starts_with('3');
                        script.data
                    }
                    "QUIT" => "221 bye",
                    _ => "502 what?",
                };
                let before = line.written;
                let said = line.say(format!("{reply}\r\n").as_bytes()).await;
                if whole && reply == script.mail {
                    answered = line.written - before;
                }
                if !said {
                    break 'dialogue;
                }
            }
        }
    }
    Taken { read: line.read, whole, answered }
}
