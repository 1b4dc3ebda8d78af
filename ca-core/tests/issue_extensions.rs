//! Extension values against the worked examples of spec `set-certificates.md` §3, §8.1 and §10.2.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test may panic, helpers included"
)]

use ca_core::profile::{KeyUsageBits, Role};
use ca_core::wire::DecodeErrorKind;
use ca_core::wire::extensions::{
    AuthorityInfoAccess, AuthorityKeyIdentifier, BasicConstraints, CardCertRequired,
    CertificateType, CrlDistributionPoints, ExtendedKeyUsage, ExtensionValue, HashedRootKey,
    KeyUsage, MerName, MerchantData, OcspNoCheck, PrivateKeyUsagePeriod, SetExtensions, SetPolicy,
    SubjectKeyIdentifier, Tunneling,
};
use ca_core::wire::{Bin, Language, MerchantId, SetString, oids};
use ca_core::{Suite, UnixTime};
use const_oid::ObjectIdentifier;
use der::Decode as _;

fn unhex(text: &str) -> Vec<u8> {
    ca_core::unhex(text).unwrap()
}

/// `value` encodes to `hex`, and `hex` decodes to `value`.
fn same<T: ExtensionValue + PartialEq + std::fmt::Debug>(value: &T, hex: &str) {
    assert_eq!(ca_core::hex(&value.to_value().unwrap()), hex);
    assert_eq!(&T::from_value(&unhex(hex)).unwrap(), value);
}

/// Neither a shortened nor a lengthened value decodes.
fn exact<T: ExtensionValue + std::fmt::Debug>(hex: &str) {
    let octets = unhex(hex);
    for length in 0..octets.len() {
        assert!(T::from_value(&octets[..length]).is_err(), "{length} octets of {hex}");
    }
    let longer = [octets.as_slice(), &[0]].concat();
    assert!(T::from_value(&longer).is_err(), "trailing octet after {hex}");
}

fn time(text: &str) -> UnixTime {
    UnixTime::parse_rfc3339(text).unwrap()
}

#[test]
fn certificate_type_is_table_3_8() {
    for (roles, hex) in [
        (&[Role::Cardholder][..], "03020780"),
        (&[Role::Merchant], "03020640"),
        (&[Role::Gateway], "03020520"),
        (&[Role::Cca], "03020410"),
        (&[Role::Mca], "03020308"),
        (&[Role::Pca], "03020204"),
        (&[Role::Gca], "03020102"),
        (&[Role::Bca], "03020001"),
        (&[Role::Rca], "0303070080"),
        (&[Role::Cca, Role::Mca], "03020318"),
        (&[Role::Mca, Role::Pca], "0302020c"),
        (&[Role::Cca, Role::Mca, Role::Pca], "0302021c"),
    ] {
        let kind = CertificateType::of(roles).unwrap();
        same(&kind, hex);
        assert_eq!(kind.roles(), roles);
    }
}

#[test]
fn certificate_type_refuses_other_combinations_and_acq() {
    assert_eq!(CertificateType::of(&[]), None);
    assert_eq!(CertificateType::of(&[Role::Ocsp]), None);
    assert_eq!(CertificateType::of(&[Role::Cardholder, Role::Merchant]), None);
    assert_eq!(CertificateType::of(&[Role::Cca, Role::Cardholder]), None);
    assert_eq!(CertificateType::of(&[Role::Gca, Role::Cca]), None);
    // acq; card + mer; empty; rca with a trailing zero octet; bit 10.
    for hex in ["0303060040", "030206c0", "030100", "030400008000", "0303050020"] {
        assert!(CertificateType::from_value(&unhex(hex)).is_err(), "{hex}");
    }
}

#[test]
fn named_bits_with_trailing_zeros_are_not_der() {
    let error = CertificateType::from_value(&unhex("03020080")).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::NotCanonical);
}

#[test]
fn key_usage_is_section_3_3() {
    let signing = KeyUsageBits(KeyUsageBits::KEY_CERT_SIGN.0 | KeyUsageBits::CRL_SIGN.0);
    for (bits, hex) in [
        (KeyUsageBits::DIGITAL_SIGNATURE, "03020780"),
        (KeyUsageBits::ENCIPHERMENT, "03020430"),
        (KeyUsageBits::KEY_CERT_SIGN, "03020204"),
        (KeyUsageBits::CRL_SIGN, "03020102"),
        (signing, "03020106"),
    ] {
        same(&KeyUsage(bits), hex);
    }
    assert!(KeyUsage::from_value(&unhex("030100")).is_err());
}

