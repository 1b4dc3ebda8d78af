//! One certificate of the CA, signed by it, and many more made by overwriting its octets.

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use ca_core::authority::Ca;
use ca_core::issue::{CertificateOrder, CrlLocation, Issuer, Locations, SubjectName, prepare};
use ca_core::profile::{KeyUse, Policies, Role};
use ca_core::signer::Signer;
use ca_core::store::{CertificateRecord, Intent, IssuedCertificate};
use ca_core::wire::Cert;
use ca_core::{Suite, UnixTime};
use ca_server::{SystemClock, SystemRandom};

use super::{serial, spread};

/// A certificate, and where in it lies what makes it one of its own.
pub(super) struct Template {
    suite: Suite,
    issued: IssuedCertificate,
    begins: UnixTime,
    /// Octets before the unsigned part.
    head: usize,
    serial: usize,
    ends: usize,
    name: usize,
    spki: usize,
    spki_length: usize,
}

impl Template {
    /// Has a cardholder certificate signed, under a name and serial number that stand for others.
    pub(super) fn new(ca: &Ca, policies: &Policies, signer: &dyn Signer) -> Result<Self> {
        let now = ca_core::authority::Clock::now(&SystemClock::default());
        let held = ca.held(KeyUse::CertificateSigning).context("the CA cannot sign")?;
        let (role, key_use) = (Role::Cardholder, KeyUse::MessageSignature);
        let (url, id) = ("http://127.0.0.1:8257", &ca.record.id);
        let spki = public_key()?;
        let order = CertificateOrder {
            profile: policies.profile(role, key_use).context("no profile for cardholders")?,
            suite: policies.suite(),
            issuer: Issuer {
                certificate: Some(held.certificate),
                key: held.key,
                algorithm: held.algorithm,
            },
            subject: SubjectName {
                country: "US".to_owned(),
                organization: ca.record.brand.clone().context("a CA without brand")?,
                units: vec!["Example Bank".to_owned()],
                common_name: Some(name(0)),
            },
            spki_der: &spki,
            roles: &[role],
            not_before: now,
            not_after_cap: Some(now.plus_days(LIFE_DAYS)),
            hashed_root_key: None,
            tunneling: None,
            merchant_data: None,
            card_cert_required: None,
            set_extensions: None,
            locations: Some(&Locations {
                crl: CrlLocation::Whole(format!("{url}/crl/{id}.crl")),
                delta_url: None,
                ocsp_url: format!("{url}/ocsp"),
                ca_issuers_url: format!("{url}/ca/{id}.cer"),
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
            brand: ca.record.brand.clone(),
            public_key: prepared.public_key_hash(),
            thumbprint: policies.suite().digest(prepared.tbs()),
            not_after: prepared.not_after(),
            request: None,
            renews: None,
            recorded_at: now,
        };
        let der = prepared.sign(&held.key, signer)?;
        Self::of(policies.suite(), IssuedCertificate { intent, der })
    }

    /// From the certificate with number 0, which is in the store already.
    pub(super) fn again(suite: Suite, first: CertificateRecord) -> Result<Self> {
        let der =
            first.der.context("the first fill was killed at once: begin with a new folder")?;
        Self::of(suite, IssuedCertificate { intent: first.intent, der })
    }

    fn of(suite: Suite, issued: IssuedCertificate) -> Result<Self> {
        let certificate = Cert::from_der(&issued.der)?;
        let tbs = certificate.tbs_der();
        let spki = certificate.spki_der();
        let subject = &issued.intent.subject;
        let (_, name) = subject.rsplit_once("CN=").context("a subject without commonName")?;
        ensure!(issued.intent.serial.as_octets().len() == 16, "serial numbers have 16 octets");
        Ok(Self {
            suite,
            begins: certificate.not_before(),
            head: only(&issued.der, tbs)?,
            serial: only(&issued.der, issued.intent.serial.as_octets())?,
            ends: only(&issued.der, &utc(issued.intent.not_after)?)?,
            name: only(&issued.der, name.as_bytes())?,
            spki: only(&issued.der, spki)?,
            spki_length: spki.len(),
            issued,
        })
    }

    /// When the template was made.
    pub(super) const fn begins(&self) -> UnixTime {
        self.begins
    }

    /// The certificate with this number.
    pub(super) fn certificate(&self, number: u64) -> Result<IssuedCertificate> {
        let own = serial(number)?;
        let (name, not_after) = (name(number), self.ends_at(number));
        let mut der = self.issued.der.clone();
        write(&mut der, self.serial, own.as_octets())?;
        write(&mut der, self.ends, &utc(not_after)?)?;
        write(&mut der, self.name, name.as_bytes())?;
        // The last 64 octets are the point's coordinates.
        let key_end = self.spki + self.spki_length;
        write(&mut der, key_end - 64, &spread(number).to_le_bytes())?;
        let intent = &self.issued.intent;
        let tbs = der.get(self.head..self.head + intent.tbs.len()).context("a tbs")?.to_vec();
        let spki = der.get(self.spki..key_end).context("a key")?;
        let (before, _) = intent.subject.rsplit_once("CN=").context("a commonName")?;
        let intent = Intent {
            serial: own,
            subject: format!("{before}CN={name}"),
            public_key: digest(spki)?,
            thumbprint: self.suite.digest(&tbs),
            not_after,
            tbs,
            ..Self::plain(intent)
        };
        Ok(IssuedCertificate { intent, der })
    }

    /// What all have in common; the octets are left out, to be replaced.
    fn plain(intent: &Intent) -> Intent {
        Intent {
            issuer: intent.issuer.clone(),
            serial: intent.serial,
            tbs: Vec::new(),
            subject: String::new(),
            brand: intent.brand.clone(),
            thumbprint: Vec::new(),
            renews: None,
            ..*intent
        }
    }

    /// Within two years: the first half of the days after a week is past, and so on.
    fn ends_at(&self, number: u64) -> UnixTime {
        let minutes = u64::from(LIFE_DAYS - FIRST_END_DAYS) * 24 * 60;
        let place = (spread(number) >> 64) as u64 % minutes;
        self.begins.plus_days(FIRST_END_DAYS).plus_secs(place * 60)
    }
}

/// The name a cardholder has: a digest in base64 (spec `set-messages.md` §4.9).
fn name(number: u64) -> String {
    use base64ct::{Base64, Encoding as _};
    let mut octets = [0x5a; 32];
    let (spread_out, _) = octets.split_at_mut(16);
    spread_out.copy_from_slice(&spread(number ^ NAMES).to_be_bytes());
    Base64::encode_string(&octets)
}

/// DER SubjectPublicKeyInfo of a new P-256 key.
fn public_key() -> Result<Vec<u8>> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    Ok(aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(
        pair.public_key(),
    )?
    .as_ref()
    .to_vec())
}

fn digest(octets: &[u8]) -> Result<[u8; 32]> {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, octets);
    Ok(digest.as_ref().try_into()?)
}

