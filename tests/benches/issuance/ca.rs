//! A cardholder CA with a key of a given kind, over a given store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use ca_core::audit::Actor;
use ca_core::authority::{
    ApprovalAnswer, Approver, Case, Clock as _, Hierarchy, NewKey, Parts, establish, plan,
};
use ca_core::issue::{
    CertificateOrder, CrlLocation, Issuer, Locations, PreparedCertificate, SubjectName, prepare,
};
use ca_core::profile::{Approval, KeyUse, Policies, Role};
use ca_core::signer::{KeyAlgorithm, PrivateKey, Signer, SoftwareKeys};
use ca_core::store::conformance::samples;
use ca_core::store::{CaId, Intent, IssuedCertificate, Store};
use ca_core::{Suite, UnixTime};
use ca_server::{SystemClock, SystemRandom};
use zeroize::Zeroizing;

/// The CA.
pub(crate) struct Ca {
    policies: Arc<Policies>,
    hierarchy: Arc<Hierarchy>,
    signer: Arc<SoftwareKeys>,
    store: Arc<dyn Store>,
    id: CaId,
    now: UnixTime,
    names: AtomicU64,
}

impl Ca {
    /// Makes a hierarchy in an empty store. Keys that sign are of the kind.
    pub(crate) fn establish(kind: KeyAlgorithm, store: Arc<dyn Store>) -> Result<Self> {
        let policies = Arc::new(Policies::shipped(Suite::Modern)?);
        let plan = plan(&policies, &["Sample".to_owned()], None)?;
        let (mut keys, mut public) = (SoftwareKeys::default(), Vec::new());
        for (_, planned) in plan.keys() {
            let signs = planned.key_use == KeyUse::CertificateSigning;
            let algorithm = if signs { kind } else { planned.algorithm };
            let key = PrivateKey::generate(algorithm, &SystemRandom)?;
            public.push(NewKey { id: key.id(), spki: key.spki_der().to_vec() });
            keys.insert(key);
        }
        let (signer, clock) = (Arc::new(keys), SystemClock::default());
        let now = clock.now();
        let parts = Parts {
            policies: policies.clone(),
            store: store.clone(),
            signer: signer.clone(),
            decryptor: signer.clone(),
            clock: Arc::new(clock),
            random: Arc::new(SystemRandom),
            approver: Arc::new(Nobody),
            pan_key: Zeroizing::new([7; 32]),
            base_url: URL.to_owned(),
            actor: Actor::Service,
            audit_key: None,
            watch: None,
        };
        let hierarchy = establish(parts, &plan, &public)?.hierarchy();
        let id = CaId::new("sample-cca").context("a CA")?;
        Ok(Self { policies, hierarchy, signer, store, id, now, names: AtomicU64::new(0) })
    }

    /// One signature with the CA's key, with nothing around it.
    pub(crate) fn sign_bare(&self) -> Result<()> {
        let held = self.held()?;
        self.signer.sign(&held.key, held.algorithm, &[0x30; 1024])?;
        Ok(())
    }

    /// Issues a certificate for one of the keys, as `authority/certify.rs` does.
    pub(crate) fn issue(&self, keys: &[Vec<u8>], number: usize) -> Result<()> {
        let (prepared, intent) = self.prepare(keys.get(number).context("a key")?)?;
        self.store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
        let der = prepared.sign(&self.held()?.key, self.signer.as_ref())?;
        let issued = IssuedCertificate { intent, der };
        self.store.record_issued(&[issued], None, &samples::acting())?;
        Ok(())
    }

    /// Certificates that are signed and not recorded.
    pub(crate) fn prepared(&self, keys: &[Vec<u8>]) -> Result<Vec<IssuedCertificate>> {
        let signed = |key: &Vec<u8>| {
            let (prepared, intent) = self.prepare(key)?;
            let der = prepared.sign(&self.held()?.key, self.signer.as_ref())?;
            Ok(IssuedCertificate { intent, der })
        };
        keys.iter().map(signed).collect()
    }

    fn held(&self) -> Result<ca_core::authority::Held<'_>> {
        let ca = self.hierarchy.ca(&self.id).context("the CCA")?;
        ca.held(KeyUse::CertificateSigning).context("the CCA's key")
    }

    fn prepare(&self, spki: &[u8]) -> Result<(PreparedCertificate, Intent)> {
        let held = self.held()?;
        let (role, key_use) = (Role::Cardholder, KeyUse::MessageSignature);
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        let id = &self.id;
        let order = CertificateOrder {
            profile: self.policies.profile(role, key_use).context("a profile")?,
            suite: Suite::Modern,
            issuer: Issuer {
                certificate: Some(held.certificate),
                key: held.key,
                algorithm: held.algorithm,
            },
            subject: SubjectName {
                country: "US".to_owned(),
                organization: "Sample".to_owned(),
                units: vec!["Example Bank".to_owned()],
                common_name: Some(format!("{number:043}=")),
            },
            spki_der: spki,
            roles: &[role],
            not_before: self.now,
            not_after_cap: None,
            hashed_root_key: None,
            tunneling: None,
            merchant_data: None,
            card_cert_required: None,
            set_extensions: None,
            locations: Some(&Locations {
                crl: CrlLocation::Whole(format!("{URL}/crl/{id}.crl")),
                delta_url: None,
                ocsp_url: format!("{URL}/ocsp"),
                ca_issuers_url: format!("{URL}/ca/{id}.cer"),
            }),
        };
        let prepared = prepare(&order, &SystemRandom)?;
        let intent = Intent {
            issuer: id.clone(),
            serial: *prepared.serial(),
            tbs: prepared.tbs().to_vec(),
            subject: prepared.subject_text().to_owned(),
            role,
            key_use,
            brand: Some("Sample".to_owned()),
            public_key: prepared.public_key_hash(),
            thumbprint: Suite::Modern.digest(prepared.tbs()),
            not_after: prepared.not_after(),
            request: None,
            renews: None,
            recorded_at: self.now,
        };
        Ok((prepared, intent))
    }
}

/// Public keys of end entities, as SubjectPublicKeyInfo.
pub(crate) fn public_keys(count: usize) -> Result<Vec<Vec<u8>>> {
    let make = |_| {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
        Ok(der.as_ref().to_vec())
    };
    (0..count).map(make).collect()
}

/// Nobody registers here.
struct Nobody;

impl Approver for Nobody {
    fn ask(&self, _: &Approval, _: &Case) -> ApprovalAnswer {
        ApprovalAnswer::Later
    }
}

const URL: &str = "http://127.0.0.1:8257";
