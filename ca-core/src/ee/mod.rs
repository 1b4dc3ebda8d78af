//! The end entity's side of the messages: builds requests, checks answers (spec `set-messages.md`
//! §4.3 to §4.9).
//!
//! One type a stage; each is made by the stage before alone:
//!
//! ```text
//! Wallet ─ initiate ─▶ Initiating ─ accept ─▶ Initiated ─ ask_form ─▶ AskingForm
//!        ─ accept ─▶ FormAnswer::Form(FormOffer) ─ request ─▶ Requesting ─ accept ─▶ Outcome
//! ```
//!
//! No I/O, no clock, no ambient randomness. A request comes as the octets of a whole
//! MessageWrapper: keep them, because what may have been lost is sent again unchanged (§4.6 step
//! 9). The account number leaves only towards a key whose certificate was validated up to a trusted
//! root (§5 CR-8).

mod answers;
mod bci;
mod cache;
mod error;
mod form;
mod initiate;
mod installed;
mod outcome;
mod receive;
mod report;
mod request;
mod trust;
mod wallet;

pub use answers::AnswerFault;
pub use bci::BciFault;
pub use error::{Blame, EeError};
pub use form::{AskingForm, FormAnswer, FormOffer, Referral};
pub use initiate::{Initiated, Initiating};
pub use installed::CertificateFault;
pub use outcome::{Certified, Outcome, Refused};
pub use request::{PanData, Requesting};
pub use wallet::{Wallet, WalletConfig};
