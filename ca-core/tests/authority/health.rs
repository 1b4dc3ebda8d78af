//! How fresh lists, responders and keys are, and when that makes a service not ready. The times are
//! those of the shipped `policies/lists.toml`.

use ca_core::authority::{Freshness, HealthLine, HealthOf, Renewal};
use ca_core::profile::KeyUse;
use ca_core::store::ListId;

use crate::house::{BEGIN, House, house};
use crate::messages::ca_id;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn bci() -> HealthOf {
    HealthOf::List(ListId::Bci("Sample".to_owned()))
}

fn crl(ca: &str) -> HealthOf {
    HealthOf::List(ListId::Crl(ca_id(ca)))
}

fn line(house: &House, what: &HealthOf) -> HealthLine {
    let health = house.authority.health().unwrap();
    health.lines.into_iter().find(|line| line.what == *what).unwrap()
}

/// What makes the service not ready, and what only warns.
fn alarms_and_warnings(house: &House, what: &HealthOf) -> (bool, bool) {
    let health = house.authority.health().unwrap();
    let alarms = health.alarms().any(|line| line.what == *what);
    (alarms, health.warnings().any(|line| line.what == *what))
}

#[test]
fn everything_of_a_new_hierarchy_is_fresh() {
    let house = house();
    let health = house.authority.health().unwrap();
    assert_eq!(health.worst(), Freshness::Fresh, "{:?}", health.lines);
    let lists = health.lines.iter().filter(|line| line.number.is_some()).count();
    let responders =
        health.lines.iter().filter(|line| matches!(line.what, HealthOf::Responder(_))).count();
    // Root, brand, CCA, MCA, PCA; the BCI of the brand.
    assert_eq!((lists, responders), (6, 5));
}

#[test]
fn a_list_is_due_late_and_expired_at_the_second() {
    let house = house();
    // Seven days, the next one after two; a tenth of seven days is 16.8 hours.
    let late = 7 * DAY - 60_480;
    let expected = [
        (2 * DAY - 1, Freshness::Fresh),
        (2 * DAY, Freshness::Due),
        (late - 1, Freshness::Due),
        (late, Freshness::Late),
        (7 * DAY, Freshness::Late),
        (7 * DAY + 1, Freshness::Expired),
    ];
    let mut now = 0;
    for (at, freshness) in expected {
        house.clock.advance(at - now);
        now = at;
        let line = line(&house, &bci());
        assert_eq!((line.freshness, line.renewal), (freshness, Renewal::ByService), "{at}");
        let not_ready = freshness >= Freshness::Late;
        assert_eq!(alarms_and_warnings(&house, &bci()), (not_ready, false), "{at}");
    }
}

#[test]
fn what_only_the_operator_renews_warns_and_alarms_in_its_last_hour() {
    let house = house();
    // The root's CRL lives 90 days; a tenth of that is nine days.
    for (at, freshness, outcome) in [
        (81 * DAY - 1, Freshness::Due, (false, false)),
        (81 * DAY, Freshness::Late, (false, true)),
        (90 * DAY - HOUR - 1, Freshness::Late, (false, true)),
        (90 * DAY - HOUR, Freshness::Late, (true, false)),
        (90 * DAY + 1, Freshness::Expired, (true, false)),
    ] {
        let now = house.authority.now().as_secs();
        house.clock.advance(BEGIN.as_secs() + at - now);
        let line = line(&house, &crl("root"));
        assert_eq!((line.freshness, line.renewal), (freshness, Renewal::ByOperator), "{at}");
        assert_eq!(alarms_and_warnings(&house, &crl("root")), outcome, "{at}");
    }
}

#[test]
fn a_line_says_what_to_do_where_the_operator_has_to() {
    let house = house();
    house.clock.advance(90 * DAY + 1);
    let said = line(&house, &crl("root")).to_string();
    let end = BEGIN.plus_secs(90 * DAY);
    let expected = format!("CRL of root is past its end {end}: setca crl issue root, with its key");
    assert_eq!(said, expected);
    let said = line(&house, &bci()).to_string();
    let end = BEGIN.plus_secs(7 * DAY);
    assert_eq!(said, format!("BCI of Sample is past its end {end}"));
}

#[test]
fn a_list_that_was_never_published_is_expired_after_an_hour() {
    let house = house();
    let sharded = house.with_policies(|path, text| match path {
        "policies/lists.toml" => text.replace("[crl.cca]", "[crl.cca]\nshards = 4"),
        _ => text.to_owned(),
    });
    let shards = || {
        let lines = sharded.health().unwrap().lines.into_iter();
        let shards = lines.filter(|line| matches!(line.what, HealthOf::List(ListId::Shard { .. })));
        shards.collect::<Vec<_>>()
    };
    house.clock.advance(HOUR);
    let found: Vec<_> = shards().iter().map(|line| (line.number, line.freshness)).collect();
    assert_eq!(found, [(None, Freshness::Late); 4]);
    house.clock.advance(1);
    assert!(shards().iter().all(|line| line.freshness == Freshness::Expired));
    let said = shards()[0].to_string();
    assert_eq!(said, "shard 4-0 of the CRL of sample-cca was never published");
    // The service makes them as soon as it looks.
    sharded.publish_due();
    assert!(shards().iter().all(|line| line.freshness == Freshness::Fresh));
}

#[test]
fn a_key_is_due_thirty_days_before_its_usage_period_ends() {
    let house = house();
    let key = HealthOf::Key(ca_id("sample-cca"), KeyUse::CertificateSigning);
    let ends = line(&house, &key).ends;
    house.clock.advance(ends.as_secs() - BEGIN.as_secs() - 30 * DAY - 1);
    assert_eq!(line(&house, &key).freshness, Freshness::Fresh);
    house.clock.advance(1);
    assert_eq!(line(&house, &key).freshness, Freshness::Due);
    house.clock.advance(15 * DAY);
    let late = line(&house, &key);
    assert_eq!((late.freshness, late.renewal), (Freshness::Late, Renewal::ByOperator));
    assert_eq!(alarms_and_warnings(&house, &key), (false, true));
}
