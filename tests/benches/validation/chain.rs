//! A chain made by a foreign library, and three ways to judge it.

use anyhow::Result;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use ca_core::path::{Request, RevocationMode, Rules, Settings, validate};
use ca_core::wire::Cert;
use ca_core::{Suite, UnixTime};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, RsaKeySize,
};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime as PkiTime};
use webpki::{EndEntityCert, KeyUsage};

/// The keys of a chain.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Rsa2048,
    Rsa3072,
    P256,
}

impl Key {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa3072 => "RSA-3072",
            Self::P256 => "P-256",
        }
    }

    fn generate(self) -> Result<KeyPair> {
        Ok(match self {
            Self::Rsa2048 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048)?,
            Self::Rsa3072 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072)?,
            Self::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?,
        })
    }

    fn scheme(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Rsa2048 | Self::Rsa3072 => &RSA_PKCS1_2048_8192_SHA256,
            Self::P256 => &ECDSA_P256_SHA256_ASN1,
        }
    }
}

/// Extensions of the certificates of a chain.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    /// In both CA certificates below the root.
    pub(crate) ca: Vec<CustomExtension>,
    /// In the first CA certificate below the root.
    pub(crate) constraints: Option<NameConstraints>,
    pub(crate) leaf: Vec<CustomExtension>,
    /// dNSNames of the leaf, beside the one there always is.
    pub(crate) names: Vec<String>,
}

/// Root, two CAs, leaf; as octets and ready for each of the three.
pub(crate) struct Chain {
    key: Key,
    /// Root first.
    certificates: Vec<CertificateDer<'static>>,
    /// What is signed, the signature, and the key that signed; below the root.
    signed: Vec<Signed>,
    /// The same certificates, decoded.
    decoded: Vec<Cert>,
    anchor: TrustAnchor<'static>,
}

struct Signed {
    message: Vec<u8>,
    signature: Vec<u8>,
    public_key: Vec<u8>,
}

impl Chain {
    pub(crate) fn new(key: Key) -> Result<Self> {
        Self::with(key, Extras::default())
    }

    pub(crate) fn with(key: Key, extras: Extras) -> Result<Self> {
        let pairs = [key.generate()?, key.generate()?, key.generate()?, key.generate()?];
        let [root, first, second, last] = &pairs;
        let root_params = ca("Root");
        let mut first_params = ca("First CA");
        first_params.name_constraints = extras.constraints;
        first_params.custom_extensions.clone_from(&extras.ca);
        let mut second_params = ca("Second CA");
        second_params.custom_extensions = extras.ca;
        let mut leaf = CertificateParams::new([vec![HOST.to_owned()], extras.names].concat())?;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        leaf.custom_extensions = extras.leaf;
        let certificates = vec![
            root_params.self_signed(root)?.der().clone(),
            first_params.signed_by(first, &Issuer::from_params(&root_params, root))?.der().clone(),
            second_params
                .signed_by(second, &Issuer::from_params(&first_params, first))?
                .der()
                .clone(),
            leaf.signed_by(last, &Issuer::from_params(&second_params, second))?.der().clone(),
        ];
        let signed: Result<Vec<Signed>> = certificates
            .iter()
            .skip(1)
            .zip(&pairs)
            .map(|(der, issuer)| {
                let certificate = Cert::from_der(der)?;
                Ok(Signed {
                    message: certificate.tbs_der().to_vec(),
                    signature: certificate.signature().to_vec(),
                    public_key: issuer.public_key_raw().to_vec(),
                })
            })
            .collect();
        let anchor = webpki::anchor_from_trusted_cert(&certificates[0])?.to_owned();
        let decoded: Result<Vec<Cert>, _> =
            certificates.iter().map(|der| Cert::from_der(der)).collect();
        Ok(Self { key, signed: signed?, decoded: decoded?, anchor, certificates })
    }

    /// The three signature checks and nothing else.
    pub(crate) fn verify_bare(&self) {
        for signed in &self.signed {
            UnparsedPublicKey::new(self.key.scheme(), &signed.public_key)
                .verify(&signed.message, &signed.signature)
                .expect("a good signature");
        }
    }

    /// From octets to verdict.
    pub(crate) fn validate(&self) {
        let read = |der: &CertificateDer<'_>| Cert::from_der(der).expect("a certificate");
        let decoded: Vec<Cert> = self.certificates.iter().map(read).collect();
        judge(&decoded, false);
    }

    /// From decoded certificates, as a cache holds them, to verdict.
    pub(crate) fn validate_decoded(&self, trace: bool) {
        judge(&self.decoded, trace);
    }

    pub(crate) fn validate_by_webpki(&self) {
        let [_, first, second, leaf] = &self.certificates[..] else { unreachable!() };
        let leaf = EndEntityCert::try_from(leaf).expect("a certificate");
        leaf.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            std::slice::from_ref(&self.anchor),
            &[first.clone(), second.clone()],
            PkiTime::since_unix_epoch(std::time::Duration::from_secs(NOW)),
            KeyUsage::server_auth(),
            None,
            None,
        )
        .expect("a valid chain");
    }
}

/// Judges the last certificate below the first.
fn judge(certificates: &[Cert], trace: bool) {
    let [root, between @ .., leaf] = certificates else { unreachable!() };
    let settings = Settings {
        revocation: RevocationMode::Off,
        trace,
        ..Settings::new(Rules::Rfc5280, Suite::Modern, UnixTime::from_secs(NOW))
    };
    let verdict = validate(&Request {
        certificate: leaf,
        untrusted: between,
        anchors: std::slice::from_ref(root),
        crls: &[],
        bcis: &[],
        ocsp: &[],
        register: &[],
        settings: &settings,
    });
    assert!(verdict.valid, "{:?}", verdict.reasons);
}

fn ca(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CountryName, "DE");
    params.distinguished_name.push(DnType::OrganizationName, "Example");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params
}

const HOST: &str = "shop.example";
/// 2027-01-15, inside the validity that the library gives by default.
const NOW: u64 = 1_800_000_000;
