//! A server on loopback that does what a script says, whatever is asked of it.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::{Compression, write::GzEncoder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

/// What is done once a request has come.
#[derive(Clone)]
pub(crate) enum Script {
    /// Says this and closes.
    Say(Vec<u8>),
    /// Says these one after the other, a request each, on one connection.
    Serve(Vec<Vec<u8>>),
    /// Says this, and closes when it is asked again on the same connection.
    SayOnce(Vec<u8>),
    /// Says this and then nothing, with the connection open.
    SayAndHold(Vec<u8>),
    /// Says the first, and then the second for ever.
    SayForEver(Vec<u8>, Vec<u8>),
    /// Says the first, and then one byte at a time for ever.
    Drip(Vec<u8>),
    /// Says this and resets the connection.
    SayAndReset(Vec<u8>),
    /// Says this and then ten gigabytes of zeros, packed.
    Bomb(Vec<u8>),
}

/// Where servers work: a thread of their own, so that what keeps the client busy keeps no server from answering.
pub(crate) struct Stage(tokio::runtime::Handle);

impl Stage {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let handle = runtime.handle().clone();
        std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
        Self(handle)
    }

    pub(crate) fn start(&self, script: Script) -> Server {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let server =
            Server { at: listener.local_addr().unwrap(), requests: Arc::default(), connections: Arc::default() };
        let all = server.clone();
        self.0.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                *all.connections.lock().unwrap() += 1;
                tokio::spawn(attend(stream, script.clone(), Arc::clone(&all.requests)));
            }
        });
        server
    }
}

/// A server at work.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
    pub(crate) connections: Arc<Mutex<usize>>,
}

impl Server {
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

/// Who goes away in the middle is no fault of the server's.
async fn attend(mut stream: TcpStream, script: Script, requests: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let first = request(&mut stream).await?;
    requests.lock().unwrap().push(first);
    match script {
        Script::Say(words) => stream.write_all(&words).await.ok()?,
        Script::Serve(answers) => {
            let mut answers = answers.into_iter();
            stream.write_all(&answers.next()?).await.ok()?;
            for answer in answers {
                let next = request(&mut stream).await?;
                requests.lock().unwrap().push(next);
                stream.write_all(&answer).await.ok()?;
            }
            hold(&mut stream).await?;
        }
        Script::SayOnce(words) => {
            stream.write_all(&words).await.ok()?;
            request(&mut stream).await?;
        }
        Script::SayAndHold(words) => {
            stream.write_all(&words).await.ok()?;
            hold(&mut stream).await?;
        }
        Script::SayForEver(first, again) => {
            stream.write_all(&first).await.ok()?;
            loop {
                stream.write_all(&again).await.ok()?;
            }
        }
        Script::Drip(first) => {
            stream.write_all(&first).await.ok()?;
            loop {
                stream.write_all(b" ").await.ok()?;
                sleep(Duration::from_millis(50)).await;
            }
        }
        Script::SayAndReset(words) => {
            stream.write_all(&words).await.ok()?;
            sleep(Duration::from_millis(20)).await;
            stream.set_zero_linger().ok()?;
        }
        Script::Bomb(head) => {
            stream.write_all(&head).await.ok()?;
            let (start, mib) = packed_zeros();
            stream.write_all(&start).await.ok()?;
            for _ in 0..10 * 1024 {
                stream.write_all(&mib).await.ok()?;
            }
        }
    }
    Some(())
}

/// The start of a packed stream of zeros, and a further MiB of it, which may follow as often as wanted.
fn packed_zeros() -> (Vec<u8>, Vec<u8>) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut next = || {
        encoder.write_all(&vec![0; 1024 * 1024]).unwrap();
        encoder.flush().unwrap();
        std::mem::take(encoder.get_mut())
    };
    (next(), next())
}

async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        // What is no HTTP (a TLS greeting) never ends so; a script answers it all the same.
        match timeout(Duration::from_millis(200), stream.read(&mut byte)).await {
            Ok(Ok(1)) => head.push(byte[0]),
            Err(_) if !head.is_empty() => break,
            Err(_) => {}
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

async fn hold(stream: &mut TcpStream) -> Option<()> {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer).await.ok()? > 0 {}
    Some(())
}

/// A port on which nobody listens.
pub(crate) async fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// A port that drops what comes: its queue is full, and nobody empties it. The kernel then drops further greetings, as a
/// firewall does, and nothing leaves this machine. It lasts as long as what is returned.
pub(crate) async fn blackhole() -> (SocketAddr, Vec<TcpStream>, TcpListener) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let at = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = timeout(Duration::from_millis(200), TcpStream::connect(at)).await {
        waiting.push(stream);
        assert!(waiting.len() < 32, "the queue has no end");
    }
    (at, waiting, listener)
}
