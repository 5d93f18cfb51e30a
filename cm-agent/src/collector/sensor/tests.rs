use std::fs;
use std::path::Path;

use cm_model::clock::Now;

use super::*;
use crate::machine::container::Container;

/// A machine with these files, and what a collector tells of it: `name=value`, missing ones as `!what`.
struct Bench {
    made: tempfile::TempDir,
    sensors: Sensors,
}

impl Bench {
    fn new(include: &[&str], exclude: &[&str], files: &[(&str, &str)]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let choice = Choice { include: owned(include), exclude: owned(exclude) };
        let options = CollectOptions { sensors: choice, ..CollectOptions::default() };
        let bench = Self { made: tempfile::tempdir().unwrap(), sensors: Sensors::new(&options) };
        bench.put(files);
        bench
    }

    fn put(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = self.made.path().join("sys/class").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn remove(&self, path: &str) {
        let path = self.made.path().join("sys/class").join(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    fn look(&mut self) -> Vec<String> {
        self.look_from(None)
    }

    fn look_from(&mut self, container: Option<Container>) -> Vec<String> {
        let machine = Machine::in_a_box(self.made.path()).unwrap();
        let mut draft = Draft::default();
        let _ = self.sensors.collect(&Look::new(&machine, Now::default(), container), &mut draft);
        let value = |sensor: &Sensor| {
            let numbers = [
                sensor.fan_rpm.map(|v| v.get() as f64),
                sensor.temperature_c.map(Celsius::get),
                sensor.voltage_v.map(Volts::get),
                sensor.current_a.map(Amperes::get),
                sensor.power_w.map(Watts::get),
            ];
            let words = numbers.into_iter().flatten().map(|number| number.to_string());
            let flags = [sensor.alarm, sensor.online].into_iter().flatten().map(|flag| flag.to_string());
            format!("{}={}", sensor.name.raw(), words.chain(flags).collect::<Vec<_>>().join(","))
        };
        let missing = draft.service.missing.iter().map(|missing| format!("!{}", missing.what.raw()));
        draft.service.sensors.iter().map(value).chain(missing).collect()
    }
}

const BOARD: &[(&str, &str)] = &[
    ("hwmon/hwmon0/name", "nct6775"),
    ("hwmon/hwmon0/fan1_input", "0"),
    ("hwmon/hwmon0/fan2_input", "900"),
    ("hwmon/hwmon0/in0_input", "1008"),
    ("hwmon/hwmon0/in1_input", "12000"),
    ("hwmon/hwmon0/in1_label", "+12V"),
];

#[test]
fn a_fan_is_told_once_it_turned_and_then_even_when_it_stands() {
    let mut bench = Bench::new(&[], &["*V"], BOARD);
    assert_eq!(bench.look(), ["nct6775 fan2=900"]);
    bench.put(&[("hwmon/hwmon0/fan1_input", "300"), ("hwmon/hwmon0/fan2_input", "0")]);
    assert_eq!(bench.look(), ["nct6775 fan1=300", "nct6775 fan2=0"]);
    bench.put(&[("hwmon/hwmon0/fan1_input", "0")]);
    assert_eq!(bench.look(), ["nct6775 fan1=0", "nct6775 fan2=0"]);
}

#[test]
fn a_voltage_is_told_where_its_driver_or_the_owner_knows_it() {
    assert_eq!(Bench::new(&[], &[], BOARD).look(), ["nct6775 fan2=900", "nct6775 +12V=12"]);
    assert_eq!(Bench::new(&["nct6775 in?", "*V"], &["*V"], BOARD).look(), ["nct6775 in0=1.008"]);
    assert_eq!(Bench::new(&[], &["*"], BOARD).look(), [""; 0]);
}

#[test]
fn what_vanishes_between_looks_is_left_out_and_what_is_new_is_found_in_time() {
    let mut bench = Bench::new(&[], &[], &[("hwmon/hwmon0/name", "a"), ("hwmon/hwmon0/temp1_input", "41000")]);
    bench.put(&[("hwmon/hwmon1/name", "b"), ("hwmon/hwmon1/temp1_input", "42000")]);
    assert_eq!(bench.look(), ["a temp1=41", "b temp1=42"]);
    bench.remove("hwmon/hwmon0");
    bench.put(&[("hwmon/hwmon2/name", "c"), ("hwmon/hwmon2/temp1_input", "43000")]);
    assert_eq!(bench.look(), ["b temp1=42"]);
    let later = (0..40).map(|_| bench.look()).find(|told| told.len() == 2);
    assert_eq!(later.unwrap(), ["b temp1=42", "c temp1=43"]);
}

#[test]
fn absurd_temperatures_are_no_temperatures() {
    for (text, told) in [
        ("41000", true),
        ("-5000", true),
        ("0", false),
        ("127000", false),
        ("127500", false),
        ("128000", false),
        ("-128000", false),
        ("255000", false),
        ("65261850", false),
        ("", false),
        ("warm", false),
    ] {
        let mut bench = Bench::new(&[], &[], &[("hwmon/hwmon0/name", "a"), ("hwmon/hwmon0/temp1_input", text)]);
        assert_eq!(!bench.look().is_empty(), told, "{text}");
    }
}

#[test]
fn a_diode_that_is_not_connected_reads_nothing_and_a_fan_at_fault_gives_alarm() {
    let files = |fault| {
        [
            ("hwmon/hwmon0/name", "lm90"),
            ("hwmon/hwmon0/temp2_input", "61000"),
            ("hwmon/hwmon0/temp2_fault", fault),
            ("hwmon/hwmon0/fan1_input", "700"),
            ("hwmon/hwmon0/fan1_fault", fault),
        ]
    };
    assert_eq!(Bench::new(&[], &[], &files("0")).look(), ["lm90 temp2=61", "lm90 fan1=700,false"]);
    assert_eq!(Bench::new(&[], &[], &files("1")).look(), ["lm90 fan1=700,true"]);
}

#[test]
fn a_container_leaves_sensors_to_the_machine_around_it() {
    let mut bench = Bench::new(&[], &[], BOARD);
    assert_eq!(bench.look_from(Some(Container::V2)), [""; 0]);
}

#[test]
fn what_other_subjects_tell_is_not_told_twice() {
    let files: Vec<(String, &str)> = ["coretemp", "k10temp", "nvme", "drivetemp", "BAT0", "amdgpu"]
        .iter()
        .enumerate()
        .flat_map(|(at, name)| {
            let file = |file: &str| format!("hwmon/hwmon{at}/{file}");
            [(file("name"), *name), (file("temp1_input"), "40000"), (file("fan1_input"), "700")]
        })
        .collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (&**path, *text)).collect();
    let mut bench = Bench::new(&[], &[], &files);
    bench.put(&[("power_supply/BAT0/uevent", "POWER_SUPPLY_TYPE=Battery\nPOWER_SUPPLY_TEMP=310\n")]);
    bench.put(&[("thermal/thermal_zone0/type", "cpu-thermal"), ("thermal/thermal_zone0/temp", "50000")]);
    bench.put(&[("thermal/thermal_zone1/type", "gpu-thermal"), ("thermal/thermal_zone1/temp", "51000")]);
    assert_eq!(bench.look(), ["amdgpu fan1=700", "gpu-thermal=51", "BAT0=31"]);
}

#[test]
fn readings_are_bounded() {
    let files: Vec<String> = (1..=400).map(|at| format!("hwmon/hwmon0/temp{at}_input")).collect();
    let mut bench = Bench::new(&[], &[], &[("hwmon/hwmon0/name", "a")]);
    for file in &files {
        bench.put(&[(file, "40000")]);
    }
    assert_eq!(bench.look().len(), MOST);
}

#[test]
fn a_counter_that_may_not_be_read_is_missing_with_the_reason() {
    let mut bench = Bench::new(&[], &[], &[("powercap/intel-rapl:0/name", "package-0")]);
    assert_eq!(bench.look(), [""; 0], "a counter that is not there is nobody's loss");
    fs::create_dir(bench.made.path().join(Path::new("sys/class/powercap/intel-rapl:0/energy_uj"))).unwrap();
    assert_eq!(bench.look(), ["!sensor power"]);
}