#[test]
fn basic_constraints_are_section_3_6() {
    same(&BasicConstraints { ca: false, path_len: None }, "3000");
    for (path_len, hex) in
        [(0, "30060101ff020100"), (1, "30060101ff020101"), (3, "30060101ff020103")]
    {
        same(&BasicConstraints { ca: true, path_len: Some(path_len) }, hex);
    }
    let written_out = BasicConstraints::from_value(&unhex("3003010100")).unwrap_err();
    assert_eq!(written_out.kind, DecodeErrorKind::NotCanonical);
}

#[test]
fn key_usage_period_is_u() {
    let hex = "3022800f32303236303130313030303030305a810f32303237303130313030303030305a";
    let period = PrivateKeyUsagePeriod {
        not_before: Some(time("2026-01-01T00:00:00Z")),
        not_after: Some(time("2027-01-01T00:00:00Z")),
    };
    same(&period, hex);
    exact::<PrivateKeyUsagePeriod>(hex);
    assert!(period.contains(time("2026-06-01T00:00:00Z")));
    assert!(!period.contains(time("2025-12-31T23:59:59Z")));
    assert!(!period.contains(time("2027-01-01T00:00:01Z")));
}

#[test]
fn key_usage_period_may_be_open_but_not_empty() {
    let open = PrivateKeyUsagePeriod::from_value(&unhex("3011800f32303236303130313030303030305a"));
    assert_eq!(open.unwrap().not_after, None);
    assert!(PrivateKeyUsagePeriod::from_value(&unhex("3000")).is_err());
}

#[test]
fn root_policy_is_p() {
    same(&SetPolicy::root(), P);
    assert!(SetPolicy::root().has_root());
    assert_eq!(SetPolicy::root().qualifier(), Ok(None));
}

#[test]
fn policy_qualifier_of_pq_is_read() {
    let policy = SetPolicy::from_value(&unhex(PQ)).unwrap();
    let qualifier = policy.qualifier().unwrap().unwrap();
    assert_eq!(qualifier.additional_policies, None);
    let root = qualifier.root_qualifier;
    assert_eq!(root.terse_statement.unwrap().to_string(), "terse");
    assert_eq!(root.policy_url.unwrap().as_str(), "http://example.com/p");
    assert_eq!(root.policy_email.unwrap().as_str(), "mailto:p@example.com");
    let digest = root.policy_digest.unwrap();
    assert_eq!(digest.digest.as_bytes(), Suite::Set1997.digest(b"policy"));
    assert_eq!(policy.to_value().unwrap(), unhex(PQ));
    exact::<SetPolicy>(PQ);
}

#[test]
fn policy_added_by_the_brand_ca_is_read_from_pa() {
    let policy = SetPolicy::from_value(&unhex(PA)).unwrap();
    let added = policy.qualifier().unwrap().unwrap().additional_policies.unwrap();
    assert_eq!(added.len(), 1);
    assert_eq!(added[0].policy_added_by.roles(), [Role::Bca]);
    let statement = added[0].policy_qualifier.clone().unwrap().terse_statement.unwrap();
    assert_eq!(statement.to_string(), "brand terms");
}

#[test]
fn authority_key_identifier_is_a2() {
    let root = unhex("3020310b30090603550406130255533111300f060355040a130853455420526f6f74");
    let identifier =
        AuthorityKeyIdentifier { key_identifier: None, issuer_and_serial: Some((root, vec![2])) };
    same(&identifier, A2);
    exact::<AuthorityKeyIdentifier>(A2);
}

#[test]
fn authority_key_identifier_needs_issuer_and_serial_together() {
    // A2 without its serial number, and without its name.
    let nameless = "3003820102";
    let serialless = format!("3026{}", &A2[4..A2.len() - 6]);
    assert!(AuthorityKeyIdentifier::from_value(&unhex(nameless)).is_err());
    assert!(AuthorityKeyIdentifier::from_value(&unhex(&serialless)).is_err());
}

#[test]
fn modern_authority_key_identifier_has_all_three_fields() {
    let root = unhex("3020310b30090603550406130255533111300f060355040a130853455420526f6f74");
    let identifier = AuthorityKeyIdentifier {
        key_identifier: Some(vec![0xab; 20]),
        issuer_and_serial: Some((root, vec![2])),
    };
    let hex = format!("303f8014{}{}", "ab".repeat(20), &A2[4..]);
    same(&identifier, &hex);
}

