//! caBackKeyData: the key under which a cardholder wants the answer (spec `set-messages.md` §4.6
//! step 13).

use super::issuance::tunneling;
use crate::Suite;
use crate::decide::Refusal;
use crate::envelope::ContentCipher;
use crate::wire::BackKeyData;

/// The back key, if there is one for a cipher that our certificates offer.
pub(super) fn usable(suite: Suite, data: Option<&BackKeyData>) -> Result<&BackKeyData, Refusal> {
    let data = data.ok_or(Refusal::NoBackKey)?;
    let cipher = ContentCipher::of_back_key(suite, data).ok_or(Refusal::NoBackKey)?;
    let offered = tunneling(suite).algorithms.contains(&cipher.oid());
    if offered { Ok(data) } else { Err(Refusal::NoBackKey) }
}
