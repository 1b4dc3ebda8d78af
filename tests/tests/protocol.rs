//! The README's table of the protocol has a row for everything that the wire types know, and the
//! tests it names exist.

use std::collections::BTreeSet;
use std::path::Path;

use ca_core::wire::{CertStatusCode, ErrorCode, RequestType, tags};

type Row = (String, String, u32);

#[test]
fn the_table_has_every_message_type_status_and_error_code() {
    let messages = (tags::CARD_C_INIT_REQ..=tags::CERT_INQ_RES).chain([tags::ERROR]);
    let mut expected: BTreeSet<Row> = messages
        .map(|tag| ("Message".into(), tags::message_name(tag).unwrap_or_default().into(), tag))
        .collect();
    let types = RequestType::ALL.iter().map(|t| ("RequestType", t.name(), t.number()));
    let statuses = CertStatusCode::ALL.iter().map(|s| ("CertStatusCode", s.name(), s.number()));
    let codes = ErrorCode::ALL.iter().map(|c| ("ErrorCode", c.name(), c.number()));
    let numbered = types.chain(statuses).chain(codes);
    expected.extend(numbered.map(|(kind, name, no)| (kind.into(), name.into(), no.into())));
    let found: BTreeSet<Row> = rows().into_iter().map(|(row, _)| row).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_tests_that_the_table_names_exist() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for ((kind, name, _), test) in rows() {
        let (file, function) = test.split_once("::").expect("file::test");
        let places = [here.join(file), here.join("ca-core/tests").join(file)];
        let text = places.iter().find_map(|path| std::fs::read_to_string(path).ok()).expect(file);
        let there = text.contains(&format!("#[test]\nfn {function}()"));
        assert!(there, "{kind} {name}: no test {function} in {file}");
    }
}

#[test]
fn every_status_and_error_code_is_reached_through_http() {
    for ((kind, name, _), test) in rows() {
        if kind == "CertStatusCode" || kind == "ErrorCode" {
            assert!(test.starts_with("tests/tests/codes/"), "{kind} {name}: {test}");
        }
    }
}

/// Kind, name and number of each row, and its test.
fn rows() -> Vec<(Row, String)> {
    let table = README.lines().skip_while(|line| !line.starts_with("| Kind | Name | No. |"));
    let rows = table.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [kind, name, number, _, test] = cells[..] else { panic!("five cells: {row}") };
        let number = number.parse().expect("a number");
        ((kind.to_owned(), name.to_owned(), number), test.trim_matches('`').to_owned())
    })
    .collect()
}

const README: &str = include_str!("../../README.md");
