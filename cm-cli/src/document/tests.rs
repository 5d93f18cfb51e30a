use std::collections::HashSet;

use cm_core::catalogue;

use super::figure::FIGURES;
use super::list::columns;
use super::table::{Drawn, shown_by};
use super::*;

#[test]
fn columns_have_names_of_their_own_and_say_what_they_are() {
    for what in What::ALL {
        let columns = columns(what);
        let names: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names.len(), columns.len(), "{}", what.word());
        for column in &columns {
            assert!(column.help.ends_with('.') && !column.help.contains('\n'), "{}", column.name);
            assert!(column.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
        }
    }
}

#[test]
fn every_column_that_a_table_shows_is_there() {
    for what in What::ALL {
        let columns = columns(what);
        let known = |name: &str| columns.iter().any(|column| column.name == name);
        for shown in shown_by(what) {
            assert!(known(&shown.column()), "{} of {}", shown.name, what.word());
            if let Drawn::Of(other) | Drawn::Since(other) = shown.drawn {
                assert!(known(other), "{other} of {}", what.word());
            }
            assert!(!shown.name.contains('.') || catalogue::by_name(shown.name).is_some(), "{}", shown.name);
        }
    }
}

#[test]
fn figures_are_made_of_metrics_of_the_catalogue_and_end_in_their_unit() {
    for figure in FIGURES {
        let word = figure.unit().word();
        assert!(word == "load" || figure.name.ends_with(word), "{} in {word}", figure.name);
    }
}

#[test]
fn readings_are_listed_nowhere_but_in_the_catalogue() {
    use cm_core::report::smart::Drive;
    let listed: Vec<String> =
        columns(What::Drives).into_iter().filter(|c| c.metric.is_some()).map(|c| c.name).collect();
    let known: Vec<String> = <Drive as catalogue::Measured>::TABLES
        .iter()
        .copied()
        .flatten()
        .map(|reading| reading.entry.metric.column())
        .collect();
    assert_eq!(listed, known);
}
