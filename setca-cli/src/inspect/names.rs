//! Names of object identifiers and X.500 names as people read them.

use ca_core::wire::oids;
use der::asn1::ObjectIdentifier;
use der::{Any, Decode, Encode, Tag, Tagged};
use x509_cert::name::Name;

/// `keyUsage (2.5.29.15)`, or the dotted form alone if the identifier has no name here.
pub(crate) fn oid_text(oid: &ObjectIdentifier) -> String {
    oid_name(oid).map_or_else(|| oid.to_string(), |name| format!("{name} ({oid})"))
}

/// The name of an object identifier.
pub(crate) fn oid_name(oid: &ObjectIdentifier) -> Option<&'static str> {
    let known = NAMES.iter().find(|(known, _)| known == oid).map(|(_, name)| *name);
    known.or_else(|| set_arc_name(oid))
}

/// Names of the arcs that are numbered through: content types and form fields.
fn set_arc_name(oid: &ObjectIdentifier) -> Option<&'static str> {
    let text = oid.to_string();
    let mut arcs = text.strip_prefix("2.23.42.")?.split('.');
    let (arc, number) = (arcs.next()?, arcs.next()?.parse::<usize>().ok()?);
    let table: &[&'static str] = match arc {
        "0" => &CONTENT_TYPES,
        "2" => &FORM_FIELDS,
        _ => return None,
    };
    let name = table.get(number).filter(|name| !name.is_empty()).copied();
    if arcs.next().is_none() { name } else { None }
}

/// A name from its DER, most significant part first: `C=US, O=Brand, OU=Brand CA`.
pub(crate) fn name_der_text(der: &[u8]) -> String {
    Name::from_der(der).map_or_else(|_| "(not a name)".to_owned(), |name| name_text(&name))
}

/// A name, most significant part first; commas and plus signs in values are escaped.
pub(crate) fn name_text(name: &Name) -> String {
    let rdn = |parts: &x509_cert::name::RelativeDistinguishedName| {
        let values: Vec<String> = parts
            .iter()
            .map(|part| {
                format!("{}={}", attribute_name(&part.oid), escaped(&string_text(&part.value)))
            })
            .collect();
        values.join(" + ")
    };
    let all: Vec<String> = name.iter_rdn().map(rdn).collect();
    if all.is_empty() { "(empty name)".to_owned() } else { all.join(", ") }
}

/// The text of a string type, `#` and hexadecimal DER for what is none.
fn string_text(value: &Any) -> String {
    let octets = value.value();
    let text = match value.tag() {
        Tag::BmpString => bmp_text(octets),
        Tag::PrintableString
        | Tag::Utf8String
        | Tag::Ia5String
        | Tag::VisibleString
        | Tag::NumericString => String::from_utf8(octets.to_vec()).ok(),
        Tag::TeletexString => Some(octets.iter().map(|octet| char::from(*octet)).collect()),
        _ => None,
    };
    text.unwrap_or_else(|| {
        let der = value.to_der().unwrap_or_default();
        format!("#{}", ca_core::hex(&der))
    })
}

