//! Numbers as people read them: two or three digits that matter, and a unit.

/// Bytes in steps of 1024: `0 B`, `512 KiB`, `2.4 GiB`.
pub fn binary(bytes: f64) -> String {
    scaled(bytes, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"])
}

/// Bytes in steps of 1000, as drive makers count: `980 GB`, `11.2 TB`.
pub fn decimal(bytes: f64) -> String {
    scaled(bytes, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB", "EB"])
}

fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    let mut value = value;
    let mut rank = 0;
    // 999.5 rounds to four digits: it belongs to the next unit already.
    while value >= 999.5 && rank + 1 < units.len() {
        value /= step;
        rank += 1;
    }
    let digits = if value >= 99_999.5 {
        format!("{value:.1e}")
    } else if rank == 0 {
        format!("{value:.0}")
    } else {
        short(value)
    };
    format!("{digits} {}", units[rank])
}

/// Two or three digits that matter: `0.05`, `1.5`, `42`, `1,234`. What is tiny but not nothing keeps its first digit.
pub fn short(value: f64) -> String {
    let size = value.abs();
    let text = if size >= 99.95 {
        return grouped(value);
    } else if size >= 9.95 {
        format!("{value:.1}")
    } else if size >= 0.005 || size == 0.0 {
        format!("{value:.2}")
    } else {
        return "<0.01".to_owned();
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Percent without needless digits: `4 %`, `0.3 %`, `<0.1 %`.
pub fn percent(value: f64) -> String {
    if value == 0.0 {
        "0 %".to_owned()
    } else if value < 0.05 {
        "<0.1 %".to_owned()
    } else if value < 9.95 && (value - value.round()).abs() >= 0.05 {
        format!("{value:.1} %")
    } else {
        format!("{} %", grouped(value))
    }
}

/// A whole number with its thousands apart: `11,419`. Beyond 15 digits in powers of ten.
pub fn grouped(value: f64) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.2e}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value <= -0.5 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A span of time in its two largest units: `45 s`, `45m 32s`, `8h 5m`, `41d 3h`; beyond three years in years.
pub fn span(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "float to integer saturates, which is what a span wants"
    )]
    let s = seconds.max(0.0).round() as u64;
    let pair = |big: u64, big_unit: &str, small: u64, small_unit: &str| {
        if small == 0 { format!("{big}{big_unit}") } else { format!("{big}{big_unit} {small}{small_unit}") }
    };
    match s {
        0 if seconds > 0.0 => "<1 s".to_owned(),
        0..60 => format!("{s} s"),
        60..3_600 => pair(s / 60, "m", s % 60, "s"),
        3_600..86_400 => pair(s / 3_600, "h", s % 3_600 / 60, "m"),
        86_400..94_608_000 => pair(s / 86_400, "d", s % 86_400 / 3_600, "h"),
        _ => format!("{} years", short(s as f64 / 31_557_600.0)),
    }
}
