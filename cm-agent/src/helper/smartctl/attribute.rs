//! The attributes of ATA drives: what each maker keeps in which, and which way it counts.
//!
//! Their numbers mean different things to different makers, so an attribute counts by number and name together; smartctl's
//! database gives a name only to what is known of that family. Three names it gives to every drive that it does not know: they
//! count only for the makers to whom they belong.

use cm_model::unit::{Count, Percent};
use serde_json::Value;

use super::json::{list, number, text};

/// The attributes of one drive.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    table: &'a [Value],
    model: &'a str,
    /// Whether smartctl's database knows the family, and so what its attributes mean.
    known: bool,
    /// Bytes of a logical sector.
    sector: f64,
}

/// How an attribute tells wear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tells {
    /// The normalised value is what remains, from 100 down to 0.
    Remaining,
    /// The same, but the maker documents that it stops at 1: a 0 is no reading.
    RemainingToOne,
    /// The normalised value is what remains, and the raw value what is used, which goes on past 100.
    RemainingThenUsed,
    /// The raw value is what remains; the normalised one never moves.
    RawRemaining,
    /// The raw value is what is used.
    RawUsed,
    /// The raw value's lowest and third 16 bits are both what is used, in hundredths of a percent.
    RawHundredths,
}

/// Attributes that tell wear, the surest first: number, beginning of the name, direction.
const WEAR: &[(u64, &str, Tells)] = &[
    (202, "Percent_Lifetime_", Tells::RemainingThenUsed),
    (202, "Perc_Rated_Life_Used", Tells::RemainingThenUsed),
    (169, "Remaining_Lifetime_Perc", Tells::RawRemaining),
    (231, "SSD_Life_Left", Tells::Remaining),
    (231, "Lifetime_Left", Tells::Remaining),
    (231, "Percent_Lifetime_Remain", Tells::Remaining),
    (231, "Perc_Rated_Life_Remain", Tells::Remaining),
    (245, "SSD_Life_Left", Tells::Remaining),
    (245, "Percent_Life_Remaining", Tells::Remaining),
    (245, "Drive_Life_Remaining", Tells::Remaining),
    (248, "Remaining_Life", Tells::Remaining),
    (248, "Perc_Rated_Life_Remain", Tells::Remaining),
    (248, "PCT_Life_Remaining", Tells::Remaining),
    (248, "Lifetime_Remaining", Tells::Remaining),
    (201, "Lifetime_Remaining", Tells::Remaining),
    (201, "Percent_Lifetime_Remain", Tells::Remaining),
    (178, "SSD_Life", Tells::Remaining),
    (177, "Lifetime_Remaining", Tells::Remaining),
    (177, "DriveLife_Remaining", Tells::Remaining),
    (169, "Lifetime_Remaining", Tells::Remaining),
    (173, "Percent_Life_Used", Tells::RawUsed),
    (173, "Drive_Life_Used", Tells::RawUsed),
    (230, "Media_Wearout_Indicator", Tells::RawHundredths),
    (233, "Media_Wearout_Indicator", Tells::RemainingToOne),
    (177, "Wear_Leveling_Count", Tells::RemainingToOne),
    (173, "Avg_Block-Erase_Count", Tells::Remaining),
    (173, "Ave_Block-Erase_Count", Tells::Remaining),
    (202, "Unknown_SSD_Attribute", Tells::RemainingThenUsed),
];

/// The makers to whom an attribute belongs that smartctl names alike for every drive; `None`: its name is enough.
const fn makers(id: u64, name: &str) -> Option<&'static [&'static str]> {
    match (id, name.as_bytes()) {
        (177, b"Wear_Leveling_Count") => Some(&["samsung"]),
        (233, b"Media_Wearout_Indicator") => Some(&["intel", "solidigm"]),
        (202, b"Unknown_SSD_Attribute") => Some(&["micron", "crucial"]),
        _ => None,
    }
}

