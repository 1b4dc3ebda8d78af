//! The 18 certificates of §8.2, extension by extension, and what strict rules say of each change.

use ca_core::Suite;
use ca_core::path::{Request, RevocationMode, Rules, Settings, Verdict, validate};
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::extensions::{ExtensionValue, MerchantData};
use ca_core::wire::{Cert, oids};
use const_oid::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use sha1::Digest as _;
use x509_cert::certificate::{CertificateInner, Raw};

use crate::der::{Draft, extension, tlv, unhex};
use crate::tree::{M, SHA_1, Subject, begin, ca_name, key, name, policies, prepared_tbs, tree};

/// A line of the table: what is expected of one certificate.
struct Row {
    line: &'static str,
    subject: Subject,
    issuer: Option<&'static Cert>,
    /// issuer name (hexadecimal DER) and serial number of the issuer's certificate.
    aki: Option<(&'static str, u8)>,
    key_usage: &'static str,
    period: Period,
    constraints: &'static str,
    kind: &'static str,
    /// OID content, criticality, value.
    private: Vec<(&'static str, bool, String)>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Period {
    Absent,
    /// U of §8.1: a year.
    Year,
    /// A cardholder's: the two years of its certificate (§1.4).
    TwoYears,
}

#[test]
fn each_certificate_has_exactly_the_extensions_of_its_row() {
    for row in rows() {
        let tbs = row.tbs();
        let found = Draft::of(&tbs).extensions;
        let expected = row.extensions();
        let text = |all: &[Vec<u8>]| all.iter().map(|one| ca_core::hex(one)).collect::<Vec<_>>();
        assert_eq!(text(&found), text(&expected), "row {}", row.line);
    }
}

#[test]
fn algorithm_is_sha_1_with_rsa_and_times_are_utc_in_every_row() {
    for row in rows() {
        let fields = Draft::of(&row.tbs()).fields;
        // §1.3: sha1WithRSAEncryption with NULL.
        assert_eq!(ca_core::hex(&fields[2]), "300d06092a864886f70d0101050500", "row {}", row.line);
        // §2: UTCTime `YYMMDDHHMMSSZ`.
        assert_eq!(fields[4][2..17], *b"\x17\x0d260101000000Z", "row {}", row.line);
        assert_eq!(fields[4][17..19], [0x17, 0x0d], "row {}", row.line);
        // §2, decision 25: 16 octets, positive.
        assert_eq!((fields[1][1], fields[1][2] & 0x80), (16, 0), "row {}", row.line);
    }
}

#[test]
fn each_certificate_round_trips_byte_for_byte() {
    for row in rows() {
        let octets = row.draft().sign(row.signer(), SHA_1);
        let parsed = CertificateInner::<Raw>::from_der(&octets).unwrap();
        assert_eq!(parsed.to_der().unwrap(), octets, "row {}", row.line);
        assert_eq!(Cert::from_der(&octets).unwrap().der(), octets, "row {}", row.line);
    }
}

#[test]
fn each_certificate_is_valid_in_strict_mode() {
    for row in rows() {
        let verdict = row.verdict(&row.draft());
        assert!(verdict.valid, "row {}: {:?}", row.line, verdict.reasons);
    }
}

#[test]
fn each_missing_extension_fails_in_strict_mode() {
    for row in rows() {
        let whole = row.draft();
        for position in 0..whole.extensions.len() {
            let mut without = whole.clone();
            let gone = without.extensions.remove(position);
            if row.may_lack(&gone) {
                continue;
            }
            let verdict = row.verdict(&without);
            assert!(!verdict.valid, "row {} without {}", row.line, ca_core::hex(&gone));
        }
    }
}

#[test]
fn each_surplus_extension_of_set_fails_in_strict_mode() {
    for row in rows() {
        for (oid, critical, value) in private_extensions() {
            let mut with = row.draft();
            let has = |found: &Vec<u8>| found[2..].starts_with(&tlv(0x06, &unhex(oid)));
            if with.extensions.iter().any(has) || row.may_have(oid) {
                continue;
            }
            with.extensions.push(extension(oid, critical, &value));
            let verdict = row.verdict(&with);
            let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code.name()).collect();
            assert_eq!(codes, ["forbidden-extension"], "row {} with {oid}", row.line);
        }
    }
}

#[test]
fn each_wrong_criticality_fails_in_strict_mode_and_passes_in_lenient_mode() {
    for row in rows() {
        let whole = row.draft();
        for position in 0..whole.extensions.len() {
            let Some(changed) = without_critical(&whole.extensions[position]) else { continue };
            let mut other = whole.clone();
            other.extensions[position] = changed;
            let codes: Vec<_> =
                row.verdict(&other).reasons.iter().map(|reason| reason.code.name()).collect();
            assert_eq!(codes, ["wrong-criticality"], "row {}, extension {position}", row.line);
            let lenient = row.verdict_by(&other, &settings().lenient());
            assert!(lenient.valid, "row {}: {:?}", row.line, lenient.reasons);
        }
    }
}

/// §3.9: several MerNames are the same name in several languages.
#[test]
fn merchant_data_of_two_languages_stands_in_the_certificate_as_ordered() {
    let mut data = MerchantData::from_value(&unhex(M)).unwrap();
    let mut german = data.mer_name_seq[0].clone();
    german.language = Some(ca_core::wire::Language::new("de").unwrap());
    german.city = ca_core::wire::SetString::new("Köln").unwrap();
    data.mer_name_seq.push(german);
    let value = ca_core::hex(&data.to_value().unwrap());
    // language [0] "de", name [1] "Dave", city [2] BMPString "Köln", country [5].
    let second = "30278002\
        6465a1061a0444617665a20a1e08004b00f6006c006ea50d1a0b4e6577205a65616c616e64";
    assert!(value.contains(second), "{value}");
    assert_eq!(MerchantData::from_value(&unhex(&value)).unwrap(), data);
}

#[test]
fn set_extensions_of_a_gateway_are_x() {
    let row = rows().into_iter().find(|row| row.line == "18").unwrap();
    let supported = ["2.23.42.1.1", "2.23.42.1.4"].map(|oid| ObjectIdentifier::new(oid).unwrap());
    let tbs = prepared_tbs(policies(), &row.subject, row.issuer, Some(&supported));
    let last = Draft::of(&tbs).extensions.pop().unwrap();
    assert_eq!(last, extension(SET_EXTENSIONS, false, X));
    let cert = Draft::of(&tbs).sign(row.signer(), SHA_1);
    assert!(row.judge(&Cert::from_der(&cert).unwrap(), &settings()).valid);
}

impl Row {
    fn tbs(&self) -> Vec<u8> {
        prepared_tbs(policies(), &self.subject, self.issuer, None)
    }

