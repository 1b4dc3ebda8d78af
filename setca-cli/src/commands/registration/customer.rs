//! `setca registration customer`: how a list names a cardholder.

use std::path::PathBuf;

use ca_core::decide::passes_luhn;
use ca_core::hex;
use clap::Args;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::failure::Failure;
use crate::house::{self, authority_failure};
use crate::input;
use crate::report::Report;
use crate::tree::Tree;

/// Make entries for a bank's list of customers from their card numbers.
///
/// An entry is a keyed hash of the number under the account key of DIR: the list holds no card
/// numbers, and an entry means nothing in another DIR. Merchants and gateways need no such entry:
/// write BIN:ID.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  setca registration customer --pan-file customers.txt >> setca-data/customers/bank.txt
  echo 4300009876543216 | setca registration customer --pan-file - --format json")]
pub(crate) struct Customer {
    /// File with one card number a line, - for standard input.
    #[arg(long, value_name = "FILE")]
    pan_file: PathBuf,
}

impl Customer {
    /// Makes them.
    pub(super) fn run(&self, global: &Global) -> Result<Report, Failure> {
        let numbers = self.numbers()?;
        let authority = house::authority(global, false)?;
        let entry = |number: &Zeroizing<String>| {
            authority.customer(number).map(|hash| hex(&hash)).map_err(|e| authority_failure(&e))
        };
        let entries = numbers.iter().map(entry).collect::<Result<Vec<String>, _>>()?;
        let text = entries.iter().map(|entry| format!("{entry}\n")).collect();
        let json = Tree::new().with("entries", Tree::list(entries));
        Report::views(text, &json)
    }

    /// The numbers, checked: a slip of the pen would name somebody else, or nobody.
    fn numbers(&self) -> Result<Vec<Zeroizing<String>>, Failure> {
        let octets = Zeroizing::new(input::read(&self.pan_file)?);
        let text = String::from_utf8(octets.to_vec()).map(Zeroizing::new);
        let text = text.map_err(|_| Failure::refused("the file of card numbers is no text"))?;
        let mut numbers = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let digits: Zeroizing<String> =
                Zeroizing::new(line.chars().filter(|c| !c.is_whitespace() && *c != '-').collect());
            if digits.is_empty() {
                continue;
            }
            let plain = digits.bytes().all(|octet| octet.is_ascii_digit());
            if !(plain && (12..=19).contains(&digits.len()) && passes_luhn(&digits)) {
                // The line is not repeated: it may be a card number but for one digit.
                let (file, line) = (self.pan_file.display(), index + 1);
                return Err(Failure::refused(format!("{file}:{line}: that is no card number")));
            }
            numbers.push(digits);
        }
        if numbers.is_empty() {
            let file = self.pan_file.display();
            return Err(Failure::refused(format!("{file} holds no card number")));
        }
        Ok(numbers)
    }
}
