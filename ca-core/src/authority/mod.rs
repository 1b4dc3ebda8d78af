//! READ FIRST. The flow of a request, whole: this room alone sees every stage.
//!
//! ```text
//! wire::decode ─▶ envelope::open ─▶ decide::* ─▶ issue::prepare ─▶ store ─▶ sign
//!              ─▶ envelope::seal ─▶ wire::encode ─▶ store
//! ```
//!
//! The certificate and the answer that carries it are recorded in one act, after sealing and before
//! anything leaves: the second `store` of the flow therefore stands last, and a repeated request
//! always meets the very octets of the first answer.
//!
//! Start with `respond.rs` (every message), then `certify.rs` (the one that issues) and `settle.rs`
//! (what is decided later).

mod answer;
mod approval;
mod back_key;
mod bootstrap;
mod bundle;
mod ca_certificate;
mod ca_messages;
mod card_grant;
mod cert_req;
mod cert_res;
mod certify;
mod check;
mod checkpoint;
mod desk;
mod desk_error;
mod ending;
mod error;
mod fault;
mod feed;
mod form_answer;
mod form_offer;
mod grant;
mod health;
mod hierarchy;
mod in_flight;
mod initiate;
mod initiation;
mod inquire;
mod issuance;
mod life;
mod list_urls;
mod lists;
mod me_aq_c_init;
mod me_aq_grant;
mod noted;
mod ocsp;
mod open_request;
mod peer_error;
mod plan;
mod published;
mod reg_form;
mod respond;
mod revoke;
mod sealed;
mod settle;
mod stage;
mod test_mark;
mod validate;
mod watched;

use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use self::checkpoint::Signed;
use self::in_flight::InFlight;
use self::ocsp::Answers;
use self::published::PublishedLists;
use crate::audit::{Actor, NoteKey};
use crate::profile::{BrandRules, Policies};
use crate::signer::{Decryptor, SecureRandom, Signer};
use crate::status::Indexed;
use crate::store::{CaRecord, Store};
use crate::{Suite, UnixTime};

pub use approval::{ApprovalAnswer, Approver, Case};
pub use bootstrap::establish;
pub use ca_messages::{CaFault, CaReply};
pub use check::{CheckOrder, CheckProgress, Checked, StatusMismatch};
pub use desk::DeskFile;
pub use desk_error::DeskError;
pub use ending::{Ending, WARNED_DAYS};
pub use error::Error;
pub use feed::CHANGES_KEPT;
pub use health::{Freshness, Health, HealthLine, HealthOf, Renewal};
pub use hierarchy::{Ca, Held, Hierarchy};
pub use initiation::NoInitiation;
pub use life::{Reissued, RootKeys};
pub use ocsp::{OcspCounts, OcspQuestion, OcspReply, OcspStep, OcspTally};
pub use plan::{NewKey, Plan, PlannedCa, PlannedKey, plan, plan_addition};
pub use published::Published;
pub use respond::SetReply;
pub use revoke::{Cause, RevokeError};
pub use settle::{ByHandDecision, Settled};
pub use stage::{Stage, StageWatch};
pub use validate::{Evidence, ValidateError};

/// The certification body: composes the stages over what the caller lends it.
pub struct Authority {
    /// Its store is [`Self::statuses`].
    parts: Parts,
    statuses: Arc<Indexed>,
    hierarchy: RwLock<Arc<Hierarchy>>,
    lists: PublishedLists,
    watch: lists::Watch,
    /// By rrpid.
    requests: InFlight<[u8; 20]>,
    /// By LID-CA; entered after the request, never before.
    registrations: InFlight<Vec<u8>>,
    /// OCSP answers signed before.
    answers: Answers,
    ocsp_counts: OcspCounts,
    signed: Signed,
}

