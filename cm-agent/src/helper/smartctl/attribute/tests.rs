use cm_model::unit::Percent;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A drive of this model and family (none: smartctl does not know it) with one attribute `id name value raw`.
fn drive(model: &str, family: Option<&str>, attribute: &str) -> Value {
    let [id, name, value, raw] = attribute.split(' ').collect::<Vec<_>>()[..] else { panic!("{attribute}") };
    let (bits, told) = match raw.strip_prefix("0x") {
        Some(hex) => (u64::from_str_radix(hex, 16).unwrap(), raw.to_owned()),
        None => (raw.parse().unwrap(), raw.to_owned()),
    };
    let mut document = json!({
        "model_name": model,
        "logical_block_size": 512,
        "ata_smart_attributes": { "table": [{
            "id": id.parse::<u64>().unwrap(), "name": name, "value": value.parse::<u64>().unwrap(), "thresh": 10,
            "raw": { "value": bits, "string": told },
        }] },
    });
    if let Some(family) = family {
        document["model_family"] = json!(family);
    }
    document
}

#[test]
fn wear_is_read_the_way_its_maker_counts() {
    let (intel, samsung, other) = ("INTEL SSDSC2BB016T4", "Samsung SSD 860 EVO", "SSD 1TB");
    for (model, family, attribute, expected) in [
        (intel, Some("Intel"), "233 Media_Wearout_Indicator 15 0", Some(85.0)),
        (intel, Some("Intel"), "233 Media_Wearout_Indicator 1 0", Some(99.0)),
        (intel, Some("Intel"), "233 Media_Wearout_Indicator 0 0", None),
        (other, None, "233 Media_Wearout_Indicator 100 0", None),
        (samsung, Some("Samsung"), "177 Wear_Leveling_Count 81 278", Some(19.0)),
        ("SAMSUNG MZ7L3480HCHQ", None, "177 Wear_Leveling_Count 98 129", Some(2.0)),
        ("X SSD 850 PRO 128GB", None, "177 Wear_Leveling_Count 99 5", None),
        ("TS32GMTS400", Some("Silicon Motion"), "177 Wear_Leveling_Count 100 401", None),
        ("TS32GMTS400", Some("Silicon Motion"), "169 Remaining_Lifetime_Perc 100 96", Some(4.0)),
        (other, None, "169 Unknown_Attribute 100 100", None),
        ("CT500MX500SSD1", Some("Crucial"), "202 Percent_Lifetime_Remain 87 13", Some(13.0)),
        ("CT500MX500SSD1", Some("Crucial"), "202 Percent_Lifetime_Remain 0 132", Some(132.0)),
        ("Micron_5300", None, "202 Unknown_SSD_Attribute 96 4", Some(4.0)),
        ("SAMSUNG MZ7L3480HCHQ", None, "202 Unknown_SSD_Attribute 100 0", None),
        ("SAMSUNG MZ7WD240", Some("Samsung"), "202 Exception_Mode_Status 100 0", None),
        ("KINGSTON SA400", Some("Phison"), "231 SSD_Life_Left 95 95", Some(5.0)),
        ("KINGSTON SA400", Some("Phison"), "231 SSD_Life_Left 93 7", Some(7.0)),
        ("WDC WDS500G2B0A", Some("WD Blue"), "230 Media_Wearout_Indicator 3 0x016a0014016a", Some(3.62)),
        ("WDC WDS500G2B0A", Some("WD Blue"), "230 Media_Wearout_Indicator 100 0x2f2423142f24", Some(120.68)),
        ("WDC WDS500G2B0A", Some("WD Blue"), "230 Media_Wearout_Indicator 100 100", None),
        ("SanDisk", Some("SanDisk"), "173 Percent_Life_Used 100 17", Some(17.0)),
        ("WDC WD40EFRX", Some("WD Red"), "202 Data_Address_Mark_Errs 100 0", None),
    ] {
        let document = drive(model, family, attribute);
        let wear = Attributes::of(&document).wear().map(Percent::get);
        assert_eq!(wear, expected, "{model}: {attribute}");
    }
}

#[test]
fn a_drive_of_no_name_is_read_by_the_plan_of_its_controller_where_two_figures_agree() {
    for (remains, average, rated, known, expected) in [
        (96, 132, 3000, false, Some(4.0)),
        (100, 2, 5050, false, Some(0.0)),
        (100, 1500, 3000, false, None),
        (96, 132, 0, false, None),
        (250, 132, 3000, false, None),
        (96, 132, 3000, true, None),
    ] {
        let attribute =
            |id: u64, raw: u64| json!({ "id": id, "name": "Unknown_Attribute", "value": 100, "raw": { "value": raw } });
        let plain = [160, 161, 163, 164, 165, 166].map(|id| attribute(id, 1));
        let told = [attribute(167, average), attribute(168, rated), attribute(169, remains)];
        let table: Vec<_> = plain.into_iter().chain(told).collect();
        let mut document = json!({ "model_name": "P3-2TB", "ata_smart_attributes": { "table": table } });
        if known {
            document["model_family"] = json!("Some");
        }
        let wear = Attributes::of(&document).wear().map(Percent::get);
        assert_eq!(wear, expected, "{remains} % left, {average} of {rated}");
    }
}

#[test]
fn data_is_counted_in_the_unit_of_its_name() {
    for (family, attribute, expected) in [
        (Some("x"), "241 Host_Writes_32MiB 100 30245", Some(1.014_854)),
        (Some("x"), "241 Total_LBAs_Written 100 64777770148", Some(33.166_218)),
        (Some("x"), "246 Total_LBAs_Written 100 10945093682", Some(5.603_888)),
        (Some("x"), "241 Lifetime_Writes_GiB 100 1000", Some(1.073_742)),
        (Some("x"), "241 Total_Writes_GB 100 1000", Some(1.0)),
        (Some("x"), "241 Write_Throttling 100 1000", None),
        (Some("x"), "243 NAND_Writes_32MiB 100 1000", None),
        (None, "241 Total_LBAs_Written 100 37763", None),
    ] {
        let document = drive("SSD", family, attribute);
        let moved = Attributes::of(&document).moved_tb("Writ").map(|tb| (tb * 1e6).round() / 1e6);
        assert_eq!(moved, expected, "{attribute}");
        assert_eq!(Attributes::of(&document).moved_tb("Read"), None, "{attribute}");
    }
}

#[test]
fn what_makers_pack_beside_a_count_is_left_out() {
    for (told, bits, expected) in [
        ("2725 (151 234 0)", 167_031_278_144_165_u64, 2725),
        ("46922h+54m+18.974s", 13_997_186_748_561_226, 46922),
        ("0x000000000102", 258, 258),
        ("0 (0 5)", 327_680, 0),
    ] {
        let attribute = json!({ "raw": { "string": told, "value": bits } });
        assert_eq!(leading(&attribute), Some(expected), "{told}");
    }
}

proptest! {
    #[test]
    fn wear_is_a_percentage_of_a_byte_or_nothing(value in 0_u8.., raw: u64, which in 0..WEAR.len()) {
        let (_, _, tells) = WEAR[which];
        if let Some(used) = used(tells, f64::from(value), raw, raw) {
            prop_assert!((0.0..=656.0).contains(&used), "{tells:?}: {used}");
        }
    }
}
