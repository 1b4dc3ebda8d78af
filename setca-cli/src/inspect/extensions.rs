//! Certificate extensions by name, each value decoded.

use ca_core::profile::Role;
use ca_core::wire::extensions::{
    AdditionalPolicy, AuthorityInfoAccess, AuthorityKeyIdentifier, BasicConstraints,
    CardCertRequired, CertificateType, CrlDistributionPoints, DistributionPoint, DraftQualifier,
    ExtendedKeyUsage, ExtensionValue, FreshestCrl, HashedRootKey, Holders,
    IssuingDistributionPoint, KeyUsage, LocationName, MerName, MerchantData, OcspNoCheck,
    PointName, PrivateKeyUsagePeriod, SetExtensions, SetPolicy, SetQualifier, SubjectKeyIdentifier,
    Tunneling,
};
use ca_core::wire::{DecodeError, Language, Url};
use ca_core::wire::{decode, oids};
use der::asn1::ObjectIdentifier;
use x509_cert::ext::Extension;

use super::certificate::digest;
use super::der::dump;
use super::names::{name_der_text, oid_name, oid_text};
use crate::tree::Tree;

/// One extension: name, criticality, value.
///
/// A known extension whose value does not decode says so and shows its octets.
pub(crate) fn tree(extension: &Extension) -> Tree {
    let octets = extension.extn_value.as_bytes();
    let head = Tree::new()
        .with("extension", oid_name(&extension.extn_id).unwrap_or("(unknown)"))
        .with("oid", extension.extn_id.to_string())
        .with("critical", extension.critical);
    match value(&extension.extn_id, octets) {
        Some(Ok(value)) => head.with("value", value),
        Some(Err(error)) => {
            head.with("problem", format!("not such a value: {error}")).with("octets", octets)
        }
        None => head.with("value", dump(octets).unwrap_or_else(|| Tree::from(octets))),
    }
}

/// The decoded value of a known extension.
fn value(oid: &ObjectIdentifier, octets: &[u8]) -> Option<Result<Tree, DecodeError>> {
    Some(match *oid {
        oids::AUTHORITY_INFO_ACCESS => read(octets, authority_info_access),
        oids::AUTHORITY_KEY_IDENTIFIER => read(octets, authority_key_identifier),
        oids::BASIC_CONSTRAINTS => read(octets, basic_constraints),
        oids::CARD_CERT_REQUIRED => read(octets, |v: CardCertRequired| Tree::from(v.0)),
        oids::CERTIFICATE_POLICIES => SetPolicy::from_value(octets).and_then(|v| policies(&v)),
        oids::CERTIFICATE_TYPE => read(octets, |v: CertificateType| roles(v)),
        oids::CRL_NUMBER | oids::DELTA_CRL_INDICATOR => {
            decode::<u64>(octets, octets.len()).map(Tree::from)
        }
        oids::CRL_DISTRIBUTION_POINTS => {
            read(octets, |v: CrlDistributionPoints| Tree::list(v.uris))
        }
        oids::EXT_KEY_USAGE => read(octets, |v: ExtendedKeyUsage| oid_list(&v.0)),
        oids::FRESHEST_CRL => read(octets, |v: FreshestCrl| points(&v)),
        oids::ISSUING_DISTRIBUTION_POINT => read(octets, |v: IssuingDistributionPoint| scope(&v)),
        oids::HASHED_ROOT_KEY => read(octets, |v: HashedRootKey| digest(v.suite, &v.digest)),
        oids::KEY_USAGE => read(octets, key_usage),
        oids::MERCHANT_DATA => MerchantData::from_value_lenient(octets).map(|v| merchant(&v)),
        oids::OCSP_NOCHECK => read(octets, |OcspNoCheck| Tree::from(true)),
        oids::PRIVATE_KEY_USAGE_PERIOD => read(octets, private_key_usage_period),
        oids::SET_QUALIFIER => read(octets, draft_qualifier),
        oids::SET_EXTENSIONS => read(octets, |v: SetExtensions| oid_list(&v.0)),
        oids::SUBJECT_KEY_IDENTIFIER => read(octets, |v: SubjectKeyIdentifier| Tree::Octets(v.0)),
        oids::TUNNELING => read(octets, tunneling),
        _ => return None,
    })
}

fn read<T: ExtensionValue>(
    octets: &[u8],
    show: impl FnOnce(T) -> Tree,
) -> Result<Tree, DecodeError> {
    T::from_value(octets).map(show)
}

fn authority_info_access(value: AuthorityInfoAccess) -> Tree {
    Tree::new().with_some("ocsp", value.ocsp).with_some("caIssuers", value.ca_issuers)
}

