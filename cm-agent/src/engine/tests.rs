//! A made-up engine at a socket in a folder, and what is asked of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use super::*;

/// Answers by path; 404 for all others. Notes what was asked.
struct Engine {
    folder: tempfile::TempDir,
    answers: Arc<Mutex<BTreeMap<String, String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

const LIST: &str = "/containers/json?all=true";

fn id(number: u8) -> String {
    format!("{number:064x}")
}

fn inspect(number: u8) -> String {
    format!("/containers/{}/json", id(number))
}

impl Engine {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let engine = Self { folder, answers: Arc::default(), asked: Arc::default() };
        let (answers, asked) = (Arc::clone(&engine.answers), Arc::clone(&engine.asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap();
                let path = request.strip_prefix("GET ").unwrap().split(' ').next().unwrap().to_owned();
                let answer = answers.lock().unwrap().get(&path).cloned();
                asked.lock().unwrap().push(path);
                let answer = answer.unwrap_or_else(|| "HTTP/1.1 404 Not Found\r\n\r\n{}".to_owned());
                if answer == "silence" {
                    std::future::pending::<()>().await;
                }
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        engine
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    fn answer(&self, path: &str, body: &str) {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        self.raw(path, &answer);
    }

    fn raw(&self, path: &str, answer: &str) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer.to_owned());
    }

    fn list(&self, containers: &[(u8, &str)]) {
        let entry = |(number, state): &(u8, &str)| {
            format!(
                "{{\"Id\":\"{}\",\"Names\":[\"/c{number}\"],\"Image\":\"nginx\",\"State\":\"{state}\"}}",
                id(*number)
            )
        };
        let entries: Vec<_> = containers.iter().map(entry).collect();
        self.answer(LIST, &format!("[{}]", entries.join(",")));
    }

    async fn ask(&self, memory: &mut Memory, after: u64, changed: &[Id]) -> Result<Told, Failure> {
        let now = MonoTime::from_start(Duration::from_secs(after));
        let socket = self.socket();
        let admits = |name: &str, _: &str| name != "hidden";
        Question { socket: &socket, admits: &admits, now, changed }.ask(memory).await
    }

    /// What was asked since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

#[tokio::test]
async fn details_are_asked_once_and_again_when_something_changed_or_they_are_old() {
    let engine = Engine::start();
    engine.list(&[(1, "running"), (2, "running")]);
    engine.answer(&inspect(1), "{\"State\":{\"Pid\":7},\"RestartCount\":4}");
    engine.answer(&inspect(2), "{\"State\":{\"Pid\":8}}");
    let mut memory = Memory::default();
    let told = engine.ask(&mut memory, 0, &[]).await.unwrap();
    assert_eq!(engine.asked(), [LIST.to_owned(), inspect(1), inspect(2)]);
    let first = told.containers[0].detail.as_ref().unwrap();
    assert_eq!((told.kind, first.pid, first.restarts), (Kind::Docker, Some(7), Some(4)));
    assert_eq!(engine.ask(&mut memory, 5, &[]).await.unwrap(), told);
    assert_eq!(engine.asked(), [LIST]);
    engine.list(&[(1, "running"), (2, "exited")]);
    engine.ask(&mut memory, 10, &[]).await.unwrap();
    assert_eq!(engine.asked(), [LIST.to_owned(), inspect(2)]);
    engine.ask(&mut memory, 15, &[Id::parse(&id(1)).unwrap()]).await.unwrap();
    assert_eq!(engine.asked(), [LIST.to_owned(), inspect(1)]);
    engine.ask(&mut memory, 71, &[]).await.unwrap();
    assert_eq!(engine.asked(), [LIST.to_owned(), inspect(2)], "asked at 10; the other one at 15");
    engine.list(&[(2, "exited")]);
    engine.ask(&mut memory, 80, &[]).await.unwrap();
    assert_eq!(memory.details.len(), 1, "a container that is removed is forgotten");
}

#[tokio::test]
async fn one_that_vanishes_in_between_and_one_that_does_not_read_are_told_by_the_list() {
    let engine = Engine::start();
    engine.list(&[(1, "running"), (2, "running"), (3, "running")]);
    engine.answer(&inspect(2), "no JSON");
    engine.answer(&inspect(3), "{}");
    let told = engine.ask(&mut Memory::default(), 0, &[]).await.unwrap();
    let details: Vec<_> = told.containers.iter().map(|one| (one.listed.name.as_str(), one.detail.is_some())).collect();
    assert_eq!(details, [("c1", false), ("c2", false), ("c3", true)]);
}

#[tokio::test]
async fn what_is_no_id_reaches_no_url_and_what_is_not_wanted_is_not_asked_about() {
    let engine = Engine::start();
    let hostile = ["../../images/json", "x\\r\\nDELETE /", "\\u0000", ""].map(|id| format!("{{\"Id\":\"{id}\"}}"));
    let hidden = format!("{{\"Id\":\"{}\",\"Names\":[\"/hidden\"]}}", id(1));
    engine.answer(LIST, &format!("[{},{hidden}]", hostile.join(",")));
    let told = engine.ask(&mut Memory::default(), 0, &[]).await.unwrap();
    assert_eq!((told.containers, engine.asked()), (Vec::new(), vec![LIST.to_owned()]));
}

#[tokio::test]
async fn more_containers_than_are_told_are_counted() {
    let engine = Engine::start();
    let entry = |number: usize| format!("{{\"Id\":\"{number:064x}\",\"State\":\"exited\"}}");
    let entries: Vec<_> = (0..MOST + 3).map(entry).collect();
    engine.answer(LIST, &format!("[{}]", entries.join(",")));
    let told = engine.ask(&mut Memory::default(), 0, &[]).await.unwrap();
    assert_eq!((told.containers.len(), told.left_out), (MOST, 3));
}

#[tokio::test(start_paused = true)]
async fn every_failure_says_where_and_why() {
    let engine = Engine::start();
    let large = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(http::MOST_BYTES));
    for (answer, expected) in [
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "is answered with status 403"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "is no HTTP: the head does not read"),
        ("HTTP/1.1 200 OK\r\n\r\n{\"message\":\"no\"}", "does not read as one of Docker's: invalid type: map"),
        (&large, "is larger than 4194304 bytes"),
        ("silence", "no answer to /containers/json?all=true within 10s"),
    ] {
        engine.raw(LIST, answer);
        let failure = engine.ask(&mut Memory::default(), 0, &[]).await.unwrap_err().to_string();
        assert!(failure.contains(expected) && failure.contains("engine.sock: "), "{failure}");
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("nobody");
    drop(UnixListener::bind(&socket).unwrap());
    let admits = |_: &str, _: &str| true;
    let question = Question { socket: &socket, admits: &admits, now: MonoTime::default(), changed: &[] };
    let failure = question.ask(&mut Memory::default()).await.unwrap_err();
    let Failure::Unreachable { source, .. } = failure else { panic!("{failure}") };
    assert_eq!(source.kind(), io::ErrorKind::ConnectionRefused);
}
