//! The table, and the same as JSON. Everything that is printed is printed here.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a measuring tool is for")]

use std::fmt;

use serde_json::{Value, json};

use crate::client::Rates;

/// How the result is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table that explains itself.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// What was measured, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rates: Vec<(String, Rates)>,
    values: Vec<Figure>,
}

/// One number.
#[derive(Debug)]
struct Figure {
    name: &'static str,
    what: String,
    unit: &'static str,
    value: f64,
}

impl Report {
    /// A number; `name` is its key in JSON.
    pub(crate) fn value(
        &mut self,
        name: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        value: f64,
    ) {
        self.values.push(Figure { name, what: what.into(), unit, value });
    }

    /// A line of the table of rates; `name` is its key in JSON.
    pub(crate) fn rate(&mut self, name: &str, rates: Rates) {
        self.rates.push((name.to_owned(), rates));
    }

    pub(crate) fn print(&self, format: Format) {
        match format {
            Format::Text => self.table(),
            Format::Json => println!("{:#}", self.json()),
        }
    }

    fn table(&self) {
        for Figure { what, unit, value, .. } in &self.values {
            println!("{what:<64} {value:>12.1} {unit}");
        }
        let head = ["", "per second", "p50 ms", "p99 ms", "octets", "client CPU"];
        let [what, rate, p50, p99, octets, cpu] = head;
        println!("\n{what:<38} {rate:>10} {p50:>8} {p99:>8} {octets:>9} {cpu:>10}");
        for (name, rates) in &self.rates {
            let (p50, p99) = (rates.p50 * 1e3, rates.p99 * 1e3);
            let (rate, octets, cpu) = (rates.per_second, rates.octets, rates.client);
            println!("{name:<38} {rate:>10.0} {p50:>8.3} {p99:>8.3} {octets:>9} {cpu:>10.2}");
        }
        println!("\n{EXPLAINED}");
    }

    fn json(&self) -> Value {
        let values = self.values.iter().map(|figure| {
            let Figure { name, what, unit, value } = figure;
            ((*name).to_owned(), json!({ "value": value, "unit": unit, "what": what }))
        });
        let rates = self.rates.iter().map(|(name, rates)| {
            json!({
                "what": name,
                "per_second": rates.per_second,
                "p50_seconds": rates.p50,
                "p99_seconds": rates.p99,
                "octets": rates.octets,
                "client_processor": rates.client,
            })
        });
        json!({
            "values": values.collect::<serde_json::Map<_, _>>(),
            "rates": rates.collect::<Vec<_>>(),
        })
    }
}

/// Talk, on standard error.
pub(crate) fn say(text: fmt::Arguments<'_>) {
    eprintln!("{text}");
}

/// A line of a result, on standard output.
pub(crate) fn tell(text: fmt::Arguments<'_>) {
    println!("{text}");
}

pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("load: {error:#}");
}

const EXPLAINED: &str = "\
per second  answers with status 200 (or 304) to requests on so many connections that each wait for
            their answer before they ask again: the rate that client and server reach together
p50, p99    time from a request's first octet written to its answer's last octet read; with so many
            requests under way at once it is mostly waiting for the others' turn
octets      of one answer's content
client CPU  processors that the client itself used: on a small machine it takes them from the server
ready       about 1,000 serial numbers, asked before; fresh: any serial number, and a nonce, so that
            each answer is signed when it is asked for
static      the same octets as the line above, from a bare axum handler in a process of its own
nginx       the same octets from a file
openssl     `openssl ocsp -port` over the same serial numbers: a new connection for each question";
