//! Checks of the audit log: what acts write in it, and the tree above.

use super::{Check, Violation, expect_absent, expect_equal, samples};
use crate::audit::{
    AuditEntry, AuditLine, Hash, Node, Tree, consistency_proof, inclusion_proof, leaf_hash,
    verify_consistency, verify_inclusion,
};
use crate::store::{ListId, Revocation, RevocationOrder, RevocationReason, Store, StoreError};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "every act is in the audit log, by whoever acted", run: every_act },
    Check { claim: "an act that is refused or changes nothing is not", run: refused },
    Check { claim: "acts without a record are noted", run: noted },
    Check { claim: "each entry of the audit log is proven, at each size", run: proven },
    Check { claim: "the audit log is read in pages", run: pages },
    Check { claim: "checkpoints are kept in order, the first of a size", run: checkpoints },
];

const REVOCATION: Revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);
const HOLD: Revocation = Revocation::new(samples::NOW, RevocationReason::CertificateHold);

/// Acts in the log, in order.
fn acts(store: &dyn Store) -> Result<Vec<String>, Violation> {
    let lines = store.audit_lines(0, usize::MAX)?;
    expect_equal(store.audit_size()?, lines.len() as u64)?;
    let read = |line: AuditLine| {
        let entry = AuditEntry::from_line(&line.text);
        let entry = entry.ok_or_else(|| Violation(format!("{line:?} is no entry")))?;
        expect_equal((entry.at, entry.by.as_str()), (samples::NOW.as_secs(), "folder"))?;
        Ok(entry.act)
    };
    lines.into_iter().map(read).collect()
}

fn every_act(store: &dyn Store) -> Result<(), Violation> {
    let acting = samples::acting();
    let ca = samples::ca("rca", None, 1)?;
    store.record_ca(&ca, &acting)?;
    let intents = [samples::intent("rca", 1)?, samples::intent("rca", 2)?];
    store.record_intents(&intents, &acting)?;
    let registration = samples::registration(1)?;
    store.record_registration(&registration, None, &acting)?;
    let issued = intents.each_ref().map(samples::issued);
    store.record_issued(&issued, None, &acting)?;
    let [one, other] = &intents;
    store.revoke(&one.issuer, &one.serial, &HOLD, &acting)?;
    store.release(&one.issuer, &one.serial, &acting)?;
    let orders = [one, other].map(|intent| RevocationOrder {
        issuer: intent.issuer.clone(),
        serial: intent.serial,
        revocation: REVOCATION,
    });
    store.revoke_all(&orders, &acting)?;
    let list = ListId::Crl(one.issuer.clone());
    let number = store.next_number(&list)?;
    store.record_list(&samples::list(&list, number), &acting)?;
    let expected = [
        "ca.create",
        "certificate.intend",
        "certificate.intend",
        "registration.record",
        "certificate.issue",
        "certificate.issue",
        "certificate.revoke",
        "certificate.release",
        "certificate.revoke",
        "certificate.revoke",
        "list.publish",
    ];
    expect_equal(acts(store)?, expected.map(str::to_owned).to_vec())
}

fn refused(store: &dyn Store) -> Result<(), Violation> {
    let acting = samples::acting();
    let intent = samples::intent("cca", 1)?;
    let intents = std::slice::from_ref(&intent);
    store.record_intents(intents, &acting)?;
    let before = store.audit_lines(0, usize::MAX)?;
    let _ = store.record_intents(intents, &acting);
    let _ = store.release(&intent.issuer, &intent.serial, &acting);
    let _ = store.revoke(&intent.issuer, &samples::serial(9)?, &REVOCATION, &acting);
    expect_equal(store.revoke_all(&[], &acting)?, 0)?;
    expect_equal(store.audit_lines(0, usize::MAX)?, before)
}

