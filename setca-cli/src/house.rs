//! The data folder as commands use it: records alone, or the authority with its keys.

use std::sync::Arc;

use ca_core::Suite;
use ca_core::authority::{Authority, Clock as _, Error, Hierarchy};
use ca_core::profile::KeyUse;
use ca_core::store::{CaCertificate, CaId, CaRecord, Store, StoreError};
use ca_core::wire::Cert;
use ca_server::SystemClock;
use ca_server::chaos;
use ca_server::data::{DataError, Folder, Held, Opened, PassphraseSource, Settings, Tokens};
use ca_server::store::Place;

use crate::cli::Global;
use crate::failure::Failure;
use crate::passphrase;
use crate::report::say;

/// The records of DIR; no key and no passphrase is needed for them.
///
/// # Errors
/// There is no data folder, or its records cannot be opened.
pub(crate) fn records(global: &Global) -> Result<Arc<dyn Store>, Failure> {
    folder(global)?.records().map_err(|e| data_failure(&e))
}

/// The authority over DIR, with the root's keys if `with_root`.
///
/// # Errors
/// The folder, its passphrase or its keys are not usable, or the root's keys are away.
pub(crate) fn authority(global: &Global, with_root: bool) -> Result<Authority, Failure> {
    Authority::open(opened(global, with_root)?.parts).map_err(|e| authority_failure(&e))
}

/// DIR with its keys, the root's among them if `with_root`.
///
/// # Errors
/// As [`authority`].
pub(crate) fn opened(global: &Global, with_root: bool) -> Result<Opened, Failure> {
    let folder = folder(global)?;
    let source = PassphraseSource::Given(passphrase::existing(global)?);
    let mut opened = folder.open(&source, with_root).map_err(|e| data_failure(&e))?;
    if let Some(at) = dies_at()? {
        let cas = opened.parts.store.cas().map_err(|e| store_failure(&e))?;
        let hierarchy = Hierarchy::load(cas).map_err(|e| authority_failure(&e))?;
        chaos::dies_at(at, &opened.settings, &hierarchy, &mut opened.parts)
            .map_err(|e| Failure::refused(format!("{DIES_AT} is not for this folder: {e}")))?;
    }
    Ok(opened)
}

/// The step at which this process is to end itself: for tests, of a test folder.
fn dies_at() -> Result<Option<u64>, Failure> {
    let Some(text) = std::env::var_os(DIES_AT) else { return Ok(None) };
    let number = text.to_str().and_then(|text| text.parse().ok()).filter(|at| *at > 0);
    number.map(Some).ok_or_else(|| Failure::usage(format!("{DIES_AT} is a number of steps")))
}

/// DIR, held for a service at `url`; other commands may go on using it. Records in a database may be
/// served by many: it is not held then.
///
/// # Errors
/// There is no data folder, or another service holds it.
pub(crate) fn hold(global: &Global, url: &str) -> Result<Option<Held>, Failure> {
    if matches!(place(global)?, Place::Database(_)) {
        return Ok(None);
    }
    let (process, now) = (std::process::id(), SystemClock::default().now());
    let who = format!("process {process} serves it at {url} since {now}");
    folder(global)?.hold(&who).map(Some).map_err(|e| data_failure(&e))
}

/// Who may use which paths of a service over DIR.
///
/// # Errors
/// There is no data folder.
pub(crate) fn operator(global: &Global) -> Result<Tokens, Failure> {
    let settings = Settings::read(&Folder::at(&global.dir)).map_err(|e| data_failure(&e))?;
    Ok(settings.tokens())
}

/// DIR, if it holds data of this version: said before anyone is asked for a passphrase.
fn folder(global: &Global) -> Result<Folder, Failure> {
    let folder = given_folder(global)?;
    Settings::read(&folder).map_err(|e| data_failure(&e))?;
    Ok(folder)
}

/// DIR and the place of its records, whatever is there.
///
/// # Errors
/// `--store` names no place.
pub(crate) fn given_folder(global: &Global) -> Result<Folder, Failure> {
    Ok(Folder::at(&global.dir).keeping(place(global)?))
}

/// Where the records are.
///
/// # Errors
/// `--store` names no place.
pub(crate) fn place(global: &Global) -> Result<Place, Failure> {
    let Some(url) = global.store.as_deref().filter(|url| !url.is_empty()) else {
        return Ok(Place::Folder);
    };
    url.parse().map_err(|e| Failure::usage(format!("--store (SETCA_STORE): {}", chain(&e))))
}

/// The CA an operator names on the command line.
///
/// # Errors
/// There is none of that name; the message has those that are.
pub(crate) fn find_ca(store: &dyn Store, name: &str) -> Result<CaRecord, Failure> {
    let cas = store.cas().map_err(|e| store_failure(&e))?;
    let known: Vec<&str> = cas.iter().map(|ca| ca.id.as_str()).collect();
    let unknown = Failure::refused(format!("no CA {name}: there are {}", known.join(", ")));
    cas.into_iter().find(|ca| ca.id.as_str() == name).ok_or(unknown)
}

/// A CA's certificate in force for one use of its keys.
pub(crate) fn certificate_of(ca: &CaRecord, key_use: KeyUse) -> Option<&CaCertificate> {
    ca.in_force(key_use)
}

/// Says loudly that a hierarchy is not for real money; nothing for the default suite.
pub(crate) fn warn_of_suite(suite: Suite) {
    if suite == Suite::Set1997 {
        say(SET_1997_WARNING);
    }
}

/// A certificate from the records.
///
/// # Errors
/// The stored octets are no certificate.
pub(crate) fn stored_certificate(ca: &CaId, der: &[u8]) -> Result<Cert, Failure> {
    Cert::from_der(der)
        .map_err(|e| Failure::outside(format!("a stored certificate of {ca} is damaged: {e}")))
}

/// A fault of the data folder in one line.
pub(crate) fn data_failure(error: &DataError) -> Failure {
    match error {
        DataError::Authority(error) => authority_failure(error),
        DataError::Occupied { .. }
        | DataError::OccupiedRecords
        | DataError::OtherRecords(_)
        | DataError::Policies(_) => Failure::refused(chain(error)),
        DataError::Store(error) => store_failure(error),
        _ => Failure::outside(chain(error)),
    }
}

/// A fault of the authority in one line.
pub(crate) fn authority_failure(error: &Error) -> Failure {
    match error {
        Error::CaMessage(_)
        | Error::CaMessageTooBig { .. }
        | Error::Exchange { .. }
        | Error::Policy(_) => Failure::refused(chain(error)),
        Error::Store(error) => store_failure(error),
        _ => Failure::outside(chain(error)),
    }
}

/// A fault of the store in one line.
pub(crate) fn store_failure(error: &StoreError) -> Failure {
    match error {
        StoreError::Absent(_) | StoreError::Conflict(_) => Failure::refused(chain(error)),
        _ => Failure::outside(chain(error)),
    }
}

/// An error and its causes: `cannot read x: permission denied`.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        // A transparent error repeats its cause.
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

/// Names the step of the store or of a key at which a command on a test folder ends itself.
const DIES_AT: &str = "SETCA_DIES_AT";
/// Design: the old suite is never the default and never silent.
const SET_1997_WARNING: &str = "\
WARNING: suite set-1997 is SET 1.0 to the letter: SHA-1, DES, RSA of 1024 bits. All three are broken:
WARNING: its certificates can be forged and its messages read. It is for study and for tests, never
WARNING: for real cards. It never mixes with suite modern; make a new hierarchy for that.";
