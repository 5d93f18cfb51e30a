//! Looks at an engine that answers when it is told to.

use cm_model::clock::Now;
use cm_model::report::service::{ServiceKind, ServiceStatus};
use cm_model::unit::Mebibytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::*;

const ID: &str = "1036f30282449ce286e96dba43799a22fa6d9afc4e803357dd1b72b5bc23dc21";

struct Scene {
    folder: tempfile::TempDir,
    listener: UnixListener,
    containers: Containers,
    machine: Machine,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let same = folder.path().join("same.sock");
        std::os::unix::fs::symlink(&socket, &same).unwrap();
        let containers = Options { sockets: Some(vec![socket, same]), choice: Choice::default() };
        let options = CollectOptions { containers, ..CollectOptions::default() };
        let containers = Containers { groups: || 0, ..Containers::new(&options) };
        Self { folder, listener, containers, machine: Machine::itself() }
    }

    fn look(&mut self, after: u64) -> Draft {
        let mut draft = Draft::default();
        let look = Look::new(&self.machine, Now::default().after(Duration::from_secs(after)), None);
        self.containers.collect(&look, &mut draft).unwrap();
        draft
    }

    /// Takes the next question; its path and where to answer.
    async fn asked(&self) -> (String, UnixStream) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        (String::from_utf8(request).unwrap().split(' ').nth(1).unwrap().to_owned(), stream)
    }

    async fn answer(&self, expected: &str, body: &str) {
        let (path, mut stream) = self.asked().await;
        assert!(path.starts_with(expected), "{path}");
        let answer =
            format!("HTTP/1.1 200 OK\r\nLibpod-Api-Version: 4.3.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    }

    /// Lets what was answered arrive.
    async fn settle(&self) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}

fn missing(draft: &Draft) -> Vec<&str> {
    draft.service.missing.iter().map(|missing| missing.why.raw()).collect()
}

fn names(draft: &Draft) -> Vec<&str> {
    draft.service.services.iter().map(|service| service.name.raw()).collect()
}

#[tokio::test]
async fn a_look_waits_for_nothing_and_a_later_one_tells() {
    let mut scene = Scene::new();
    let draft = scene.look(0);
    assert!(missing(&draft)[0].ends_with("engine.sock: asked, and not answered yet"), "{draft:?}");
    assert_eq!(scene.containers.seats.len(), 1, "one socket under two names is one engine");
    let entry = format!("[{{\"Id\":\"{ID}\",\"Names\":[\"/web\"],\"Image\":\"nginx:1\",\"State\":\"running\"}}]");
    scene.answer("/containers/json", &entry).await;
    // This process is no container's: its control group does not bear the id, and so gives no figures.
    let detail = format!(
        "{{\"State\":{{\"Pid\":{}}},\"RestartCount\":2,\"HostConfig\":{{\"Memory\":67108864}}}}",
        std::process::id()
    );
    scene.answer(&format!("/containers/{ID}/json"), &detail).await;
    scene.settle().await;
    let draft = scene.look(2);
    let service = &draft.service.services[0];
    assert_eq!(
        (service.name.raw(), service.kind, service.status),
        ("web", Some(ServiceKind::Podman), ServiceStatus::Running)
    );
    assert_eq!(service.memory_quota_mb.map(Mebibytes::get), Some(64.0));
    assert_eq!((service.memory_used_mb, service.cpu_percent), (None, None));
    assert_eq!(missing(&draft), [""; 0]);
}

#[tokio::test]
async fn a_container_that_is_removed_goes() {
    let mut scene = Scene::new();
    scene.look(0);
    scene.answer("/containers/json", &format!("[{{\"Id\":\"{ID}\",\"Names\":[\"/web\"],\"State\":\"exited\"}}]")).await;
    scene.answer("/containers/1036", "{\"State\":{\"ExitCode\":1}}").await;
    scene.settle().await;
    let draft = scene.look(2);
    assert_eq!((names(&draft), draft.service.services[0].status), (vec!["web"], ServiceStatus::Failed));
    // A Podman with containers is asked again after a minute.
    assert_eq!(names(&scene.look(59)), ["web"]);
    assert_eq!(names(&scene.look(61)), ["web"]);
    scene.answer("/containers/json", "[]").await;
    scene.settle().await;
    assert_eq!(names(&scene.look(63)), [""; 0]);
}

#[tokio::test]
async fn the_last_answer_of_an_engine_that_fails_stands_for_half_a_minute() {
    let mut scene = Scene::new();
    scene.look(0);
    scene
        .answer("/containers/json", &format!("[{{\"Id\":\"{ID}\",\"Names\":[\"/web\"],\"State\":\"created\"}}]"))
        .await;
    scene.answer("/containers/1036", "{}").await;
    scene.settle().await;
    assert_eq!(names(&scene.look(60)), ["web"]);
    let (_, stream) = scene.asked().await;
    drop(stream);
    scene.settle().await;
    let draft = scene.look(61);
    assert_eq!(names(&draft), ["web"]);
    assert!(missing(&draft)[0].contains("is no HTTP"), "{draft:?}");
    assert_eq!(names(&scene.look(90)), ["web"]);
    let draft = scene.look(91);
    assert_eq!((names(&draft), missing(&draft).len()), (vec![], 1));
    let (_, stream) = scene.asked().await;
    drop(stream);
    scene.settle().await;
    scene.look(110);
    scene
        .answer("/containers/json", &format!("[{{\"Id\":\"{ID}\",\"Names\":[\"/web\"],\"State\":\"created\"}}]"))
        .await;
    scene.answer("/containers/1036", "{}").await;
    scene.settle().await;
    let draft = scene.look(112);
    assert_eq!((names(&draft), missing(&draft).len()), (vec!["web"], 0));
}

#[tokio::test]
async fn a_socket_that_was_named_and_is_not_there_is_told() {
    let mut scene = Scene::new();
    std::fs::remove_file(scene.folder.path().join("engine.sock")).unwrap();
    let draft = scene.look(0);
    assert!(missing(&draft).iter().all(|why| why.contains("correct `sockets` of [containers]")), "{draft:?}");
    assert_eq!(missing(&draft).len(), 2);
}

#[test]
fn without_a_runtime_nothing_is_asked_and_that_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut scene = runtime.block_on(async { Scene::new() });
    scene.containers.runtime = None;
    assert_eq!(missing(&scene.look(0)), ["this program gives the agent no runtime to ask the engines on"]);
}

#[test]
fn a_socket_that_may_not_be_used_is_told_with_the_group_and_what_it_means() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    std::fs::write(&socket, "").unwrap();
    let source = io::Error::from(io::ErrorKind::PermissionDenied);
    let told = explain(&Failure::Unreachable { socket: socket.clone(), source });
    let group = owner(&socket).unwrap();
    assert!(told.contains(&format!("the group {group} ")) && told.contains("can become root"), "{told}");
}
