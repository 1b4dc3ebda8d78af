//! Number and expiry of the card: from a file, the environment or a prompt, never an argument.

use std::env;
use std::io::{self, IsTerminal, Write as _};
use std::path::PathBuf;

use ca_core::ee::PanData;
use ca_core::wire::{CardExpiry, Pan};
use clap::Args;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input;

/// Where the card's data come from.
#[derive(Args, Debug)]
pub(crate) struct CardSource {
    /// File with the card number in its first line, - for standard input; else SETCA_PAN, or a
    /// prompt.
    #[arg(long, value_name = "FILE")]
    pan_file: Option<PathBuf>,
    /// Last month in which the card is good, YYYYMM; else a prompt.
    #[arg(long, value_name = "YYYYMM")]
    expiry: Option<String>,
}

impl CardSource {
    /// Reads both.
    ///
    /// # Errors
    /// Nothing to read them from, or what was read is no card number or no month.
    pub(super) fn read(&self) -> Result<PanData, Failure> {
        let digits = number(&self.pan_text()?);
        let pan = Pan::new(&digits)
            .map_err(|e| Failure::usage(format!("that is no card number: {e}")))?;
        let expiry = match &self.expiry {
            Some(text) => text.clone(),
            None => prompt_line("Card expires (YYYYMM): ", "--expiry YYYYMM")?,
        };
        let expiry = CardExpiry::parse(expiry.trim())
            .map_err(|_| Failure::usage("the expiry is no month: write it as 203012"))?;
        Ok(PanData { pan, expiry })
    }

    fn pan_text(&self) -> Result<Zeroizing<String>, Failure> {
        if let Some(path) = &self.pan_file {
            let octets = Zeroizing::new(input::read(path)?);
            let text = String::from_utf8_lossy(&octets);
            return Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()));
        }
        if let Ok(text) = env::var(PAN_VARIABLE) {
            return Ok(Zeroizing::new(text));
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::usage(
                "no card number: give --pan-file FILE (- for standard input), set SETCA_PAN, or run \
                 on a terminal",
            ));
        }
        rpassword::prompt_password("Card number (not shown): ")
            .map(Zeroizing::new)
            .map_err(|e| Failure::outside(format!("cannot read the card number: {e}")))
    }
}

/// One line typed in; without a terminal it says which option to give instead.
pub(super) fn prompt_line(question: &str, option: &str) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!("give {option}, or run on a terminal")));
    }
    let failed = |e: io::Error| Failure::outside(format!("cannot read from the terminal: {e}"));
    let mut out = io::stderr();
    out.write_all(question.as_bytes()).and_then(|()| out.flush()).map_err(failed)?;
    let mut line = String::new();
    if io::stdin().read_line(&mut line).map_err(failed)? == 0 {
        return Err(Failure::usage("the input ended: nothing was written"));
    }
    Ok(line.trim().to_owned())
}

/// The digits of a number as it is printed on a card: spaces and hyphens go.
fn number(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect())
}

const PAN_VARIABLE: &str = "SETCA_PAN";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_number_may_be_written_as_on_the_card() {
        assert_eq!(*number(" 4111 1111-1111 1111\r"), "4111111111111111");
    }
}