#[test]
fn merchant_data_is_m_mf_and_mb() {
    let name = MerName {
        language: Language::new("en").ok(),
        name: SetString::new("Dave").unwrap(),
        city: SetString::new("Eketahuna").unwrap(),
        state_province: None,
        postal_code: None,
        country_name: SetString::new("New Zealand").unwrap(),
    };
    let m = MerchantData {
        mer_id: MerchantId::new("MERCHANT01").unwrap(),
        mer_acquirer_bin: Bin::new("123456").unwrap(),
        mer_name_seq: vec![name.clone()],
        mer_country: 554,
        mer_auth_flag: true,
    };
    same(&m, M);
    same(&MerchantData { mer_auth_flag: false, ..m.clone() }, MF);
    let bmp = SetString::from_der(b"\x1e\x08\x00D\x00a\x00v\x00e").unwrap();
    same(&MerchantData { mer_name_seq: vec![MerName { name: bmp, ..name }], ..m }, MB);
    exact::<MerchantData>(M);
}

#[test]
fn merchant_name_above_25_is_read_leniently_only_and_never_written() {
    let mut data = MerchantData::from_value(&unhex(M)).unwrap();
    data.mer_name_seq[0].name = SetString::new(&"x".repeat(26)).unwrap();
    assert!(data.to_value().is_err());
    let octets = der::Encode::to_der(&data).unwrap();
    assert!(MerchantData::from_value(&octets).is_err());
    assert_eq!(MerchantData::from_value_lenient(&octets), Ok(data.clone()));
    assert!(MerchantData::from_value_lenient(&m_named(50)).is_ok());
    assert!(MerchantData::from_value_lenient(&m_named(51)).is_err());
}

/// M with a name of `length` characters.
fn m_named(length: u8) -> Vec<u8> {
    let longer = |octet: u8| format!("{:02x}", octet - 4 + length);
    let name = format!("a1{}1a{length:02x}{}", longer(6), "78".repeat(length.into()));
    let m = M.replace("3044", &format!("30{}", longer(0x44)));
    let m = m.replace("302a3028", &format!("30{}30{}", longer(0x2a), longer(0x28)));
    unhex(&m.replace("a1061a0444617665", &name))
}

#[test]
fn merchant_data_bounds_hold() {
    let m = MerchantData::from_value(&unhex(M)).unwrap();
    let nobody = MerchantData { mer_name_seq: Vec::new(), ..m.clone() };
    let nowhere = MerchantData { mer_country: 1000, ..m };
    for data in [nobody, nowhere] {
        assert!(data.to_value().is_err(), "{data:?}");
        let octets = der::Encode::to_der(&data).unwrap();
        assert!(MerchantData::from_value(&octets).is_err(), "{data:?}");
    }
}

#[test]
fn merchant_identifier_has_30_characters_and_acquirer_bin_6_digits() {
    let id = |length: &str, identifier: &str| {
        let m = M.replace("3044", length).replace("1a0a4d45524348414e543031", identifier);
        MerchantData::from_value(&unhex(&m))
    };
    assert!(id("3058", &format!("1a1e{}", "78".repeat(30))).is_ok());
    assert!(id("3059", &format!("1a1f{}", "78".repeat(31))).is_err());
    let short_bin = M.replace("3044", "3043").replace("1206313233343536", "12053132333435");
    assert!(MerchantData::from_value(&unhex(&short_bin)).is_err());
    assert!(Bin::new("12345").is_err());
    assert!(MerchantId::new(&"x".repeat(31)).is_err());
}

#[test]
fn hashed_root_key_is_h_hv_and_the_sha_256_form() {
    let h = HashedRootKey { suite: Suite::Set1997, digest: b"12345678900987654321".to_vec() };
    same(&h, H);
    let digest = unhex("390f368491cdf723f41380b3dfea82c64aaba646");
    same(&HashedRootKey { suite: Suite::Set1997, digest }, HV);
    let digest = unhex("0e01e15e93aeced2b2ffcfba94c7be8ee6dd5c36e0f80da27d445613d1e6b984");
    same(&HashedRootKey { suite: Suite::Modern, digest }, HV_SHA_256);
    exact::<HashedRootKey>(H);
}

#[test]
fn hashed_root_key_accepts_null_after_sha_256_and_refuses_a_wrong_length() {
    let with_null = HV_SHA_256
        .replace("303d303b", "303f303d")
        .replace("300b0609608648016503040201", "300d06096086480165030402010500");
    let read = HashedRootKey::from_value(&unhex(&with_null)).unwrap();
    assert_eq!(read, HashedRootKey::from_value(&unhex(HV_SHA_256)).unwrap());
    let short = H.replace("302f302d", "302e302c").replace("04143132", "041332");
    assert!(HashedRootKey::from_value(&unhex(&short)).is_err());
}

