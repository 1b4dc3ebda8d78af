//! The root rolls over in the demo, and a wallet that trusts the old one comes.

use ca_core::authority::{Authority, Reissued, RootKeys};
use ca_core::ee::PanData;
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::PrivateKey;
use ca_core::wire::Cert;
use ca_server::data::{Folder, Opened, PassphraseSource};

use super::acts::{DATA, Established, id_of, signing};
use super::end_entity::{EndEntity, certified};
use super::folder::Home;
use super::step::Told;
use crate::failure::Failure;
use crate::house::{authority_failure, data_failure};

/// Makes the announced key the root and has it certify the CAs on the way to the CCA.
///
/// As the commands do: beside the service, with the root's keys; the service takes it up.
pub(super) fn roll_over(home: &Home, house: &Established) -> Result<Told<Cert>, Failure> {
    let source = PassphraseSource::Given(house.passphrase.clone());
    let opened = Folder::at(&home.join(DATA)).open(&source, true).map_err(|e| data_failure(&e))?;
    let authority = Authority::open(opened.parts.clone()).map_err(|e| authority_failure(&e))?;
    let old = signing(&authority, Role::Rca)?;
    let rolled = take_over(&authority, &opened, &old)?;
    let mut renewed = Vec::new();
    for role in [Role::Bca, Role::Cca] {
        let ca = id_of(&authority, role)?;
        let uses = authority.key_uses(&ca, None).map_err(|e| authority_failure(&e))?;
        authority.renew(&ca, &uses).map_err(|e| authority_failure(&e))?;
        renewed.push(ca.to_string());
    }
    house.authority.reload().map_err(|e| authority_failure(&e))?;
    let new = signing(&house.authority, Role::Rca)?;
    let verdict = format!(
        "the announced key is the root, {}; {} renewed",
        ca_core::hex(new.serial()),
        renewed.join(", ")
    );
    Ok(Told { verdict, expected: !rolled.is_empty() && new != old, value: new })
}

fn take_over(authority: &Authority, opened: &Opened, old: &Cert) -> Result<Vec<Reissued>, Failure> {
    let missing = |what: &str| Failure::refused(format!("the root has no {what}"));
    let root = id_of(authority, Role::Rca)?;
    let uses = authority
        .key_uses(&root, Some(KeyUse::CertificateSigning))
        .map_err(|e| authority_failure(&e))?;
    let planned = authority.plan_rollover(&root, &uses).map_err(|e| authority_failure(&e))?;
    let made = opened.keys.make(&planned, |_| {}).map_err(|e| data_failure(&e))?;
    let announced = opened.keys.announced_by(old).ok_or_else(|| missing("announced key"))?;
    let made = || planned.iter().zip(&made);
    let next = made().find(|(planned, _)| planned.next_root).map(|(_, key)| key);
    let responder = made().find(|(planned, _)| !planned.next_root).map(|(_, key)| key);
    let next = next.ok_or_else(|| missing("key to announce"))?;
    let keys = RootKeys { announced: &announced, next, responder };
    authority.rollover_root(&root, keys).map_err(|e| authority_failure(&e))
}

/// Registers with a wallet that has never seen `new`: it must learn of it by itself.
pub(super) fn learned(
    wallet: &EndEntity<'_>,
    card: &PanData,
    key: &PrivateKey,
    new: &Cert,
) -> Result<Told<()>, Failure> {
    let certified = certified(wallet.register_card(card, key)?)?;
    let expected = certified.root == *new && *wallet.root != *new;
    let verdict = if expected {
        "requestComplete: the chain ends at the new root, which the old one announced"
    } else {
        "the chain ends at another root"
    };
    Ok(Told { verdict: verdict.to_owned(), expected, value: () })
}
