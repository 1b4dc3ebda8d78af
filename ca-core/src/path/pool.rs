//! All certificates of a request, indexed for finding issuers.

use core::cmp::Reverse;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::facts::Facts;
use super::name::{comparison_key, der_key};
use super::policy;
use super::subject_names::SubjectNames;
use super::verdict::describe;
use super::{Origin, Request, Rules};
use crate::signer::{KeyAlgorithm, PublicKey};
use crate::wire::extensions::AuthorityKeyIdentifier;
use crate::wire::{Cert, Crl};

/// Index of a certificate in a [`Pool`].
pub(super) type Id = usize;

/// One certificate at hand.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) certificate: &'a Cert,
    /// Exactly one of the anchors, octet for octet.
    pub(super) anchor: bool,
    /// The same number for certificates with the same subject and key: a path holds each once.
    pub(super) entity: usize,
    /// The same number for certificates with the same key.
    pub(super) key: usize,
    pub(super) origin: Origin,
    subject: Cow<'a, [u8]>,
    issuer: Cow<'a, [u8]>,
    facts: OnceCell<Facts>,
    names: OnceCell<SubjectNames>,
    policy: OnceCell<policy::Facts>,
    public_key: OnceCell<Option<PublicKey>>,
    /// The key was given the parameters of a CA above.
    inherits: bool,
    label: OnceCell<String>,
}

impl Node<'_> {
    /// The certificate's extensions, read on first use.
    pub(super) fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| {
            let self_issued = self.subject() == self.issuer();
            Facts { self_issued, ..Facts::of(self.certificate) }
        })
    }

    /// The certificate's names beyond its subject, read on first use.
    pub(super) fn names(&self) -> &SubjectNames {
        self.names.get_or_init(|| SubjectNames::of(self.certificate))
    }

    /// The subject as the rules compare names: the same octets exactly if the names match.
    pub(super) fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// The issuer as the rules compare names.
    pub(super) fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// The policy extensions, read on first use.
    pub(super) fn policy(&self) -> &policy::Facts {
        self.policy.get_or_init(|| policy::Facts::of(self.certificate))
    }

    /// The key by the rules of RFC 5280, read on first use; `None` if it is of no known kind.
    pub(super) fn public_key(&self) -> Option<&PublicKey> {
        let read = || PublicKey::from_spki(self.certificate.spki_der());
        self.public_key.get_or_init(read).as_ref()
    }

    /// The kind of key by the rules of SET; `None` if it is none that this build knows.
    pub(super) fn set_key(&self) -> Option<KeyAlgorithm> {
        KeyAlgorithm::of_spki(self.certificate.spki_der())
    }

    /// True for a DSA key that was given the parameters of a CA above it.
    pub(super) const fn inherits_parameters(&self) -> bool {
        self.inherits
    }

    /// The certificate as reasons and trace name it, written on first use.
    pub(super) fn label(&self) -> &str {
        self.label.get_or_init(|| describe(self.certificate))
    }
}

/// Every distinct certificate of a request: anchors first, then the rest, duplicates dropped.
#[derive(Debug)]
pub(super) struct Pool<'a> {
    rules: Rules,
    nodes: Vec<Node<'a>>,
    /// By the subject as the rules compare names.
    by_subject: BTreeMap<Cow<'a, [u8]>, Vec<Id>>,
    by_issuer_and_serial: BTreeMap<(&'a [u8], &'a [u8]), Vec<Id>>,
    /// The same octets have the same signature, which is shorter to compare.
    by_signature: BTreeMap<&'a [u8], Vec<Id>>,
    /// What each name is compared by: most stand in several certificates.
    names: BTreeMap<&'a [u8], Cow<'a, [u8]>>,
    entities: BTreeMap<(Cow<'a, [u8]>, usize), EntityEntry>,
    keys: BTreeMap<&'a [u8], usize>,
    /// By the CRL issuer as the rules compare names.
    lists: BTreeMap<Cow<'a, [u8]>, Lists>,
}