/// UTF-16 without surrogates, two octets a character.
pub(crate) fn bmp_text(octets: &[u8]) -> Option<String> {
    let units: Option<Vec<u16>> = octets
        .chunks(2)
        .map(|pair| <[u8; 2]>::try_from(pair).ok().map(u16::from_be_bytes))
        .collect();
    String::from_utf16(&units?).ok()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, ',' | '+' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn attribute_name(oid: &ObjectIdentifier) -> String {
    match *oid {
        oids::COUNTRY_NAME => "C".to_owned(),
        oids::ORGANIZATION_NAME => "O".to_owned(),
        oids::ORGANIZATIONAL_UNIT_NAME => "OU".to_owned(),
        oids::COMMON_NAME => "CN".to_owned(),
        _ => oid_name(oid).map_or_else(|| oid.to_string(), str::to_owned),
    }
}

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const NAMES: [(ObjectIdentifier, &str); 78] = [
    (oids::ROOT_KEY_THUMB, "rootKeyThumb"),
    (oids::POLICY_ROOT, "SET root policy"),
    (oids::HASHED_ROOT_KEY, "hashedRootKey"),
    (oids::CERTIFICATE_TYPE, "certificateType"),
    (oids::MERCHANT_DATA, "merchantData"),
    (oids::CARD_CERT_REQUIRED, "cardCertRequired"),
    (oids::TUNNELING, "tunneling"),
    (oids::SET_EXTENSIONS, "setExtensions"),
    (oids::SET_QUALIFIER, "setQualifier"),
    (oid("2.23.42.3.0.1"), "additionalPolicy"),
    (oid("2.23.42.1.1"), "genCrypt"),
    (oid("2.23.42.1.3"), "miAuth"),
    (oid("2.23.42.1.4"), "pinSecure"),
    (oid("2.23.42.1.5"), "pinAny"),
    (oid("2.23.42.1.7"), "track2"),
    (oid("2.23.42.1.8"), "cv"),
    (oids::ID_DATA, "data"),
    (oids::ID_SIGNED_DATA, "signedData"),
    (oid("1.2.840.113549.1.7.3"), "envelopedData"),
    (oid("1.2.840.113549.1.7.5"), "digestedData"),
    (oid("1.2.840.113549.1.7.6"), "encryptedData"),
    (oids::ATTR_CONTENT_TYPE, "contentType"),
    (oids::ATTR_MESSAGE_DIGEST, "messageDigest"),
    (oid("1.2.840.113549.1.9.1"), "emailAddress"),
    (oid("1.2.840.113549.1.9.14"), "extensionRequest"),
    (oid("1.2.840.113549.1.5.13"), "PBES2"),
    (oid("1.2.840.113549.1.5.12"), "PBKDF2"),
    (oid("1.3.6.1.4.1.11591.4.11"), "scrypt"),
    (oid("2.16.840.1.101.3.4.1.42"), "AES-256-CBC"),
    (oids::SHA_1, "SHA-1"),
    (oids::SHA_256, "SHA-256"),
    (oids::SHA_384, "SHA-384"),
    (oids::SHA_512, "SHA-512"),
    (oids::RSA_ENCRYPTION, "rsaEncryption"),
    (oids::SHA1_WITH_RSA, "sha1WithRSAEncryption"),
    (oids::RSA_OAEP_SET, "rsaOAEPEncryptionSET"),
    (oids::RSAES_OAEP, "RSAES-OAEP"),
    (oids::MGF1, "MGF1"),
    (oids::P_SPECIFIED, "pSpecified"),
    (oids::RSASSA_PSS, "RSASSA-PSS"),
    (oids::SHA256_WITH_RSA, "sha256WithRSAEncryption"),
    (oids::SHA384_WITH_RSA, "sha384WithRSAEncryption"),
    (oids::SHA512_WITH_RSA, "sha512WithRSAEncryption"),
    (oids::EC_PUBLIC_KEY, "ecPublicKey"),
    (oids::SECP_256_R1, "P-256"),
    (oids::SECP_384_R1, "P-384"),
    (oids::ECDSA_WITH_SHA256, "ecdsa-with-SHA256"),
    (oids::ECDSA_WITH_SHA384, "ecdsa-with-SHA384"),
    (oids::ED25519, "Ed25519"),
    (oids::AES_256_GCM, "AES-256-GCM"),
    (oids::DES_CBC, "DES-CBC"),
    (oids::CDMF, "CDMF"),
    (oids::SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier"),
    (oids::KEY_USAGE, "keyUsage"),
    (oids::PRIVATE_KEY_USAGE_PERIOD, "privateKeyUsagePeriod"),
    (oids::SUBJECT_ALT_NAME, "subjectAltName"),
    (oids::ISSUER_ALT_NAME, "issuerAltName"),
    (oids::BASIC_CONSTRAINTS, "basicConstraints"),
    (oids::CRL_NUMBER, "cRLNumber"),
    (oids::CRL_REASON, "reasonCode"),
    (oids::INVALIDITY_DATE, "invalidityDate"),
    (oids::DELTA_CRL_INDICATOR, "deltaCRLIndicator"),
    (oids::ISSUING_DISTRIBUTION_POINT, "issuingDistributionPoint"),
    (oids::CERTIFICATE_ISSUER, "certificateIssuer"),
    (oids::NAME_CONSTRAINTS, "nameConstraints"),
    (oids::CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints"),
    (oids::CERTIFICATE_POLICIES, "certificatePolicies"),
    (oids::AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier"),
    (oids::EXT_KEY_USAGE, "extKeyUsage"),
    (oids::FRESHEST_CRL, "freshestCRL"),
    (oids::AUTHORITY_INFO_ACCESS, "authorityInfoAccess"),
    (oids::KP_OCSP_SIGNING, "OCSPSigning"),
    (oids::AD_OCSP, "ocsp"),
    (oids::OCSP_BASIC, "ocspBasic"),
    (oids::OCSP_NONCE, "ocspNonce"),
    (oids::OCSP_NOCHECK, "ocspNoCheck"),
    (oids::AD_CA_ISSUERS, "caIssuers"),
    (oid("2.5.4.5"), "serialNumber"),
];

/// Content types 2.23.42.0.n by n (spec `set-certificates.md` §7); 15 is not assigned.
const CONTENT_TYPES: [&str; 83] = [
    "PANData",
    "PANToken",
    "PANOnly",
    "OIData",
    "PI",
    "PIData",
    "PIDataUnsigned",
    "HODInput",
    "AuthResBaggage",
    "AuthRevReqBaggage",
    "AuthRevResBaggage",
    "CapTokenSeq",
    "PInitResData",
    "PI-TBS",
    "PResData",
    "",
    "AuthReqTBS",
    "AuthResTBS",
    "AuthResTBSX",
    "AuthTokenTBS",
    "CapTokenData",
    "CapTokenTBS",
    "AcqCardCodeMsg",
    "AuthRevReqTBS",
    "AuthRevResData",
    "AuthRevResTBS",
    "CapReqTBS",
    "CapReqTBSX",
    "CapResData",
    "CapRevReqTBS",
    "CapRevReqTBSX",
    "CapRevResData",
    "CredReqTBS",
    "CredReqTBSX",
    "CredResData",
    "CredRevReqTBS",
    "CredRevReqTBSX",
    "CredRevResData",
    "PCertReqData",
    "PCertResTBS",
    "BatchAdminReqData",
    "BatchAdminResData",
    "CardCInitResTBS",
    "MeAqCInitResTBS",
    "RegFormResTBS",
    "CertReqData",
    "CertReqTBS",
    "CertResData",
    "CertInqReqTBS",
    "ErrorTBS",
    "PIDualSignedTBE",
    "PIUnsignedTBE",
    "AuthReqTBE",
    "AuthResTBE",
    "AuthResTBEX",
    "AuthTokenTBE",
    "CapTokenTBE",
    "CapTokenTBEX",
    "AcqCardCodeMsgTBE",
    "AuthRevReqTBE",
    "AuthRevResTBE",
    "AuthRevResTBEB",
    "CapReqTBE",
    "CapReqTBEX",
    "CapResTBE",
    "CapRevReqTBE",
    "CapRevReqTBEX",
    "CapRevResTBE",
    "CredReqTBE",
    "CredReqTBEX",
    "CredResTBE",
    "CredRevReqTBE",
    "CredRevReqTBEX",
    "CredRevResTBE",
    "BatchAdminReqTBE",
    "BatchAdminResTBE",
    "RegFormReqTBE",
    "CertReqTBE",
    "CertReqTBEX",
    "CertResTBE",
    "CRLNotificationTBS",
    "CRLNotificationResTBS",
    "BCIDistributionTBS",
];

/// Form fields 2.23.42.2.n by n (spec `decisions.md` 24).
const FORM_FIELDS: [&str; 13] = [
    "fullName",
    "givenName",
    "familyName",
    "birthFamilyName",
    "placeName",
    "identificationNumber",
    "month",
    "date",
    "address",
    "telephone",
    "amount",
    "accountNumber",
    "passPhrase",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_are_counted_as_the_table_of_the_spec_counts_them() {
        // Spec set-certificates.md §7: the ends of the table's columns and the last row.
        for (number, name) in [
            (0, "PANData"),
            (26, "CapReqTBS"),
            (27, "CapReqTBSX"),
            (54, "AuthResTBEX"),
            (55, "AuthTokenTBE"),
            (82, "BCIDistributionTBS"),
        ] {
            let oid = oid(&format!("2.23.42.0.{number}"));
            assert_eq!(oid_name(&oid), Some(name));
        }
        assert_eq!(oid_name(&oid("2.23.42.0.15")), None);
        assert_eq!(oid_name(&oid("2.23.42.0.1.1")), None);
    }

    #[test]
    fn constants_of_the_core_have_the_names_of_the_table() {
        assert_eq!(oid_name(&oids::CT_CERT_REQ_DATA), Some("CertReqData"));
        assert_eq!(oid_name(&oids::CT_CERT_RES_TBE), Some("CertResTBE"));
        assert_eq!(oid_name(&oids::FIELD_FULL_NAME), Some("fullName"));
    }

    #[test]
    fn comma_in_a_value_cannot_pass_for_two_attributes() {
        // C=US, O=a\, CN=b
        let der = [
            0x30, 0x1d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x13, 0x02, 0x55,
            0x53, 0x31, 0x0e, 0x30, 0x0c, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c, 0x05, 0x61, 0x2c,
            0x43, 0x3d, 0x62,
        ];
        assert_eq!(name_der_text(&der), "C=US, O=a\\,C=b");
    }
}
