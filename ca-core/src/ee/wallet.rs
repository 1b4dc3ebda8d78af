//! Stage 0: what an end entity is set up with, and what one registration carries from stage to
//! stage.

use super::{Cache, EeError};
use crate::path::RootHash;
use crate::profile::Role;
use crate::wire::{
    BrandId, Cert, Language, LocalId, Message, MessageHeader, MessageWrapper, Rrpid, SwIdent,
    Thumbs,
};
use crate::{Suite, UnixTime};

/// What an end entity is set up with.
#[derive(Clone, Debug)]
pub struct WalletConfig {
    /// Suite of the hierarchy.
    pub suite: Suite,
    /// BrandID of the certificates wanted.
    pub brand: String,
    /// RFC 1766 tag of the language wanted for form and policy.
    pub language: String,
    /// Roots trusted for the brand.
    pub anchors: Vec<Cert>,
}

/// An end entity before its first message: a cardholder's wallet, a merchant's or a payment
/// gateway's software.
#[derive(Clone, Debug)]
pub struct Wallet {
    pub(super) session: Session,
}

impl Wallet {
    /// Sets up an end entity that has seen nothing yet.
    ///
    /// # Errors
    /// [`EeError::Value`] if the brand is no BrandID (1 to 40 characters) or the language no tag.
    pub fn new(config: WalletConfig) -> Result<Self, EeError> {
        let brand =
            BrandId::new(&config.brand).map_err(|fault| EeError::Value { what: "brand", fault })?;
        let language = Language::new(&config.language)
            .map_err(|fault| EeError::Value { what: "language", fault })?;
        Ok(Self {
            session: Session {
                suite: config.suite,
                brand,
                language,
                role: Role::Cardholder,
                anchors: config.anchors,
                root_hash: None,
                cache: Cache::default(),
            },
        })
    }

    /// The same with what it kept of an earlier registration; what has ended by `now` is dropped
    /// (§4.2).
    #[must_use]
    pub fn with_cache(mut self, mut cache: Cache, now: UnixTime) -> Self {
        cache.evict(now);
        self.session.cache = cache;
        self
    }
}

impl Wallet {
    /// Trusts a first root, too, that arrives in an answer and has this hash: the user has it from
    /// elsewhere (spec `set-certificates.md` §4.3).
    #[must_use]
    pub fn with_root_hash(mut self, hash: RootHash) -> Self {
        self.session.root_hash = Some(hash);
        self
    }
}

/// What every stage needs.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) suite: Suite,
    pub(super) brand: BrandId,
    pub(super) language: Language,
    /// Who registers.
    pub(super) role: Role,
    pub(super) anchors: Vec<Cert>,
    /// What the user typed in to confirm a first root.
    pub(super) root_hash: Option<RootHash>,
    pub(super) cache: Cache,
}

impl Session {
    /// Thumbs for the next request.
    pub(super) fn thumbs(&self) -> Result<Thumbs, EeError> {
        self.cache
            .thumbs(self.suite, &self.anchors)
            .map_err(|fault| EeError::Value { what: "thumbprint", fault })
    }

    /// The kind of CA that certifies this end entity, and answers it (§3.1).
    pub(super) const fn ca(&self) -> Role {
        match self.role {
            Role::Merchant => Role::Mca,
            Role::Gateway => Role::Pca,
            _ => Role::Cca,
        }
    }
}

/// The labels of one registration: ours, and the CA's once it has given one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Labels {
    pub(super) lid_ee: LocalId,
    pub(super) lid_ca: Option<LocalId>,
}

impl Labels {
    /// LID-EE comes back as it was sent; LID-CA, once given, never changes (decisions.md 23).
    pub(super) fn check(&self, lid_ee: &LocalId, lid_ca: Option<&LocalId>) -> Result<(), EeError> {
        if *lid_ee != self.lid_ee {
            return Err(EeError::Challenge("lid-EE"));
        }
        match (&self.lid_ca, lid_ca) {
            (Some(known), Some(found)) if known != found => Err(EeError::Challenge("lid-CA")),
            _ => Ok(()),
        }
    }

    /// Keeps a LID-CA that was checked.
    pub(super) fn keep(&mut self, lid_ca: Option<LocalId>) {
        self.lid_ca = lid_ca.or_else(|| self.lid_ca.take());
    }
}

/// The whole message, ready to be posted.
pub(super) fn wrapped(
    message: &Message,
    rrpid: Option<&Rrpid>,
    now: UnixTime,
) -> Result<Vec<u8>, EeError> {
    let sw_ident =
        SwIdent::new(SW_IDENT).map_err(|fault| EeError::Value { what: "swIdent", fault })?;
    let header = MessageHeader::new(now, rrpid.copied(), sw_ident);
    Ok(der::Encode::to_der(&MessageWrapper::new(header, message.to_octets()?))?)
}

/// Who made the message: SWIdent of every header we send.
const SW_IDENT: &str = concat!("setca wallet ", env!("CARGO_PKG_VERSION"));