/// Also stands in CRLs and BCIs.
fn authority_key_identifier(value: AuthorityKeyIdentifier) -> Tree {
    let (issuer, serial) = value.issuer_and_serial.unzip();
    Tree::new()
        .with_some("keyIdentifier", value.key_identifier.map(Tree::Octets))
        .with_some("authorityCertIssuer", issuer.map(|der| name_der_text(&der)))
        .with_some("authorityCertSerialNumber", serial.map(Tree::Octets))
}

/// Where delta CRLs are.
fn points(value: &FreshestCrl) -> Tree {
    Tree::list(value.0.iter().flat_map(DistributionPoint::names).map(location))
}

/// What a CRL covers; what is not said is everything.
fn scope(value: &IssuingDistributionPoint) -> Tree {
    let only = match value.holders {
        Holders::All => None,
        Holders::AttributeCertificates => Some("attribute certificates"),
        Holders::Cas => Some("CA certificates"),
        Holders::Users => Some("end-entity certificates"),
    };
    let name = match &value.name {
        None => None,
        Some(PointName::Full(names)) => Some(Tree::list(names.iter().map(location))),
        Some(PointName::Relative(rdn)) => Some(Tree::from(rdn.as_slice())),
    };
    Tree::new()
        .with_some("distributionPoint", name)
        .with_some("only", only)
        .with_some("onlySomeReasons", value.reasons.map(|reasons| reasons.to_string()))
        .with("indirectCRL", value.indirect)
}

fn location(name: &LocationName) -> Tree {
    match (name, name.as_uri()) {
        (_, Some(uri)) => Tree::from(uri),
        (LocationName::Directory(der), None) => Tree::from(name_der_text(der)),
        (LocationName::Other(der), None) => Tree::from(der.as_slice()),
    }
}

fn basic_constraints(value: BasicConstraints) -> Tree {
    Tree::new().with("cA", value.ca).with_some("pathLenConstraint", value.path_len)
}

fn key_usage(value: KeyUsage) -> Tree {
    let set = |bit: usize| value.0.0 & (1 << bit) != 0;
    Tree::list(KEY_USAGE.iter().enumerate().filter(|(bit, _)| set(*bit)).map(|(_, name)| *name))
}

fn private_key_usage_period(value: PrivateKeyUsagePeriod) -> Tree {
    Tree::new().with_some("notBefore", value.not_before).with_some("notAfter", value.not_after)
}

fn roles(value: CertificateType) -> Tree {
    Tree::list(value.roles().into_iter().map(Role::name))
}

fn oid_list(oids: &[ObjectIdentifier]) -> Tree {
    Tree::list(oids.iter().map(oid_text))
}

fn tunneling(value: Tunneling) -> Tree {
    Tree::new().with("tunneling", value.tunneling).with("tunnelAlgIDs", oid_list(&value.algorithms))
}

fn merchant(value: &MerchantData) -> Tree {
    Tree::new()
        .with("merID", value.mer_id.to_string())
        .with("merAcquirerBIN", value.mer_acquirer_bin.as_str())
        .with("merNameSeq", Tree::list(value.mer_name_seq.iter().map(mer_name)))
        .with("merCountry", u32::from(value.mer_country))
        .with("merAuthFlag", value.mer_auth_flag)
}

fn mer_name(name: &MerName) -> Tree {
    Tree::new()
        .with_some("language", name.language.as_ref().map(Language::as_str))
        .with("name", name.name.to_string())
        .with("city", name.city.to_string())
        .with_some("stateProvince", name.state_province.as_ref().map(ToString::to_string))
        .with_some("postalCode", name.postal_code.as_ref().map(ToString::to_string))
        .with("countryName", name.country_name.to_string())
}

fn policies(value: &SetPolicy) -> Result<Tree, DecodeError> {
    let list = Tree::list(value.policies.iter().map(|policy| oid_text(&policy.policy_identifier)));
    let tree = Tree::new().with("policies", list);
    Ok(match value.qualifier()? {
        None => tree,
        Some(qualifier) => {
            tree.with("rootQualifier", set_qualifier(&qualifier.root_qualifier)).with_some(
                "additionalPolicies",
                qualifier
                    .additional_policies
                    .map(|added| Tree::list(added.iter().map(additional_policy))),
            )
        }
    })
}

fn additional_policy(policy: &AdditionalPolicy) -> Tree {
    Tree::new()
        .with_some("policyOID", policy.policy_oid.as_ref().map(oid_text))
        .with_some("policyQualifier", policy.policy_qualifier.as_ref().map(set_qualifier))
        .with("policyAddedBy", roles(policy.policy_added_by))
}

fn set_qualifier(qualifier: &SetQualifier) -> Tree {
    let policy_digest = qualifier.policy_digest.as_ref().map(|digest| {
        Tree::new()
            .with("algorithm", oid_text(&digest.digest_algorithm.oid))
            .with("digest", digest.digest.as_bytes())
    });
    Tree::new()
        .with_some("policyDigest", policy_digest)
        .with_some("terseStatement", qualifier.terse_statement.as_ref().map(ToString::to_string))
        .with_some("policyURL", qualifier.policy_url.as_ref().map(Url::as_str))
        .with_some("policyEmail", qualifier.policy_email.as_ref().map(Url::as_str))
}

