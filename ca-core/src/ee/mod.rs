//! The end entity's side of the messages: builds requests, checks answers (spec `set-messages.md`
//! §4.2 to §4.9).
//!
//! One type a stage; each is made by the stage before alone. A cardholder comes to the form in two
//! steps, a merchant or a payment gateway in one; from there on they go the same way:
//!
//! ```text
//! Wallet ─ initiate ─▶ Initiating ─ accept ─▶ Initiated ─ ask_form ─▶ AskingForm ─ accept ─┐
//! Wallet ─ contact ─▶ Contacting ─ accept ──────────────────────────────────────────────┤
//!        ┌───────────────────────────────────────────────────────────────────────────────┘
//!        └▶ FormAnswer::Form(FormOffer) ─ request ─▶ Requesting ─ accept ─▶ Outcome::Certified
//!                                                       ▲                  Outcome::Refused
//!                                                       └── inquire ── Outcome::Pending(Pending)
//! ```
//!
//! No I/O, no clock, no ambient randomness. A request comes as the octets of a whole
//! MessageWrapper: keep them, because what may have been lost is sent again unchanged (§4.6 step
//! 9); [`Requesting::save`] and [`Pending::save`] keep them with everything else an answer is
//! checked by. The account number leaves only towards a key whose certificate was validated up to a
//! trusted root (§5 CR-8).

mod answers;
mod application;
mod bci;
mod cache;
mod contact;
mod error;
mod exchange;
mod form;
mod initiate;
mod installed;
mod kept;
mod offer;
mod outcome;
mod pending;
mod receive;
mod report;
mod request;
mod saved;
mod trust;
mod wallet;

pub use answers::AnswerFault;
pub use application::{Account, Application, ApplicationFault, Holder, PanData};
pub use bci::BciFault;
pub use cache::Cache;
pub use contact::Contacting;
pub use error::{Blame, EeError};
pub use form::AskingForm;
pub use initiate::{Initiated, Initiating};
pub use installed::CertificateFault;
pub use offer::{FormAnswer, FormOffer, Referral};
pub use outcome::{Certified, Issued, Outcome, Refused};
pub use pending::Pending;
pub use request::Requesting;
pub use saved::{RestoreError, Saved};
pub use wallet::{Wallet, WalletConfig};