    fn draft(&self) -> Draft {
        Draft::of(&self.tbs())
    }

    fn signer(&self) -> &'static ca_core::signer::PrivateKey {
        let label = match self.aki.map(|(_, serial)| serial) {
            None | Some(1) => "root",
            Some(2) => "bca",
            Some(3) => "gca",
            Some(4) => "cca",
            Some(5) => "mca",
            _ => "pca",
        };
        key(label)
    }

    /// The extensions of the row in the order of table 3.1.
    fn extensions(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        if let Some((issuer, serial)) = self.aki {
            // §3.2: [1] { [4] { Name } }, [2] serial number; no keyIdentifier.
            let names = tlv(0xa1, &tlv(0xa4, &unhex(issuer)));
            let value = tlv(0x30, &[names, vec![0x82, 0x01, serial]].concat());
            all.push(extension("551d23", false, &ca_core::hex(&value)));
        }
        all.push(extension("551d0f", true, self.key_usage));
        match self.period {
            Period::Absent => {}
            Period::Year => all.push(extension("551d10", false, U)),
            Period::TwoYears => {
                all.push(extension("551d10", false, &U.replace("32373031", "32383031")))
            }
        }
        all.push(extension("551d20", true, P));
        all.push(extension("551d13", true, self.constraints));
        let (hashed, others): (Vec<_>, Vec<_>) =
            self.private.iter().partition(|(oid, ..)| *oid == HASHED_ROOT_KEY);
        let kind = (CERTIFICATE_TYPE, true, self.kind.to_owned());
        for (oid, critical, value) in hashed.into_iter().chain([&kind]).chain(others) {
            all.push(extension(oid, *critical, value));
        }
        all
    }

    /// §9 row 13, §3.11: what is optional on input.
    fn may_lack(&self, extension: &[u8]) -> bool {
        let tunneling = extension[2..].starts_with(&tlv(0x06, &unhex(TUNNELING)));
        tunneling && self.line != "18"
    }

    fn may_have(&self, oid: &str) -> bool {
        match oid {
            TUNNELING => ["10 encryption", "12 encryption"].contains(&self.line),
            SET_EXTENSIONS => self.line == "18",
            _ => false,
        }
    }

