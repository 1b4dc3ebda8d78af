//! What was changed behind the store's back must not be served.

use std::cell::Cell;

use ca_core::store::conformance::samples;
use ca_core::store::{CaId, ListId, Registration, Revocation, RevocationReason, Store, StoreError};
use ca_server::store::PostgresStore;
use e2e::postgres::Postgres;

fn cca() -> CaId {
    samples::ca_id("cca").unwrap()
}

type Look = fn(&PostgresStore) -> Result<(), StoreError>;

/// A server with a filled database that is copied for each damage.
struct Filled {
    server: Postgres,
    copies: Cell<u32>,
}

impl Filled {
    /// A CA, a revoked certificate (serial 3) with its registration and answer, a list.
    fn new() -> Self {
        let server = Postgres::start();
        let store = PostgresStore::open(&server.database("filled")).unwrap();
        let acting = samples::acting();
        store.record_ca(&samples::ca("cca", None, 1).unwrap(), &acting).unwrap();
        let intent = samples::intent("cca", 3).unwrap();
        store.record_intents(std::slice::from_ref(&intent), &acting).unwrap();
        let moved = samples::moved_on(&samples::registration(1).unwrap());
        let registration = Registration { revision: 0, ..moved };
        let answer = samples::answer(1, b"answer");
        let issued = [samples::issued(&intent)];
        store.record_issued(&issued, Some((&registration, Some(&answer))), &acting).unwrap();
        let revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);
        store.revoke(&intent.issuer, &intent.serial, &revocation, &acting).unwrap();
        store.record_list(&samples::list(&ListId::Crl(cca()), 1), &acting).unwrap();
        Self { server, copies: Cell::new(0) }
    }

    fn copy(&self) -> (String, PostgresStore) {
        self.copies.set(self.copies.get() + 1);
        let name = format!("copy{}", self.copies.get());
        self.server.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE filled"));
        let store = PostgresStore::open(&self.server.url(&name)).unwrap();
        (name, store)
    }

    /// Changes one copy after another and looks at it.
    fn expect_damaged(&self, damages: &[&str], look: Look) {
        for damage in damages {
            let (name, store) = self.copy();
            look(&store).unwrap();
            self.server.sql(&name, damage);
            let found = look(&store);
            assert!(matches!(found, Err(StoreError::Damaged(_))), "{damage}: {found:?}");
        }
    }
}

#[test]
fn changed_certificate_is_damaged() {
    Filled::new().expect_damaged(
        &[
            "UPDATE issued SET octets = '\\x00'",
            "UPDATE issued SET rest = '\\x00'",
            "UPDATE issued SET digest = sha256('x')",
            "DELETE FROM issued; DELETE FROM certificate_state; DELETE FROM revocation",
            "UPDATE certificate SET tbs = '\\x00'",
            "UPDATE certificate SET subject = 'CN=other'",
            "UPDATE certificate SET brand = NULL",
            "UPDATE certificate SET not_after = not_after + 1",
            "UPDATE certificate SET recorded_at = 0",
            "UPDATE certificate SET public_key = sha256('x')",
            "UPDATE certificate SET public_key = '\\x00'",
            "UPDATE certificate SET role = 'merchant'",
            "UPDATE certificate SET role = 'mermaid'",
            "UPDATE certificate SET key_use = 'encryption'",
        ],
        |store| store.certificate(&cca(), &samples::serial(3).unwrap()).map(drop),
    );
}

#[test]
fn vanished_or_changed_revocation_is_damaged() {
    let filled = Filled::new();
    let vanished = [
        "DELETE FROM certificate_state",
        "UPDATE certificate_state SET state = 'intent'",
        "DELETE FROM revocation",
        "UPDATE revocation SET revoked_at = revoked_at + 1",
        "UPDATE revocation SET reason = 4",
        "UPDATE revocation SET not_after = 0",
    ];
    filled.expect_damaged(&vanished, |store| {
        store.certificate(&cca(), &samples::serial(3).unwrap()).map(drop)
    });
    filled.expect_damaged(&vanished, |store| store.standings(None, 10).map(drop));
    filled.expect_damaged(&vanished, |store| store.changes(0, 10).map(drop));
    let changed = [
        "UPDATE revocation SET not_after = 0",
        "UPDATE revocation SET revoked_at = 0",
        "UPDATE revocation SET invalid_since = 0",
        "UPDATE revocation SET reason = 2000",
    ];
    filled.expect_damaged(&changed, |store| store.revoked(&cca(), samples::NOW).map(drop));
}

