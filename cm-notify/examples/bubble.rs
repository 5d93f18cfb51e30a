//! Shows one incident on this desktop as it gets worse, waits for a button, and shows its end: three messages, one bubble.
//!
//! `cargo run -p cm-notify --example bubble`

use std::error::Error;
use std::time::Duration;

use cm_core::clock::{Clock as _, SystemClock};
use cm_core::health::SubjectKind;
use cm_core::incident::{End, Severity};
use cm_core::outbox::{Message, MessageId, News, Part, Topic, Voice};
use cm_core::text::HostText;
use cm_notify::carrier::{Context, deliver};
use cm_notify::channel::desktop::Desktop;

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(show())
}

#[expect(clippy::print_stdout, reason = "an example prints what it sees")]
async fn show() -> Result<(), Box<dyn Error>> {
    let (to, mut pressed) = tokio::sync::mpsc::channel(4);
    let desktop = Desktop::new("bubble", Some(to));
    let now = SystemClock.now().wall;
    let voice = Voice { now, local: &|_| "now".to_owned(), program: "cm-cli" };
    let context = Context { voice, links: None, limit: Duration::from_secs(10) };
    let news = |news, severity| -> Result<Message, Box<dyn Error>> {
        let incident = "abcdefghjk".parse()?;
        let part = Part {
            incident,
            rule: "service.failed".to_owned(),
            host: None,
            kind: SubjectKind::Service,
            name: "nginx".into(),
            news,
            severity,
            text: "nginx has failed <b>not bold</b>".into(),
            measure: None,
            usual: None,
            since: now,
            ended: None,
            lasted: Duration::ZERO,
            spells: 1,
            cause: HostText::default(),
            log: Vec::new(),
            next: "On this machine: systemctl status nginx".into(),
            runbook: String::new(),
        };
        Ok(Message {
            id: MessageId::of(&["bubble"], now.millis().unsigned_abs()),
            topic: Topic::News,
            thread: Some(incident),
            made: now,
            parts: vec![part],
            more: 0,
            may_repeat: false,
            from: "this machine".into(),
            audit: None,
        })
    };
    println!("{:?}", deliver(&desktop, &news(News::Fires, Severity::Warning)?, context).await);
    let worse = News::Worse { from: Severity::Warning };
    println!("{:?}", deliver(&desktop, &news(worse, Severity::Critical)?, context).await);
    match tokio::time::timeout(Duration::from_secs(30), pressed.recv()).await {
        Ok(Some(button)) => println!("{} {}", button.act.word(), button.incident),
        _ => println!("no button was pressed"),
    }
    let over = News::Over { how: End::Cleared };
    println!("{:?}", deliver(&desktop, &news(over, Severity::Critical)?, context).await);
    Ok(())
}
