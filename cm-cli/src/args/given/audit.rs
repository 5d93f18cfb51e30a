//! The commands of the audit log, from their arguments to requests.

use super::Given;
use crate::args::audit::AuditCommand;
use crate::args::past::FileArgs;
use crate::request::{Act, Audit, Between};

pub(super) fn act(act: AuditCommand, given: &mut Given) -> Act {
    let mut file = |file: FileArgs| {
        given.json |= file.json.json;
        file.database.database
    };
    let (database, what) = match act {
        AuditCommand::Show { between, file: args } => {
            (file(args), Audit::Show(Between { since: between.since, until: between.until }))
        }
        AuditCommand::Verify { key_file, head, file: args } => (file(args), Audit::Verify { key_file, heads: head }),
        AuditCommand::Key { database } => (database.database, Audit::Key),
    };
    Act::Audit { database, what }
}