/// What an [`Authority`] works with; everything that does I/O is behind a trait.
#[derive(Clone)]
pub struct Parts {
    /// Profiles, forms, brands; their suite is that of the hierarchy.
    pub policies: Arc<Policies>,
    /// Records.
    pub store: Arc<dyn Store>,
    /// Private keys that sign.
    pub signer: Arc<dyn Signer>,
    /// Private keys that open envelopes.
    pub decryptor: Arc<dyn Decryptor>,
    /// The time, read once per request.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn SecureRandom>,
    /// Asks the institutions that decide on their own customers.
    pub approver: Arc<dyn Approver>,
    /// Key of the keyed hash under which account numbers are recognised.
    pub pan_key: Zeroizing<[u8; 32]>,
    /// Where the public paths are reached: `http://127.0.0.1:8257`, no trailing slash.
    pub base_url: String,
    /// Who acts where nobody else is named: the service, or whoever runs a command on the folder.
    pub actor: Actor,
    /// The key under checkpoints of the audit log; the signer has its private half.
    pub audit_key: Option<NoteKey>,
    /// Told which stage a request is in; nobody has to listen.
    pub watch: Option<Arc<dyn StageWatch>>,
}

/// Tells the time; read once per request and passed down.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixTime;
}

impl Authority {
    /// Opens the authority over an established store.
    ///
    /// # Errors
    /// [`Error::Store`] if the hierarchy cannot be read, [`Error::Hierarchy`] if it is not whole.
    pub fn open(parts: Parts) -> Result<Self, Error> {
        let parts = parts.watched();
        let statuses = Arc::new(Indexed::new(Arc::clone(&parts.store)));
        let parts = Parts { store: Arc::clone(&statuses) as Arc<dyn Store>, ..parts };
        let hierarchy = RwLock::new(Arc::new(Hierarchy::load(parts.store.cas()?)?));
        let (requests, registrations) = (InFlight::default(), InFlight::default());
        let (lists, watch) = (PublishedLists::default(), lists::Watch::default());
        let (answers, ocsp_counts) = (Answers::default(), OcspCounts::default());
        Ok(Self {
            parts,
            statuses,
            hierarchy,
            lists,
            watch,
            requests,
            registrations,
            answers,
            ocsp_counts,
            signed: Signed::default(),
        })
    }

    /// The CAs, superior before subordinate, as the store has them now.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn cas(&self) -> Result<Vec<CaRecord>, Error> {
        Ok(self.parts.store.cas()?)
    }

    /// The hierarchy as it was last read.
    #[must_use]
    pub fn hierarchy(&self) -> Arc<Hierarchy> {
        Arc::clone(&self.hierarchy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the hierarchy again: another process may have added to it. True if it has.
    ///
    /// # Errors
    /// As [`Authority::open`]; the hierarchy then stays as it was.
    pub fn reload(&self) -> Result<bool, Error> {
        let records = self.parts.store.cas()?;
        if self.hierarchy().is_of(&records) {
            return Ok(false);
        }
        let fresh = Arc::new(Hierarchy::load(records)?);
        *self.hierarchy.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        self.answers.hierarchy_changed();
        Ok(true)
    }

    /// Notes what other processes have done to certificates since the last call; returns how many
    /// changes that were. The first call loads the status index: before anything is served.
    ///
    /// # Errors
    /// [`Error::Store`]; OCSP then says tryLater until following succeeds.
    pub fn follow(&self) -> Result<u64, Error> {
        Ok(self.statuses.follow()?)
    }

    /// How every serial number stands, as OCSP says it.
    #[must_use]
    pub fn statuses(&self) -> &Indexed {
        &self.statuses
    }

    /// The records.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.parts.store
    }

    /// Profiles, forms and brands.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.parts.policies
    }

    /// Suite of the hierarchy.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.parts.policies.suite()
    }

    /// Now, by the clock this authority was given.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.parts.clock.now()
    }

    fn brand_rules(&self, brand: &str) -> Result<&BrandRules, Error> {
        self.parts
            .policies
            .brand(brand)
            .ok_or_else(|| Error::Policy(format!("no rules for brand {brand}")))
    }

    /// Keyed hash of an account number: recognises it, never shows it.
    fn pan_hash(&self, digits: &str) -> Result<[u8; 32], Error> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.parts.pan_key[..])
            .map_err(|_| Error::Policy("the account key has a wrong length".to_owned()))?;
        mac.update(digits.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }
}