fn noted(store: &dyn Store) -> Result<(), Violation> {
    let object = || [("serial", "01".to_owned())];
    let (acting, rule) = (samples::acting(), Some("reason-of-ca"));
    let entry = AuditEntry::noted(&acting, "certificate.revoke", object(), rule);
    store.note(&[entry.clone(), AuditEntry::noted(&acting, "sign-in", object(), None)])?;
    let lines = store.audit_lines(0, 2)?;
    let read = lines.first().and_then(|line| AuditEntry::from_line(&line.text));
    expect_equal(read.as_ref(), Some(&entry))?;
    expect_equal(entry.outcome.as_str(), "refused: reason-of-ca")
}

fn proven(store: &dyn Store) -> Result<(), Violation> {
    let mut roots = Vec::new();
    for number in 0..MANY {
        let of = [("number", number.to_string())];
        store.note(&[AuditEntry::noted(&samples::acting(), "noted", of, None)])?;
        roots.push(Tree::read(number + 1, |node| store.audit_node(node))?.root());
    }
    let lines = store.audit_lines(0, usize::MAX)?;
    let last = roots.last().copied().unwrap_or_else(Hash::of_nothing);
    for ((number, line), root) in (0..).zip(&lines).zip(&roots) {
        let missing = || Violation(format!("no proof of {number}"));
        let inclusion = inclusion_proof(number, MANY, |node| store.audit_node(node))?;
        let inclusion = inclusion.ok_or_else(missing)?;
        let leaf = leaf_hash(line.text.as_bytes());
        expect_equal((line.position, line.mark), (number, AuditLine::mark(number, leaf)))?;
        expect_equal(verify_inclusion(leaf, number, MANY, &inclusion, last), true)?;
        let (old, new) = ((number + 1, *root), (MANY, last));
        let consistency = consistency_proof(old.0, MANY, |node| store.audit_node(node))?;
        let consistency = consistency.ok_or_else(missing)?;
        expect_equal(verify_consistency(old, new, &consistency), true)?;
    }
    nodes_at_once(store)
}

/// The same as one by one, those that there are not included.
fn nodes_at_once(store: &dyn Store) -> Result<(), Violation> {
    let all = (0..4).flat_map(|level| (0..=MANY).rev().map(move |index| Node { level, index }));
    let all: Vec<Node> = all.collect();
    let mut expected = Vec::new();
    for node in &all {
        expected.push(match store.audit_node(*node) {
            Err(StoreError::Absent(_)) => None,
            found => Some(found?),
        });
    }
    expect_equal(expected.iter().flatten().count(), 38)?;
    expect_equal(store.audit_nodes(&all)?, expected)
}

fn pages(store: &dyn Store) -> Result<(), Violation> {
    for number in 0..5 {
        let of = [("number", number.to_string())];
        store.note(&[AuditEntry::noted(&samples::acting(), "noted", of, None)])?;
    }
    let all = store.audit_lines(0, usize::MAX)?;
    expect_equal(store.audit_lines(1, 3)?, all.iter().skip(1).take(3).cloned().collect())?;
    expect_equal(store.audit_lines(5, 3)?, Vec::new())
}

fn checkpoints(store: &dyn Store) -> Result<(), Violation> {
    expect_absent(store.record_checkpoint(1, "early"))?;
    let entry = AuditEntry::noted(&samples::acting(), "noted", [("a", String::new())], None);
    store.note(&[entry.clone(), entry])?;
    expect_equal(store.last_checkpoint()?, None)?;
    store.record_checkpoint(2, "two")?;
    store.record_checkpoint(1, "one")?;
    expect_equal(store.last_checkpoint()?.as_deref(), Some("two"))?;
    store.record_checkpoint(2, "again")?;
    let all = store.checkpoints(0, 10)?;
    expect_equal(all, ["one", "two"].map(str::to_owned).to_vec())?;
    expect_equal(store.checkpoints(1, 10)?, vec!["two".to_owned()])?;
    expect_equal(store.checkpoints(0, 1)?, vec!["one".to_owned()])
}

/// Entries: a tree of several levels that is not whole.
const MANY: u64 = 21;
