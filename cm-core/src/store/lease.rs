//! Who may write: a row that names the holder, and an epoch that outlives it.
//!
//! A lease runs out by the clock that counts from the machine's start, suspend included, and by which start that was;
//! the wall clock, which people and NTP set, has no say. Whoever takes it over raises the epoch, and every write under
//! an older one is refused. It does not know what is written.

use std::time::Duration;

use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::trouble::StoreError;
use super::writer::{Write, Writer};
use crate::clock::{BootTime, Now};

/// For how long a lease holds after it was last renewed. One that died is replaced within 10 s by who asks every 2 s.
pub const LENGTH: Duration = Duration::from_secs(8);

/// How often others ask for it. A holder renews once half of it has run out.
pub const RENEW_EVERY: Duration = Duration::from_secs(2);

/// Who wants to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// For people: the program and its process number.
    pub name: String,
    /// Which start of the machine this is (`/proc/sys/kernel/random/boot_id`): time since another start means nothing.
    pub boot: String,
}

/// What became of asking for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is ours, under this epoch.
    Ours {
        /// The epoch.
        epoch: i64,
    },
    /// Another holds it.
    Held {
        /// Who, in its own words.
        by: String,
        /// For how much longer at least.
        left: Duration,
    },
}

impl Writer {
    /// Takes the lease if nobody holds it, and renews it if we do. On the disk when it returns.
    pub fn claim(&mut self, holder: &Holder, now: Now) -> Result<Claim, StoreError> {
        self.site.stands()?;
        let word = self.site.sorted("claiming the lease");
        let tx = self.firm.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&word)?;
        let (epoch, by, boot, until): (i64, String, String, i64) = tx
            .query_row("SELECT epoch, holder, boot, until FROM lease", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .map_err(&word)?;
        let left = Duration::from_millis(u64::try_from(until - millis(now.boot)).unwrap_or(0)).min(LENGTH);
        let ours = self.epoch == Some(epoch);
        if !ours && boot == holder.boot && !left.is_zero() {
            return Ok(Claim::Held { by, left });
        }
        let epoch = if ours { epoch } else { epoch + 1 };
        tx.execute(
            "UPDATE lease SET epoch = ?1, holder = ?2, boot = ?3, until = ?4",
            params![epoch, holder.name, holder.boot, millis(now.boot.after(LENGTH))],
        )
        .map_err(&word)?;
        tx.commit().map_err(word)?;
        self.epoch = Some(epoch);
        Ok(Claim::Ours { epoch })
    }

    /// Holds on to the lease. It need not be on the disk: after a power cut the machine's start is another.
    pub fn renew(&mut self, now: Now) -> Result<(), StoreError> {
        self.write("renewing the lease", |write| {
            let until = millis(now.boot.after(LENGTH));
            write.run("UPDATE lease SET until = ?1", [until]).map(|_| ())
        })
    }

    /// Notes that this program wants the lease more than one that only records: it sends what there is to tell. Counts until
    /// the lease could have run out, and needs no lease.
    pub fn want(&mut self, holder: &Holder, now: Now) -> Result<(), StoreError> {
        self.site.stands()?;
        let word = self.site.sorted("asking for the lease");
        let until = millis(now.boot.after(LENGTH));
        let sql = "UPDATE lease SET wanted = ?1, wanted_boot = ?2";
        self.quick.execute(sql, params![until, holder.boot]).map_err(word)?;
        Ok(())
    }

    /// Whether another program wants the lease more than one that only records.
    pub fn is_wanted(&self, holder: &Holder, now: Now) -> Result<bool, StoreError> {
        let word = self.site.sorted("reading the lease");
        let sql = "SELECT wanted, wanted_boot FROM lease";
        let (until, boot): (i64, String) =
            self.quick.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(word)?;
        Ok(boot == holder.boot && until > millis(now.boot))
    }

    /// Gives the lease back, so that another need not wait. The epoch stays as it is.
    pub fn release(&mut self) -> Result<(), StoreError> {
        let clock = self.renews_by.take();
        let released =
            self.write("releasing the lease", |write| write.run("UPDATE lease SET until = 0", []).map(|_| ()));
        (self.epoch, self.renews_by) = (None, clock);
        released
    }

    /// Who holds the lease by the file, whether or not it has run out.
    pub fn holder(&self) -> Result<Option<String>, StoreError> {
        self.quick
            .query_row("SELECT holder FROM lease WHERE epoch > 0", [], |row| row.get(0))
            .optional()
            .map_err(self.site.sorted("reading the lease"))
    }
}

/// Renews the lease within a write if half of it has run out: a page more in the log only now and then.
pub(super) fn renew_late(write: &Write<'_>, now: Now) -> Result<(), StoreError> {
    let half = millis(now.boot.after(LENGTH / 2));
    write.run("UPDATE lease SET until = ?1 WHERE until < ?2", [millis(now.boot.after(LENGTH)), half]).map(|_| ())
}

pub(super) fn millis(boot: BootTime) -> i64 {
    i64::try_from(boot.since(BootTime::default()).as_millis()).unwrap_or(i64::MAX)
}
