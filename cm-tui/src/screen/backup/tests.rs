use std::sync::Arc;

use cm_core::host::HostId;
use cm_core::report::backup::BackupReport;
use cm_core::report::{Api, Report};

use crate::snapshots::{SIZES, Stage, check, sick, start};

#[test]
fn a_backup_at_every_size() {
    for size in SIZES {
        let mut stage = Stage::demo(&sick(), 12, size);
        stage.press("enter 6 enter");
        check(&format!("backup-{}", size.0), &stage.text());
    }
}

#[test]
fn a_late_backup_and_one_of_which_nothing_is_told() {
    let mut stage = Stage::demo(&sick(), 2, (80, 24));
    stage.press("/ s i m o n enter enter 7 enter");
    let late = stage.text();
    assert!(late.contains("overdue for"), "{late}");
    let report = BackupReport { timestamp: start(), ..BackupReport::default() };
    stage.observe(&HostId::new("simonbox").unwrap(), Api::Backup, Ok(Report::Backup(Arc::new(report))));
    check("backup-untold", &stage.text());
}
