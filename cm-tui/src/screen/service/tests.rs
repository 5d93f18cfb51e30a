use std::sync::Arc;

use cm_core::host::HostId;
use cm_core::report::service::ServiceStatus;
use cm_core::report::{Api, Report};

use crate::snapshots::{SIZES, Stage, check, sick};

/// srv01 with its first service failed, and the cursor on it.
fn failed(size: (u16, u16)) -> Stage {
    let demo = sick();
    let mut stage = Stage::demo(&demo, 12, size);
    let host = HostId::new("srv01").unwrap();
    let Report::Service(mut report) = demo.report(&host, Api::Service, stage.now().wall).unwrap() else { panic!() };
    let service = &mut Arc::make_mut(&mut report).services[0];
    service.status = ServiceStatus::Failed;
    service.log = (1..=30)
        .map(|n| {
            let told = if n % 7 == 0 { "panic: cannot open the database at /var/lib/state.db: permission denied; is another instance running, or was the file restored as root?" } else { "level=info msg=\"listening\"" };
            format!("Dec 17 20:33:{n:02} {told}").into()
        })
        .collect();
    stage.observe(&host, Api::Service, Ok(Report::Service(report)));
    stage.press("enter 5 enter");
    stage
}

#[test]
fn a_service_at_every_size() {
    for size in SIZES {
        let mut stage = Stage::demo(&sick(), 12, size);
        stage.press("enter 5 enter");
        check(&format!("service-{}", size.0), &stage.text());
        check(&format!("service-failed-{}", size.0), &failed(size).text());
    }
}

#[test]
fn the_last_lines_of_a_journal_are_wrapped_scrolled_and_copied_whole() {
    let mut stage = failed((60, 15));
    stage.press("G");
    check("service-failed-end", &stage.text());
    stage.press("y");
    let effects = stage.effects();
    let Some(crate::update::Effect::Copy(text)) = effects.first() else { panic!("{effects:?}") };
    assert!(
        text.contains("permission denied; is another instance running, or was the file restored as root?\n"),
        "{text}"
    );
}