    fn verdict(&self, draft: &Draft) -> Verdict {
        self.verdict_by(draft, &settings())
    }

    fn verdict_by(&self, draft: &Draft, settings: &Settings) -> Verdict {
        self.judge(&Cert::from_der(&draft.sign(self.signer(), SHA_1)).unwrap(), settings)
    }

    fn judge(&self, certificate: &Cert, settings: &Settings) -> Verdict {
        let tree = tree();
        let untrusted = [&tree.bca, &tree.gca, &tree.cca, &tree.mca, &tree.pca].map(Clone::clone);
        let own = core::slice::from_ref(certificate);
        let root = core::slice::from_ref(&tree.root);
        let anchors = if self.issuer.is_none() { own } else { root };
        let (crls, bcis) = (&[], &[]);
        validate(&Request {
            certificate,
            untrusted: &untrusted,
            anchors,
            crls,
            bcis,
            ocsp: &[],
            register: &[],
            settings,
        })
    }
}

fn settings() -> Settings {
    let now = begin().plus_days(100);
    let settings = Settings::new(Rules::Set, Suite::Set1997, now);
    Settings { revocation: RevocationMode::Off, ..settings }
}

/// The extension with critical left out; `None` if it is not critical.
fn without_critical(octets: &[u8]) -> Option<Vec<u8>> {
    let parts = crate::der::elements(crate::der::content(octets));
    let [oid, _, value] = parts.as_slice() else { return None };
    Some(tlv(0x30, &[oid.clone(), value.clone()].concat()))
}

fn private_extensions() -> [(&'static str, bool, String); 5] {
    [
        (HASHED_ROOT_KEY, true, H.to_owned()),
        (MERCHANT_DATA, false, M.to_owned()),
        (CARD_CERT_REQUIRED, false, "0101ff".to_owned()),
        (TUNNELING, false, T.to_owned()),
        (SET_EXTENSIONS, false, X.to_owned()),
    ]
}

/// The table of §8.2. The GCA's own serial number is 3, those of CCA, MCA and PCA are 4, 5 and 6.
fn rows() -> Vec<Row> {
    use KeyUse::{CertificateSigning, Encryption, MessageSignature};
    let tree = tree();
    let hashed = H.split_at(H.len() - 40).0.to_owned()
        + &ca_core::hex(&sha1::Sha1::digest(key("next root").spki_der()));
    let merchant = || vec![(MERCHANT_DATA, false, M.to_owned())];
    let tunneling = || (TUNNELING, false, T.to_owned());
    let by_root = (Some(&tree.root), Some((ROOT_NAME, 1)));
    let by_bca = (Some(&tree.bca), Some((ROOT_NAME, 2)));
    let by_gca = (Some(&tree.gca), Some((BCA_NAME, 3)));
    let year = Period::Year;
    let none = Vec::new;
    let ca = |line,
              roles: &'static [Role],
              key_use,
              by: (_, _),
              bits,
              period,
              bc,
              kind,
              private| {
        let (issuer, aki) = by;
        let label = match (key_use, roles[0]) {
            (CertificateSigning, Role::Rca) => "root",
            (CertificateSigning, Role::Bca) => "bca",
            (CertificateSigning, Role::Gca) => "gca",
            (CertificateSigning, Role::Cca) => "cca",
            (CertificateSigning, Role::Mca) => "mca",
            (CertificateSigning, _) => "pca",
            _ => "message",
        };
        let subject = Subject { roles, key_use, name: ca_name(roles[0]), key: label };
        Row { line, subject, issuer, aki, key_usage: bits, period, constraints: bc, kind, private }
    };
    let entity = |line, role: &'static [Role], key_use, serial, bits, period, kind, private| {
        let (issuer, common) = match serial {
            4 => (&tree.cca, "GiXoKtV5b7Ut0vJkhdHnQbcssbk="),
            5 => (&tree.mca, "Daves Shop"),
            _ => (&tree.pca, "123456:0001"),
        };
        let unit = if serial == 4 { "Example Issuer" } else { "Example Acquirer" };
        let name = name("Brand", &[unit], Some(common));
        Row {
            line,
            subject: Subject { roles: role, key_use, name, key: "end entity" },
            issuer: Some(issuer),
            aki: Some((GCA_NAME, serial)),
            key_usage: bits,
            period,
            constraints: "3000",
            kind,
            private,
        }
    };
    let (no, with) = (Period::Absent, (HASHED_ROOT_KEY, true, hashed));
    let (rca, bca, gca): (&[_], &[_], &[_]) = (&[Role::Rca], &[Role::Bca], &[Role::Gca]);
    let (cca, mca, pca): (&[_], &[_], &[_]) = (&[Role::Cca], &[Role::Mca], &[Role::Pca]);
    let all: &[_] = &[Role::Cca, Role::Mca, Role::Pca];
    let (card, mer, pgwy): (&[_], &[_], &[_]) =
        (&[Role::Cardholder], &[Role::Merchant], &[Role::Gateway]);
    let (sign, enc, sig) = (CertificateSigning, Encryption, MessageSignature);
    let (both, certs, ds, kede) = ("03020106", "03020204", "03020780", "03020430");
    let gateway = || vec![(CARD_CERT_REQUIRED, false, "0101ff".to_owned()), tunneling()];
    #[rustfmt::skip]
    let rows = vec![
        ca("1", rca, sign, (None, None), both, year, "30060101ff020103", "0303070080", vec![with]),
        ca("2", bca, sign, by_root, both, year, "30060101ff020102", "03020001", none()),
        ca("3", bca, sig, by_root, ds, year, "3000", "03020001", none()),
        ca("4", gca, sign, by_bca, both, year, "30060101ff020101", "03020102", none()),
        ca("5", gca, sig, by_bca, ds, year, "3000", "03020102", none()),
        ca("6", cca, sign, by_gca, certs, year, "30060101ff020100", "03020410", none()),
        ca("7", cca, sig, by_gca, ds, year, "3000", "03020410", none()),
        ca("8", cca, enc, by_gca, kede, no, "3000", "03020410", vec![tunneling()]),
        ca("9", mca, sign, by_gca, certs, year, "30060101ff020100", "03020308", none()),
        ca("10 signature", mca, sig, by_gca, ds, year, "3000", "03020308", none()),
        ca("10 encryption", mca, enc, by_gca, kede, no, "3000", "03020308", vec![tunneling()]),
        ca("11", pca, sign, by_gca, both, year, "30060101ff020100", "03020204", none()),
        ca("12 signature", pca, sig, by_gca, ds, year, "3000", "03020204", none()),
        ca("12 encryption", pca, enc, by_gca, kede, no, "3000", "03020204", vec![tunneling()]),
        ca("13", all, sign, by_gca, both, year, "30060101ff020100", "0302021c", none()),
        entity("14", card, sig, 4, ds, Period::TwoYears, "03020780", none()),
        entity("15", mer, sig, 5, ds, year, "03020640", merchant()),
        entity("16", mer, enc, 5, kede, no, "03020640", merchant()),
        entity("17", pgwy, sig, 6, ds, year, "03020520", none()),
        entity("18", pgwy, enc, 6, kede, no, "03020520", gateway()),
    ];
    rows
}

