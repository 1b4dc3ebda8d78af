//! Messages between CAs as octets, from the tables of `set-certificates.md` §6.4 and
//! `set-crypto.md` §1.2, written by hand.

use ca_core::wire::bounds::{MAX_CA_MESSAGE, MAX_MESSAGE};
use ca_core::wire::*;
use ca_core::{Suite, UnixTime, hex};
use der::Encode;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::samples::*;
use crate::support::{unhex, vector};

fn date() -> Date {
    Date::from(UnixTime::parse_rfc3339("1999-01-02T03:04:05Z").unwrap())
}

/// date, CertThumb { SHA-256, BB… }: of CRLNotificationTBS and CRLNotificationResTBS alike.
const NOTIFICATION: &str = "3042
    180f 3139393930313032303330343035 5a
    302f 300b 0609 608648016503040201
         0420 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

vector!(
    crl_notification,
    CrlNotificationTbs,
    CrlNotificationTbs { date: date(), crl_thumbprint: cert_thumb() },
    unhex(NOTIFICATION)
);

vector!(
    crl_notification_res,
    CrlNotificationResTbs,
    CrlNotificationResTbs { date: date(), crl_thumbprint: cert_thumb() },
    unhex(NOTIFICATION)
);

vector!(
    bci_distribution_least,
    BciDistributionTbs,
    BciDistributionTbs { date: date(), bci: None },
    unhex("3011 180f 3139393930313032303330343035 5a")
);

vector!(
    bci_distribution_full,
    BciDistributionTbs,
    BciDistributionTbs { date: date(), bci: Some(bci()) },
    // The BCI 3003 020105 under [0] IMPLICIT: its tag goes, its length stays.
    unhex("3016 180f 3139393930313032303330343035 5a a003 020105")
);

/// ContentInfo { signedData, [0] EXPLICIT 3003 020105 }.
const FRAME: &str = "3012 0609 2a864886f70d010702 a005 3003 020105";

fn signed_data() -> SignedDataOctets {
    SignedDataOctets::new(unhex(RAW)).unwrap()
}

#[test]
fn the_frame_is_a_content_info_of_signed_data() {
    let message = CaMessage::new(signed_data());
    assert_eq!(hex(&message.to_der().unwrap()), hex(&unhex(FRAME)));
    let read = CaMessage::from_der(&unhex(FRAME)).unwrap();
    assert_eq!(read.signed().as_der(), unhex(RAW));
}

#[test]
fn a_frame_cut_short_or_lengthened_is_refused() {
    let octets = unhex(FRAME);
    for end in 0..octets.len() {
        assert!(CaMessage::from_der(&octets[..end]).is_err(), "cut at {end}");
    }
    assert!(CaMessage::from_der(&[&octets[..], &[0]].concat()).is_err());
}

#[test]
fn a_frame_of_another_kind_is_refused() {
    // data, envelopedData; signedData without [0], with [0] IMPLICIT, with two members.
    for octets in [
        "3012 0609 2a864886f70d010701 a005 3003 020105",
        "3012 0609 2a864886f70d010703 a005 3003 020105",
        "3010 0609 2a864886f70d010702 3003 020105",
        "3010 0609 2a864886f70d010702 a003 020105",
        "300b 0609 2a864886f70d010702",
        "3017 0609 2a864886f70d010702 a00a 3003 020105 3003 020105",
    ] {
        assert!(CaMessage::from_der(&unhex(octets)).is_err(), "{octets}");
    }
}

#[test]
fn a_frame_above_the_bound_is_refused_unread() {
    let error = CaMessage::from_der(&vec![0x30; MAX_CA_MESSAGE + 1]).unwrap_err();
    assert_eq!((error.kind, error.offset), (DecodeErrorKind::TooLong, MAX_CA_MESSAGE));
}

#[test]
fn the_thumbprint_is_no_bare_digest() {
    // §6.4: SetCertMsgs imports CertThumb and no bare Digest.
    let bare = "3033 180f 3139393930313032303330343035 5a
        0420 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    assert!(decode::<CrlNotificationTbs>(&unhex(bare), MAX_MESSAGE).is_err());
}

#[test]
fn content_types_are_80_81_and_82() {
    let arcs = |kind: CaMessageKind| (kind.content_type().to_string(), kind.name());
    let notification = ("2.23.42.0.80".to_owned(), "CRLNotification");
    assert_eq!(arcs(CaMessageKind::CrlNotification), notification);
    let answer = ("2.23.42.0.81".to_owned(), "CRLNotificationRes");
    assert_eq!(arcs(CaMessageKind::CrlNotificationRes), answer);
    let distribution = ("2.23.42.0.82".to_owned(), "BCIDistribution");
    assert_eq!(arcs(CaMessageKind::BciDistribution), distribution);
    assert_eq!(CaMessageKind::of_content_type(oids::CT_ERROR_TBS), None);
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1997),
        ..ProptestConfig::default()
    }
}

/// Any second that GeneralizedTime of four digits can name.
fn dates() -> impl Strategy<Value = Date> {
    (0_u64..=253_402_300_799).prop_map(|secs| Date::from(UnixTime::from_secs(secs)))
}

fn thumbprints() -> impl Strategy<Value = CertThumb> {
    let suite = prop_oneof![Just(Suite::Modern), Just(Suite::Set1997)];
    (suite, prop::collection::vec(any::<u8>(), 1..=64))
        .prop_map(|(suite, digest)| CertThumb::new(suite, &digest).unwrap())
}

/// A SEQUENCE of any length in front of any octets.
fn sequences() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
        .prop_map(|content| crate::support::tlv(&[0x30], &[&content]))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn crl_notifications_come_back(date in dates(), crl_thumbprint in thumbprints()) {
        let tbs = CrlNotificationTbs { date: date.clone(), crl_thumbprint: crl_thumbprint.clone() };
        let octets = tbs.to_der().unwrap();
        prop_assert_eq!(decode::<CrlNotificationTbs>(&octets, MAX_MESSAGE).unwrap(), tbs);
        let answer = CrlNotificationResTbs { date, crl_thumbprint };
        prop_assert_eq!(answer.to_der().unwrap(), octets.clone());
        prop_assert_eq!(decode::<CrlNotificationResTbs>(&octets, MAX_MESSAGE).unwrap(), answer);
    }

    #[test]
    fn bci_distributions_come_back(
        date in dates(),
        bci in prop::option::of(sequences()),
    ) {
        let bci = bci.map(|octets| BrandCrlIdentifierOctets::new(octets).unwrap());
        let tbs = BciDistributionTbs { date, bci };
        let octets = tbs.to_der().unwrap();
        prop_assert_eq!(decode::<BciDistributionTbs>(&octets, MAX_MESSAGE).unwrap(), tbs);
    }

    #[test]
    fn frames_come_back_and_splices_do_not_panic(
        signed in sequences(),
        position in any::<prop::sample::Index>(),
        splice in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let message = CaMessage::new(SignedDataOctets::new(signed).unwrap());
        let mut octets = message.to_der().unwrap();
        prop_assert_eq!(&CaMessage::from_der(&octets).unwrap(), &message);
        let start = position.index(octets.len());
        let end = octets.len().min(start + 4);
        octets.splice(start..end, splice);
        if let Ok(other) = CaMessage::from_der(&octets) {
            prop_assert_eq!(other.to_der().unwrap(), octets);
        }
    }
}
