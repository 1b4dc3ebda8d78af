//! The passphrase of the private keys: from a file, the environment, the folder, or typed in.

use std::io::{self, IsTerminal};
use std::path::Path;

use ca_server::data::{Folder, Passphrase, PassphraseSource};
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::failure::Failure;
use crate::house::data_failure;
use crate::report::say;

/// The passphrase of the keys in DIR: `--passphrase-file`, environment, `DIR/passphrase`, prompt.
///
/// # Errors
/// No source has one, or it cannot be read.
pub(crate) fn existing(global: &Global) -> Result<Passphrase, Failure> {
    match without_prompt(global)? {
        Some(passphrase) => Ok(passphrase),
        None => prompt("Passphrase of the private keys: "),
    }
}

/// The passphrase for keys to be made: as [`existing`], asked twice when typed.
///
/// # Errors
/// As [`existing`]; two entries that differ.
pub(crate) fn new(global: &Global) -> Result<Passphrase, Failure> {
    if let Some(passphrase) = without_prompt(global)? {
        return Ok(passphrase);
    }
    let first = prompt("New passphrase for the private keys: ")?;
    if first == prompt("The same passphrase again: ")? {
        Ok(first)
    } else {
        Err(Failure::outside("the two passphrases differ: nothing was made, try again"))
    }
}

/// The passphrase if no one has to be asked for it.
///
/// # Errors
/// A source that is there and cannot be read.
pub(crate) fn without_prompt(global: &Global) -> Result<Option<Passphrase>, Failure> {
    let source = match &global.passphrase_file {
        Some(path) => {
            warn_if_readable(path);
            PassphraseSource::File(path.clone())
        }
        None => PassphraseSource::Usual,
    };
    source.find(&Folder::at(&global.dir)).map_err(|e| data_failure(&e))
}

fn prompt(question: &str) -> Result<Passphrase, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::outside(
            "no passphrase for the private keys: give --passphrase-file FILE, set \
             SETCA_PASSPHRASE_FILE or SETCA_PASSPHRASE, or run on a terminal",
        ));
    }
    let typed = rpassword::prompt_password(question)
        .map_err(|e| Failure::outside(format!("cannot read the passphrase: {e}")))?;
    Passphrase::new(Zeroizing::new(typed))
        .ok_or_else(|| Failure::outside("the passphrase is empty: type one"))
}

fn warn_if_readable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let open = path.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0);
    if open {
        let name = path.display();
        say(format_args!("warning: {name} can be read by others: chmod 600 {name}"));
    }
}