fn draft_qualifier(qualifier: DraftQualifier) -> Tree {
    let digest = &qualifier.policy_digest;
    let policy_digest = Tree::new()
        .with("algorithm", oid_text(&digest.digest_algorithm.oid))
        .with("digest", digest.digest.as_bytes());
    Tree::new()
        .with("policyDigest", policy_digest)
        .with("terseStatement", qualifier.terse_statement.as_str())
        .with_some("policyURL", qualifier.policy_url.as_ref().map(Url::as_str))
        .with_some("policyEmail", qualifier.policy_email.as_ref().map(Url::as_str))
}

/// Bits of keyUsage (RFC 5280 §4.2.1.3).
const KEY_USAGE: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

#[cfg(test)]
mod tests {
    use der::asn1::OctetString;

    use super::*;

    fn text(oid: ObjectIdentifier, hex: &str) -> String {
        let extn_value = OctetString::new(ca_core::unhex(hex).unwrap()).unwrap();
        tree(&Extension { extn_id: oid, critical: true, extn_value }).to_text()
    }

    // Values of spec set-certificates.md §8.1.

    #[test]
    fn merchant_data_is_decoded_field_by_field() {
        let m = "30441a0a4d45524348414e5430311206313233343536302a30288002656ea1061a0444617665a20b\
                 1a09456b65746168756e61a50d1a0b4e6577205a65616c616e640202022a";
        let expected = "extension: merchantData\noid: 2.23.42.7.2\ncritical: yes\nvalue\n  merID: \
                        MERCHANT01\n  merAcquirerBIN: 123456\n  merNameSeq\n    - language: \
                        en\n      name: Dave\n      city: Eketahuna\n      countryName: New \
                        Zealand\n  merCountry: 554\n  merAuthFlag: yes\n";
        assert_eq!(text(oids::MERCHANT_DATA, m), expected);
    }

    #[test]
    fn tunneling_names_its_algorithms() {
        let t2 = "3013301106052b0e03020706082a864886f70d030a";
        assert!(text(oids::TUNNELING, t2).ends_with(
            "value\n  tunneling: yes\n  tunnelAlgIDs: DES-CBC (1.3.14.3.2.7), CDMF \
             (1.2.840.113549.3.10)\n"
        ));
    }

    #[test]
    fn combined_ca_has_all_its_types() {
        assert!(text(oids::CERTIFICATE_TYPE, "0302021c").ends_with("value: cca, mca, pca\n"));
    }

    #[test]
    fn policy_qualifiers_are_shown_with_who_added_them() {
        let pa = "3081963081930604672a050030818a3081870604672a0706307f30663031020100300906052b0e03\
                  021a0500300b06092a864886f70d01070104149f00fad98badc1330e637a0a015d7041134984201a\
                  0574657273658014687474703a2f2f6578616d706c652e636f6d2f7081146d61696c746f3a704065\
                  78616d706c652e636f6d30153013300d1a0b6272616e64207465726d7303020001";
        let shown = text(oids::CERTIFICATE_POLICIES, &pa.replace(' ', ""));
        assert!(shown.contains("policies: SET root policy (2.23.42.5.0)"), "{shown}");
        assert!(shown.contains("terseStatement: terse"), "{shown}");
        assert!(shown.contains("terseStatement: brand terms\n      policyAddedBy: bca"), "{shown}");
    }

    // Octets by hand, after RFC 5280 §4.2.1.13, §5.2.4 and §5.2.5.

    #[test]
    fn crl_extensions_say_what_the_list_covers() {
        assert!(text(oids::DELTA_CRL_INDICATOR, "02020100").ends_with("value: 256\n"));
        // fullName of one URI, http://a/b
        let uri = "860a687474703a2f2f612f62";
        let freshest = format!("30123010a00ea00c{uri}");
        assert!(text(oids::FRESHEST_CRL, &freshest).ends_with("value: http://a/b\n"));
        let scope = format!("3013a00ea00c{uri}8101ff");
        let shown = text(oids::ISSUING_DISTRIBUTION_POINT, &scope);
        let expected = "extension: issuingDistributionPoint\noid: 2.5.29.28\ncritical: yes\nvalue\n  \
                        distributionPoint: http://a/b\n  only: end-entity certificates\n  \
                        indirectCRL: no\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn value_that_does_not_decode_is_shown_as_octets_with_the_problem() {
        let shown = text(oids::KEY_USAGE, "0500");
        assert!(shown.contains("problem: not such a value: "), "{shown}");
        assert!(shown.ends_with("octets: 0500\n"), "{shown}");
    }
}