/// The CRLs of one issuer, by their index in the request, newest first.
#[derive(Debug, Default)]
struct Lists {
    all: Vec<usize>,
    deltas: Vec<usize>,
}

#[derive(Debug)]
struct EntityEntry {
    number: usize,
    anchored: bool,
}

impl<'a> Pool<'a> {
    /// The pool of `request` and the certificate to judge in it.
    pub(super) fn of(request: &Request<'a>) -> (Self, Id) {
        let capacity = request.anchors.len() + request.untrusted.len() + 1;
        let mut pool = Self {
            rules: request.settings.rules,
            nodes: Vec::with_capacity(capacity),
            by_subject: BTreeMap::new(),
            by_issuer_and_serial: BTreeMap::new(),
            by_signature: BTreeMap::new(),
            names: BTreeMap::new(),
            entities: BTreeMap::new(),
            keys: BTreeMap::new(),
            lists: BTreeMap::new(),
        };
        for (index, anchor) in request.anchors.iter().enumerate() {
            pool.add(anchor, Origin::Anchor(index));
        }
        let leaf = pool.add(request.certificate, Origin::Certificate);
        for (index, certificate) in request.untrusted.iter().enumerate() {
            pool.add(certificate, Origin::Untrusted(index));
        }
        for (index, answer) in request.ocsp.iter().enumerate() {
            for certificate in &answer.certificates {
                pool.add(certificate, Origin::Ocsp(index));
            }
        }
        pool.add_lists(request.crls);
        (pool, leaf)
    }