/// DER of the UTCTime that X.509 has until 2049; with its tag and length, because a GeneralizedTime
/// ends in the same digits.
fn utc(time: UnixTime) -> Result<Vec<u8>> {
    let digits: String = time.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    Ok([&[0x17, 13], digits.get(2..).context("a date")?.as_bytes(), b"Z"].concat())
}

/// Where these octets are; they must be there once.
fn only(octets: &[u8], wanted: &[u8]) -> Result<usize> {
    let mut places = octets.windows(wanted.len()).enumerate();
    let mut next = || places.find(|(_, window)| *window == wanted).map(|(place, _)| place);
    let place = next().context("the certificate lacks what it was made from")?;
    ensure!(next().is_none(), "the certificate has the same octets twice");
    Ok(place)
}

fn write(octets: &mut [u8], place: usize, new: &[u8]) -> Result<()> {
    let old = octets.get_mut(place..place + new.len()).context("a place in the certificate")?;
    old.copy_from_slice(new);
    Ok(())
}

/// Days from the first certificate to the last end.
const LIFE_DAYS: u32 = 730;
/// Days until the first of them ends: nothing ends while somebody measures.
const FIRST_END_DAYS: u32 = 7;
/// Tells names from serial numbers.
const NAMES: u64 = 0x006e_616d_6573;