#[test]
fn tunneling_is_t_t2_and_t0() {
    let t = Tunneling { tunneling: true, algorithms: vec![oids::DES_CBC] };
    same(&t, "3009300706052b0e030207");
    let t2 = Tunneling { tunneling: true, algorithms: vec![oids::DES_CBC, oids::CDMF] };
    same(&t2, "3013301106052b0e03020706082a864886f70d030a");
    same(&Tunneling { tunneling: false, algorithms: Vec::new() }, "30050101003000");
}

#[test]
fn set_extensions_are_x() {
    let first = ObjectIdentifier::new_unwrap("2.23.42.1.1");
    let second = ObjectIdentifier::new_unwrap("2.23.42.1.4");
    same(&SetExtensions(vec![first, second]), "300c0604672a01010604672a0104");
}

#[test]
fn card_cert_required_is_written_out_either_way() {
    same(&CardCertRequired(true), "0101ff");
    same(&CardCertRequired(false), "010100");
}

#[test]
fn locations_are_what_openssl_writes() {
    // openssl 3.0: crlDistributionPoints=URI:http://a/c, authorityInfoAccess=OCSP;URI:http://a/o,
    // caIssuers;URI:http://a/i
    same(
        &CrlDistributionPoints { uris: vec!["http://a/c".to_owned()] },
        "30123010a00ea00c860a687474703a2f2f612f63",
    );
    same(
        &AuthorityInfoAccess {
            ocsp: Some("http://a/o".to_owned()),
            ca_issuers: Some("http://a/i".to_owned()),
        },
        "3030301606082b06010505073001860a687474703a2f2f612f6f\
         301606082b06010505073002860a687474703a2f2f612f69",
    );
}

#[test]
fn locations_that_name_nothing_are_not_written() {
    assert!(CrlDistributionPoints { uris: Vec::new() }.to_value().is_err());
    assert!(AuthorityInfoAccess::default().to_value().is_err());
}

#[test]
fn responder_extensions_are_what_rfc_6960_says() {
    same(&ExtendedKeyUsage::ocsp_signing(), "300a06082b06010505070309");
    same(&OcspNoCheck, "0500");
    same(&SubjectKeyIdentifier(vec![1, 2, 3]), "0403010203");
}

const P: &str = "300830060604672a0500";
const PQ: &str = "307c307a0604672a0500307230700604672a0706306830663031020100300906052b0e03021a0500\
    300b06092a864886f70d01070104149f00fad98badc1330e637a0a015d7041134984201a05746572736580146874\
    74703a2f2f6578616d706c652e636f6d2f7081146d61696c746f3a70406578616d706c652e636f6d";
const PA: &str = "3081963081930604672a050030818a3081870604672a0706307f30663031020100300906052b0e03\
    021a0500300b06092a864886f70d01070104149f00fad98badc1330e637a0a015d7041134984201a057465727365\
    8014687474703a2f2f6578616d706c652e636f6d2f7081146d61696c746f3a70406578616d706c652e636f6d3015\
    3013300d1a0b6272616e64207465726d7303020001";
const A2: &str = "3029a124a4223020310b30090603550406130255533111300f060355040a130853455420526f6f74\
    820102";
const M: &str = "30441a0a4d45524348414e5430311206313233343536302a30288002656ea1061a0444617665a20b1a\
    09456b65746168756e61a50d1a0b4e6577205a65616c616e640202022a";
const MF: &str = "30471a0a4d45524348414e5430311206313233343536302a30288002656ea1061a0444617665a20b1\
    a09456b65746168756e61a50d1a0b4e6577205a65616c616e640202022a010100";
const MB: &str = "30481a0a4d45524348414e5430311206313233343536302e302c8002656ea10a1e080044006100760\
    065a20b1a09456b65746168756e61a50d1a0b4e6577205a65616c616e640202022a";
const H: &str = "302f302d020100300906052b0e03021a050030070605672a0300000414313233343536373839303039\
    3837363534333231";
const HV: &str = "302f302d020100300906052b0e03021a050030070605672a0300000414390f368491cdf723f41380\
    b3dfea82c64aaba646";
const HV_SHA_256: &str = "303d303b020100300b060960864801650304020130070605672a03000004200e01e15e93\
    aeced2b2ffcfba94c7be8ee6dd5c36e0f80da27d445613d1e6b984";
