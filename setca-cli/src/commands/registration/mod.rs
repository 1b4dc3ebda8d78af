//! `setca registration`: the desk of a running service.

mod customer;
mod desk;
mod view;

use std::path::PathBuf;

use ca_core::hex;
use ca_core::unhex;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::desk::Desk;
use crate::cli::Global;
use crate::failure::Failure;
use crate::report::Report;

/// The desk: registrations listed, shown, approved and rejected on the running service.
///
/// The service is asked over HTTP, with the operator's token that `setca init` left in
/// DIR/operator.token. What waits for a person has state `pended`; what waits for a bank's list or
/// endpoint has state `in-progress` and may be decided by hand as well. The end entity learns of a
/// decision when it asks again.
#[derive(Debug, Subcommand)]
#[command(after_long_help = "\
Examples:
  setca registration list --state pended
  setca registration show 5f0c
  setca registration approve 5f0c
  setca registration reject 5f0c --message 'Please visit your branch.'
  setca registration customer --pan-file customers.txt >> setca-data/customers/bank.txt")]
pub(crate) enum Registration {
    List(List),
    Show(Show),
    Approve(Decide),
    Reject(Reject),
    Customer(customer::Customer),
}

/// Which service, and with which token.
#[derive(Args, Debug)]
struct Where {
    /// Where the service is; else the URL that DIR was made for.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// File with the operator's token; else DIR/operator.token.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// List registrations in the order they began.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca registration list --state pended
  setca registration list --brand Sample --role merchant --format json
  setca registration list --limit 20 --cursor 40")]
pub(crate) struct List {
    /// Only those in this state: complete, form-sent, in-progress, initiated, pended, referred,
    /// refused.
    #[arg(long)]
    state: Option<String>,
    /// Only those of this brand.
    #[arg(long, value_name = "NAME")]
    brand: Option<String>,
    /// Only those of this role: cardholder, merchant, gateway.
    #[arg(long)]
    role: Option<String>,
    /// At most this many.
    #[arg(long, value_name = "N", default_value = "100")]
    limit: u32,
    /// Go on after this place (the last line of the list before says which).
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    #[command(flatten)]
    at: Where,
}

/// Show one registration with the answers to its form.
///
/// Of a card's number there are its first six and last four digits: the rest is not known here.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Example:
  setca registration show 5f0c")]
pub(crate) struct Show {
    /// Its id, as the list has it.
    #[arg(value_parser = id)]
    id: String,
    #[command(flatten)]
    at: Where,
}

/// Approve a registration: its certificates are issued at once.
///
/// A decision is final and recorded; the end entity collects its certificates when it asks again.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca registration approve 5f0c
  setca registration approve 5f0c --message 'Welcome.' --url http://127.0.0.1:9000")]
pub(crate) struct Decide {
    /// Its id, as the list has it.
    #[arg(value_parser = id)]
    id: String,
    /// What the end entity is told, at most 128 characters.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    #[command(flatten)]
    at: Where,
}

/// Reject a registration for good.
///
/// A decision is final and recorded; the end entity hears of it when it asks again.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca registration reject 5f0c
  setca registration reject 5f0c --message 'Please visit your branch.'")]
pub(crate) struct Reject {
    #[command(flatten)]
    decide: Decide,
}

impl Registration {
    /// Does it.
    pub(crate) fn run(self, global: &Global) -> Result<Report, Failure> {
        match self {
            Self::List(list) => list.run(global),
            Self::Show(show) => {
                let path = format!("/v1/registrations/{}", show.id);
                view::one(&Desk::open(global, &show.at)?.fetch(&path, &[])?)
            }
            Self::Approve(decide) => decide.run(global, "approve"),
            Self::Reject(reject) => reject.decide.run(global, "reject"),
            Self::Customer(customer) => customer.run(global),
        }
    }
}

impl List {
    fn run(&self, global: &Global) -> Result<Report, Failure> {
        let limit = self.limit.to_string();
        let query = [
            ("state", self.state.as_deref()),
            ("brand", self.brand.as_deref()),
            ("role", self.role.as_deref()),
            ("cursor", self.cursor.as_deref()),
            ("limit", Some(limit.as_str())),
        ];
        let query: Vec<(&str, &str)> =
            query.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        view::list(&Desk::open(global, &self.at)?.fetch("/v1/registrations", &query)?)
    }
}

impl Decide {
    fn run(&self, global: &Global, verb: &str) -> Result<Report, Failure> {
        let path = format!("/v1/registrations/{}/{verb}", self.id);
        let body: Value = json!({ "message": self.message });
        view::one(&Desk::open(global, &self.at)?.post(&path, &body)?)
    }
}

/// An id in the spelling of the service.
fn id(text: &str) -> Result<String, String> {
    let octets = unhex(text).filter(|octets| (1..=20).contains(&octets.len()));
    octets
        .map(|octets| hex(&octets))
        .ok_or_else(|| "write the id in hexadecimal, as setca registration list does".to_owned())
}