/// The names of §8.1, every string a PrintableString.
const ROOT_NAME: &str = "3020310b30090603550406130255533111300f060355040a130853455420526f6f74";
const BCA_NAME: &str = "3030310b3009060355040613025553310e300c060355040a13054272616e643111300f060355\
    040b13084272616e64204341";
const GCA_NAME: &str = "3031310b3009060355040613025553310e300c060355040a13054272616e6431123010060355\
    040b13094272616e6420474341";
/// Extension values of §8.1.
const P: &str = "300830060604672a0500";
const U: &str = "3022800f32303236303130313030303030305a810f32303237303130313030303030305a";
const H: &str = "302f302d020100300906052b0e03021a050030070605672a03000004143132333435363738393030393837\
    363534333231";
const T: &str = "3009300706052b0e030207";
const X: &str = "300c0604672a01010604672a0104";
/// OIDs of §3.1: 2.23.42.7.n.
const HASHED_ROOT_KEY: &str = "672a0700";
const CERTIFICATE_TYPE: &str = "672a0701";
const MERCHANT_DATA: &str = "672a0702";
const CARD_CERT_REQUIRED: &str = "672a0703";
const TUNNELING: &str = "672a0704";
const SET_EXTENSIONS: &str = "672a0705";

#[test]
fn identifiers_above_are_those_of_the_code() {
    for (oid, hex) in [
        (oids::HASHED_ROOT_KEY, HASHED_ROOT_KEY),
        (oids::CERTIFICATE_TYPE, CERTIFICATE_TYPE),
        (oids::SET_EXTENSIONS, SET_EXTENSIONS),
    ] {
        assert_eq!(ca_core::hex(oid.as_bytes()), hex);
    }
}
