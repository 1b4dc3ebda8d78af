//! caBackKeyData: the key under which a cardholder wants the answer (spec `set-messages.md` §4.6
//! step 13).

use crate::Suite;
use crate::decide::Refusal;
use crate::wire::{BackKeyData, oids};

/// The back key, if there is one and its algorithm is one that the suite offers.
///
/// The parameters beside the algorithm are not looked at (spec `set-crypto.md` §3).
pub(super) fn usable(suite: Suite, data: Option<&BackKeyData>) -> Result<&BackKeyData, Refusal> {
    let data = data.ok_or(Refusal::NoBackKey)?;
    let (offered, length) = match suite {
        Suite::Modern => (oids::AES_256_GCM, AES_256_KEY),
        Suite::Set1997 => (oids::DES_CBC, DES_KEY),
    };
    let fits = data.back_alg_id.oid == offered && data.back_key.as_bytes().len() == length;
    if fits { Ok(data) } else { Err(Refusal::NoBackKey) }
}

const AES_256_KEY: usize = 32;
const DES_KEY: usize = 8;
