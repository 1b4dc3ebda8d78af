//! What an open request holds, and what does not move it (§4.8).

use super::*;

#[test]
fn an_open_request_holds_its_key_until_it_is_refused() {
    let house = house();
    let authority = &house.authority;
    let first = Customer::new(authority, CAREFUL, "ada");
    let take = |label: &str| {
        Customer::with(authority, crate::messages::PAN, label, |draft| {
            draft.set_key(key("ada"));
        })
    };
    assert_eq!(take("one").heard(authority).status(), CertStatusCode::RejectedByCa);
    // Nor does it wait beside the first.
    let beside = Customer::with(authority, CAREFUL, "two", |draft| draft.set_key(key("ada")));
    assert_eq!(beside.heard(authority).status(), CertStatusCode::RejectedByCa);
    authority.decide_registration(first.lid_ca(), no("grace", None)).unwrap();
    assert_eq!(take("three").heard(authority).status(), CertStatusCode::RequestComplete);
}

#[test]
fn a_certified_key_does_not_wait() {
    let house = house();
    let authority = &house.authority;
    Customer::new(authority, crate::messages::PAN, "ada");
    let again = Customer::with(authority, CAREFUL, "again", |draft| draft.set_key(key("ada")));
    assert_eq!(again.heard(authority).status(), CertStatusCode::RejectedByCa);
    assert_eq!(again.registration(authority).open, None);
}

#[test]
fn the_same_request_again_gets_the_stored_octets_whatever_was_decided() {
    // decisions.md 13: the change is seen through CertInq.
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    let (again, retry_after) = post_whole(authority, &customer.request);
    assert!(again == customer.answer);
    assert_eq!(retry_after, Some(300));
    authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap();
    let (again, retry_after) = post_whole(authority, &customer.request);
    assert!(again == customer.answer);
    assert_eq!(retry_after, None, "it is worth asking now");
    assert_eq!(certified(authority, CertificateState::Issued).len(), 1);
}

#[test]
fn the_same_key_under_another_rrpid_is_told_where_the_open_request_stands() {
    // §4.8, fourth row.
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    let before = customer.registration(authority);
    let other = Draft::new(&customer.run, "other", authority.now());
    let same_key = other.with(|draft| draft.set_key(key("ada")));
    let (answer, retry_after) = post_whole(authority, &same_key.octets(authority));
    let heard = Heard::of(authority, &answer);
    assert_eq!((heard.status(), retry_after), (CertStatusCode::RequestPended, Some(300)));
    assert_eq!(heard.data().rrpid, same_key.data.rrpid);
    let revision = customer.registration(authority).revision;
    assert_eq!(customer.registration(authority), Registration { revision, ..before });
}

#[test]
fn nothing_else_moves_a_registration_that_waits() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    let before = customer.registration(authority);
    let refused =
        |draft: Draft| Heard::of(authority, &post(authority, &draft.octets(authority))).status();
    let draft = |label| Draft::new(&customer.run, label, authority.now());
    assert_eq!(refused(draft("other key")), CertStatusCode::RejectedByCa);
    let forged = draft("forged").with(|draft| draft.forger = Some(key("forger")));
    assert_eq!(refused(forged), CertStatusCode::SigValidationFail);
    let malformed = draft("malformed").with(|draft| draft.data.reg_form = None);
    assert_eq!(refused(malformed), CertStatusCode::RejectedByCa);
    let mut form = FormDraft::new("form again");
    form.pan = CAREFUL.to_owned();
    form.data.lid_ee = customer.run.lid_ee.clone();
    form.data.lid_ca = Some(customer.run.lid_ca.clone());
    let heard = Heard::of(authority, &post(authority, &form.octets(authority)));
    assert_eq!(heard.error().error_code, ErrorCode::UnspecifiedFailure);
    let after = customer.registration(authority);
    let (revision, updated_at) = (after.revision, after.updated_at);
    assert_eq!(after, Registration { revision, updated_at, ..before });
    authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap();
    customer.assert_served(&customer.ask(authority, "one"));
}

#[test]
fn the_store_never_holds_a_secret_in_clear() {
    let house = house();
    let authority = &house.authority;
    let waiting = Customer::new(authority, CAREFUL, "waiting");
    let served = Customer::new(authority, CAREFUL, "served");
    authority.decide_registration(served.lid_ca(), yes("grace")).unwrap();
    let nonce = served.ask(authority, "one").data().cert_status.nonce_cca.clone().unwrap();
    let everything = format!("{:?}", house.records);
    // Octets stand there as decimal lists: something that is there is found.
    let decimal = |octets: &[u8]| {
        let listed = format!("{octets:?}");
        listed.trim_matches(['[', ']']).to_owned()
    };
    assert!(everything.contains(&decimal(waiting.lid_ca())));
    assert!(everything.contains("420000") && everything.contains("7897"));
    let mut secrets: Vec<(&str, Vec<u8>)> = vec![
        ("back key", crate::messages::back_key(house.suite()).back_key.as_bytes().to_vec()),
        ("nonceCCA", nonce.as_bytes().to_vec()),
        ("account number", CAREFUL.as_bytes().to_vec()),
        ("an answer to the form", b"Ada Lovelace".to_vec()),
    ];
    for customer in [&waiting, &served] {
        let AcctInfo::PanData0(account) = &customer.draft.account else { panic!("no account") };
        secrets.push(("CardSecret", account.card_secret.as_bytes().to_vec()));
    }
    for (name, secret) in secrets {
        assert!(!everything.contains(&decimal(&secret)), "{name} as octets");
        assert!(!everything.contains(&hex(&secret)), "{name} as digits");
        let text = String::from_utf8_lossy(&secret).into_owned();
        assert!(!everything.contains(&text), "{name} as text");
    }
}