    /// Every certificate.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (Id, &Node<'a>)> {
        self.nodes.iter().enumerate()
    }

    /// The CRLs issued under a name as the rules compare it, newest first, deltas among them.
    pub(super) fn crls_of(&self, issuer: &[u8]) -> &[usize] {
        self.lists.get(issuer).map_or(&[], |lists| &lists.all)
    }

    /// The delta CRLs among them.
    pub(super) fn deltas_of(&self, issuer: &[u8]) -> &[usize] {
        self.lists.get(issuer).map_or(&[], |lists| &lists.deltas)
    }

    /// Every index.
    pub(super) fn ids(&self) -> core::ops::Range<Id> {
        0..self.nodes.len()
    }

    /// Puts `key` in the place of a DSA key without parameters.
    pub(super) fn complete_key(&mut self, id: Id, key: PublicKey) {
        if let Some(node) = self.nodes.get_mut(id) {
            node.public_key = OnceCell::from(Some(key));
            node.inherits = true;
            // The same octets with other parameters are another key.
            node.key = usize::MAX - id;
        }
    }

    pub(super) fn node(&self, id: Id) -> Option<&Node<'a>> {
        self.nodes.get(id)
    }

    /// The certificates that issuer name and serial number of an authorityKeyIdentifier name.
    pub(super) fn named_by(&self, named: &AuthorityKeyIdentifier) -> Vec<Id> {
        let key = named.issuer_and_serial.as_ref();
        let key = key.map(|(issuer, serial)| (issuer.as_slice(), serial.as_slice()));
        key.and_then(|key| self.by_issuer_and_serial.get(&key)).cloned().unwrap_or_default()
    }

    /// True if an anchor has this node's subject and key.
    pub(super) fn shares_anchor_key(&self, node: &Node<'a>) -> bool {
        self.entities
            .get(&(Cow::Borrowed(node.subject()), node.key))
            .is_some_and(|entity| entity.anchored)
    }

    /// Certificates that may have issued `child`, likeliest first: the one that
    /// authorityKeyIdentifier names by issuer and serial number, then those with its keyIdentifier,
    /// then the rest of the name; anchors first among equals (RFC 4158 §3.5).
    pub(super) fn issuers_of(&self, child: &Node<'a>) -> Vec<Id> {
        let hint = child.facts().authority_key.as_ref();
        let by_name = self.by_subject.get(child.issuer());
        let named = hint.and_then(|hint| hint.issuer_and_serial.as_ref());
        let by_serial = named.and_then(|(issuer, serial)| {
            self.by_issuer_and_serial.get(&(issuer.as_slice(), serial.as_slice()))
        });
        let mut found: Vec<(u8, Id)> = by_serial
            .into_iter()
            .chain(by_name)
            .flatten()
            .map(|id| (self.rank(*id, hint), *id))
            .collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// The certificates of a subject as the rules compare it, and how likely each is the one that
    /// `hint` means: lower is likelier.
    pub(super) fn named(
        &self,
        subject: &[u8],
        hint: Option<&AuthorityKeyIdentifier>,
    ) -> Vec<(u8, Id)> {
        let found = self.by_subject.get(subject).into_iter().flatten();
        let mut found: Vec<_> = found.map(|id| (self.rank(*id, hint), *id)).collect();
        found.sort_unstable();
        found
    }

    /// Lower is tried first.
    fn rank(&self, id: Id, hint: Option<&AuthorityKeyIdentifier>) -> u8 {
        let Some(node) = self.node(id) else { return u8::MAX };
        if hint.is_some_and(|hint| hint.names(node.certificate)) {
            return 0;
        }
        let own = || node.facts().subject_key.as_ref().map(|own| own.0.as_slice());
        // A keyIdentifier that contradicts may be a wrong hint: last, not left out.
        let by_key = match hint.and_then(|hint| hint.key_identifier.as_deref()) {
            Some(wanted) => own().map_or(2, |own| if own == wanted { 1 } else { 3 }),
            None => 2,
        };
        by_key * 2 + u8::from(!node.anchor)
    }

    fn add_lists(&mut self, crls: &'a [Crl]) {
        let mut newest_first: Vec<(usize, &Crl)> = crls.iter().enumerate().collect();
        newest_first.sort_by_key(|(_, crl)| Reverse((crl.this_update(), crl.number())));
        for (index, crl) in newest_first {
            let lists = self.lists.entry(der_key(self.rules, crl.issuer_der())).or_default();
            lists.all.push(index);
            if crl.base_number().is_some() {
                lists.deltas.push(index);
            }
        }
    }

    fn add(&mut self, certificate: &'a Cert, origin: Origin) -> Id {
        let id = self.nodes.len();
        let twins = self.by_signature.entry(certificate.signature()).or_default();
        let is_same = |id: &&Id| {
            self.nodes.get(**id).is_some_and(|node| node.certificate.der() == certificate.der())
        };
        if let Some(known) = twins.iter().find(is_same) {
            return *known;
        }
        twins.push(id);
        let anchor = matches!(origin, Origin::Anchor(_));
        let next_key = self.keys.len();
        let key = *self.keys.entry(certificate.spki_der()).or_insert(next_key);
        let (tbs, rules) = (certificate.tbs(), self.rules);
        let mut compared = |name, der| {
            self.names.entry(der).or_insert_with(|| comparison_key(rules, name, der)).clone()
        };
        let subject = compared(tbs.subject(), certificate.subject_der());
        let issuer = compared(tbs.issuer(), certificate.issuer_der());
        let next_entity = self.entities.len();
        let entity = self
            .entities
            .entry((subject.clone(), key))
            .or_insert(EntityEntry { number: next_entity, anchored: false });
        entity.anchored |= anchor;
        let entity = entity.number;
        self.by_subject.entry(subject.clone()).or_default().push(id);
        self.by_issuer_and_serial
            .entry((certificate.issuer_der(), certificate.serial()))
            .or_default()
            .push(id);
        self.nodes.push(Node {
            certificate,
            anchor,
            entity,
            key,
            origin,
            subject,
            issuer,
            facts: OnceCell::new(),
            names: OnceCell::new(),
            policy: OnceCell::new(),
            public_key: OnceCell::new(),
            inherits: false,
            label: OnceCell::new(),
        });
        id
    }
}
