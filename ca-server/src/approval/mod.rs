//! Asking banks: [`Approver`] over their lists in the data folder and their endpoints.
//!
//! Whatever goes wrong is [`ApprovalAnswer::Later`], and logged: a registration is never lost and
//! never refused because its bank could not be asked. No store lock is held while a bank is asked.

mod ask;
mod list;
mod signature;

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca_core::authority::{ApprovalAnswer, Approver, Case, Clock};
use ca_core::hex;
use ca_core::profile::Approval;

use self::ask::{AskError, Bank, Endpoints, Said};
use self::list::is_listed;

pub use signature::{SIGNATURE_HEADER, SignatureFault, sign, verify};

/// Asks the banks of a data folder.
pub struct BankApprover {
    folder: PathBuf,
    endpoints: Endpoints,
}

impl BankApprover {
    /// Lists and keys are files of `folder`; they are read at each question.
    #[must_use]
    pub fn new(folder: &Path, clock: Arc<dyn Clock>) -> Self {
        Self { folder: folder.to_owned(), endpoints: Endpoints::new(clock) }
    }

    fn look_up(&self, file: &str, case: &Case) -> ApprovalAnswer {
        let by = format!("list {file}");
        match is_listed(&self.folder.join(file), case) {
            Ok(true) => ApprovalAnswer::Approve { by },
            Ok(false) => ApprovalAnswer::Refuse { by, message: None },
            Err(error) => later(&by, case, &error),
        }
    }

    fn ask_bank(&self, bank: &Bank<'_>, case: &Case) -> ApprovalAnswer {
        let by = format!("bank {}", bank.host());
        match self.endpoints.ask(bank, case) {
            Ok(Said::Approve) => ApprovalAnswer::Approve { by },
            Ok(Said::Refuse(message)) => ApprovalAnswer::Refuse { by, message },
            Ok(Said::ByHand) => ApprovalAnswer::ByHand,
            Ok(Said::Later) => ApprovalAnswer::Later,
            // What is wrong with the bank was said when it was asked.
            Err(AskError::Busy | AskError::Resting) => ApprovalAnswer::Later,
            Err(error) => later(&by, case, &error),
        }
    }
}

impl Approver for BankApprover {
    fn ask(&self, rule: &Approval, case: &Case) -> ApprovalAnswer {
        match rule {
            Approval::List { file } => self.look_up(file, case),
            Approval::Ask { url, key_file, timeout_secs } => {
                let key_file = self.folder.join(key_file);
                self.ask_bank(&Bank { url, key_file, timeout_secs: *timeout_secs }, case)
            }
            // Nobody is to be asked under the other rules, so a person is the safe answer.
            _ => ApprovalAnswer::ByHand,
        }
    }
}

impl fmt::Debug for BankApprover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankApprover").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn later(by: &str, case: &Case, error: &(dyn Error + 'static)) -> ApprovalAnswer {
    let registration = hex(&case.lid_ca);
    tracing::error!(error, by, registration, institution = case.institution, "not decided yet");
    ApprovalAnswer::Later
}
