use super::*;

#[test]
fn numbers_print_as_people_read_them() {
    for (unit, value, expected) in [
        (Unit::Percent, 4.0, "4 %"),
        (Unit::Percent, 0.3, "0.3 %"),
        (Unit::Percent, 0.01, "<0.1 %"),
        (Unit::Percent, 1234.0, "1,234 %"),
        (Unit::Celsius, 56.4, "56 °C"),
        (Unit::Bytes, 0.0, "0 B"),
        (Unit::Bytes, 1023.0, "1 KiB"),
        (Unit::Bytes, 2.4 * 1_073_741_824.0, "2.4 GiB"),
        (Unit::Bytes, 1e30, "8.7e11 EiB"),
        (Unit::DecimalBytes, 11.2e12, "11.2 TB"),
        (Unit::Hours, 11_419.0, "11,419 h"),
        (Unit::Seconds, 2_732.0, "45m 32s"),
        (Unit::Seconds, 3_542_400.0, "41d"),
        (Unit::Load, 0.42, "0.42"),
        (Unit::Megahertz, 1800.0, "1.8 GHz"),
        (Unit::Flag, 1.0, "yes"),
    ] {
        let printed = unit.print(value);
        assert_eq!(printed, expected, "{unit:?} {value}");
        assert!(printed.chars().count() <= 16, "{printed} is too long for a cell");
    }
}

#[test]
fn a_number_may_come_as_integer_or_float_and_goes_out_as_short_as_it_can() {
    let read = |text| serde_json::from_str::<Celsius>(text).map_err(|e| e.to_string());
    assert_eq!(read("56").unwrap(), read("56.0").unwrap());
    assert_eq!(serde_json::to_string(&read("56.0").unwrap()).unwrap(), "56");
    assert_eq!(serde_json::to_string(&read("56.5").unwrap()).unwrap(), "56.5");
    assert!(read("\"56\"").unwrap_err().contains("temperature in °C"));
    assert!(read("1e300").unwrap_err().contains("from -273.15 to 1000"));
}

#[test]
fn counters_wider_than_64_bits_stand_at_the_top_and_negative_ones_are_refused() {
    let read = |text| serde_json::from_str::<Count>(text).map_err(|e| e.to_string());
    assert_eq!(read("340282366920938463463374607431768211455").unwrap(), Count(u64::MAX));
    assert_eq!(read("7.0").unwrap(), Count(7));
    assert!(read("-1").unwrap_err().contains("below 0"));
}