#[test]
fn changed_registration_or_answer_is_damaged() {
    let filled = Filled::new();
    filled.expect_damaged(
        &[
            "UPDATE registration SET lid_ee = '\\x00'",
            "UPDATE registration SET state = 'refused'",
            "UPDATE registration SET state = 'open'",
            "UPDATE registration SET form_id = NULL",
            "UPDATE registration SET pan_hash = sha256('x')",
            "UPDATE registration SET request_type = 1000",
            "UPDATE registration SET revision = 7",
            "UPDATE registration SET sealed = NULL",
            "UPDATE registration SET issued = '\\x000101'",
            "UPDATE registration SET signers = '\\x0001'",
            "DELETE FROM key_claim WHERE place = 1",
        ],
        |store| store.registration(&[0xca, 1]).map(drop),
    );
    filled.expect_damaged(
        &[
            "UPDATE answer SET octets = '\\x00'",
            "UPDATE answer SET request = sha256('x')",
            "UPDATE answer SET recorded_at = 0",
        ],
        |store| store.answer(&[1; 20]).map(drop),
    );
}

#[test]
fn changed_list_is_damaged() {
    let filled = Filled::new();
    filled.expect_damaged(
        &[
            "UPDATE published_list SET parts = '\\x00'",
            "UPDATE list_part SET octets = '\\x00'",
            "DELETE FROM list_part",
            "UPDATE published_list SET number = 9",
        ],
        |store| store.list(&ListId::Crl(cca())).map(drop),
    );
    filled.expect_damaged(
        &[
            "UPDATE published_list SET next_update = 0",
            "UPDATE published_list SET content = sha256('x')",
            "UPDATE published_list SET name = 'other'",
            "UPDATE published_list SET kind = 'other'",
        ],
        |store| store.list_heads().map(drop),
    );
}

#[test]
fn changed_ca_or_feed_is_damaged() {
    let filled = Filled::new();
    filled.expect_damaged(
        &[
            "UPDATE ca SET brand = 'Other'",
            "UPDATE ca SET roles = 'cca mca'",
            "UPDATE ca_certificate SET der = '\\x00'",
            "DELETE FROM ca_certificate",
        ],
        |store| store.cas().map(drop),
    );
    filled.expect_damaged(
        &[
            "DELETE FROM change WHERE position = 2",
            "UPDATE change SET position = 9 WHERE position = 3",
            "UPDATE change SET certificate = 9 WHERE position = 3",
        ],
        |store| store.changes(0, 10).map(drop),
    );
}

#[test]
fn act_on_a_damaged_record_changes_nothing_and_those_beside_it_go_through() {
    let (filled, acting) = (Filled::new(), samples::acting());
    let (name, store) = filled.copy();
    let intents = [5, 6].map(|number| samples::intent("cca", number).unwrap());
    store.record_intents(&intents, &acting).unwrap();
    filled.server.sql(&name, "UPDATE certificate SET tbs = '\\x00' WHERE serial = '\\x05'");
    std::thread::scope(|scope| {
        let [spoilt, whole] = intents.each_ref().map(|intent| {
            scope.spawn(|| store.record_issued(&[samples::issued(intent)], None, &acting))
        });
        let outcome = spoilt.join().unwrap();
        assert!(matches!(outcome, Err(StoreError::Damaged(_))), "{outcome:?}");
        whole.join().unwrap().unwrap();
    });
    let issued = "SELECT count(*) FROM issued JOIN certificate USING (position) WHERE serial = ";
    assert_eq!(filled.server.sql(&name, &format!("{issued}'\\x05'")), "0");
    assert_eq!(filled.server.sql(&name, &format!("{issued}'\\x06'")), "1");
}