impl<'a> Attributes<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        let family = text(document, "model_family");
        Self {
            table: list(document, "ata_smart_attributes/table"),
            model: text(document, "model_name").unwrap_or_default(),
            known: family.is_some(),
            sector: number(document, "logical_block_size").filter(|size| *size >= 512.0).unwrap_or(512.0),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Whether there are attributes that only a disk that turns has.
    pub(super) fn turns(&self) -> bool {
        self.find(10, "Spin_Retry_Count").is_some() && self.find(7, "Seek_Error_Rate").is_some()
    }

    /// Rated life used.
    pub(super) fn wear(&self) -> Option<Percent> {
        let wear = WEAR.iter().find_map(|&(id, name, tells)| {
            let attribute = self.find(id, name)?;
            if let Some(makers) = makers(id, name)
                && !self.is_by(makers)
            {
                return None;
            }
            used(tells, number(attribute, "value")?, leading(attribute)?, raw(attribute)?)
        });
        wear.or_else(|| self.silicon_motion()).map(Percent::saturating)
    }

    /// Wear of the many drives under the controllers of one maker whose names smartctl does not know: their attributes 160 to
    /// 169 go by one plan. That it is this plan is believed if two figures in it agree: what remains (169), and the average count
    /// of erasures (167) beside the count that is rated (168).
    fn silicon_motion(&self) -> Option<f64> {
        let of = |id: u64| self.find(id, "").and_then(raw);
        if self.known || [160, 161, 163, 164, 165, 166].into_iter().any(|id| of(id).is_none()) {
            return None;
        }
        let (average, rated) = (of(167)? as f64, of(168)? as f64);
        let used = 100.0 - of(169).filter(|remains| *remains <= 100)? as f64;
        (rated >= 100.0 && (average / rated * 100.0 - used).abs() <= 3.0).then_some(used)
    }

    /// Whether smartctl's database knows the family.
    pub(super) const fn known(&self) -> bool {
        self.known
    }

    /// Spare blocks left and the limit below which the drive calls itself worn, where both are told in percent.
    pub(super) fn spare(&self) -> Option<(Percent, Option<Percent>)> {
        const SPARE: &[(u64, &str, &[&str])] = &[
            (232, "Available_Reservd_Space", &[]),
            (170, "Available_Reservd_Space", &[]),
            (170, "Reserved_Block_Pct", &[]),
            (179, "Used_Rsvd_Blk_Cnt_Tot", &["samsung"]),
        ];
        let attribute = SPARE.iter().find_map(|&(id, name, makers)| {
            let attribute = self.find(id, name)?;
            if makers.is_empty() { self.known } else { self.is_by(makers) }.then_some(attribute)
        })?;
        let value = number(attribute, "value").filter(|value| (0.0..=100.0).contains(value))?;
        let threshold = number(attribute, "thresh").and_then(|value| Percent::try_from(value).ok());
        Some((Percent::saturating(value), threshold))
    }

    /// Terabytes (10^12) written or read by the host; `verb` is `Writ` or `Read`.
    pub(super) fn moved_tb(&self, verb: &str) -> Option<f64> {
        const NUMBERS: [u64; 4] = [241, 242, 246, 225];
        // A drive that smartctl does not know may count in any unit under the usual name.
        if !self.known && !self.is_by(&["samsung"]) {
            return None;
        }
        NUMBERS.iter().find_map(|&id| {
            let attribute = self.table.iter().find(|attribute| number(attribute, "id") == Some(id as f64))?;
            let name = text(attribute, "name").filter(|name| name.contains(verb))?;
            let host = ["Host_", "Total_", "Lifetime_"].iter().any(|start| name.starts_with(start));
            let unit = match name.rsplit('_').next()? {
                _ if !host => return None,
                "32MiB" => 32.0 * 1_048_576.0,
                "MiB" => 1_048_576.0,
                "GiB" => 1_073_741_824.0,
                "GB" => 1e9,
                _ if name.starts_with("Total_LBAs_") => self.sector,
                _ => return None,
            };
            Some(raw(attribute)? as f64 * unit / 1e12)
        })
    }

    /// Times that power went away unannounced, where that is counted apart from parking the heads.
    pub(super) fn unsafe_shutdowns(&self) -> Option<Count> {
        let starts = [(174, "Unsafe_"), (174, "Unexp"), (192, "Unsafe_"), (192, "Unexp"), (235, "POR_Recovery_Count")];
        starts.iter().find_map(|&(id, name)| self.find(id, name)).and_then(leading).map(Count)
    }

    /// Hours under power, where smartctl made nothing of them.
    pub(super) fn hours(&self) -> Option<u64> {
        self.find(9, "Power_On_Hours").and_then(leading)
    }

    /// The count of the first of these attributes that is there.
    pub(super) fn count(&self, wanted: &[(u64, &str)]) -> Option<Count> {
        wanted.iter().find_map(|&(id, name)| self.find(id, name)).and_then(leading).map(Count)
    }

    fn find(&self, id: u64, name: &str) -> Option<&'a Value> {
        self.table.iter().find(|attribute| {
            number(attribute, "id") == Some(id as f64) && text(attribute, "name").is_some_and(|n| n.starts_with(name))
        })
    }

    fn is_by(&self, makers: &[&str]) -> bool {
        let model = self.model.to_ascii_lowercase();
        let is_crucial = || model.strip_prefix("ct").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        makers.iter().any(|maker| model.starts_with(maker) || (*maker == "crucial" && is_crucial()))
    }
}

fn used(tells: Tells, value: f64, leading: u64, raw: u64) -> Option<f64> {
    let percent = (0.0..=100.0).contains(&value);
    match tells {
        Tells::RemainingToOne => (percent && value > 0.0).then_some(100.0 - value),
        // 255 is where the byte behind it ends.
        Tells::RemainingThenUsed if value <= 1.0 && (99..=255).contains(&raw) => Some(raw as f64),
        Tells::Remaining | Tells::RemainingThenUsed => percent.then_some(100.0 - value),
        Tells::RawRemaining => (leading <= 100).then_some(100.0 - leading as f64),
        Tells::RawUsed => (leading <= 255).then_some(leading as f64),
        Tells::RawHundredths => (raw & 0xffff == raw >> 32).then_some((raw & 0xffff) as f64 / 100.0),
    }
}

/// The raw value as it is counted: the number at the beginning of smartctl's text, which leaves out what makers pack beside it.
fn leading(attribute: &Value) -> Option<u64> {
    let told = text(attribute, "raw/string")?;
    let digits = told.find(|c: char| !c.is_ascii_digit()).map_or(told, |end| &told[..end]);
    if digits.is_empty() || told.starts_with("0x") { raw(attribute) } else { digits.parse().ok() }
}

/// All 48 bits of it.
fn raw(attribute: &Value) -> Option<u64> {
    attribute.get("raw")?.get("value")?.as_u64()
}

#[cfg(test)]
mod tests;
