//! Banks that are asked: by a list, and over HTTP by a real connection.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ca_core::UnixTime;
use ca_core::authority::{ApprovalAnswer, Approver as _, Case, Clock};
use ca_core::hex;
use ca_core::profile::{Approval, Role};
use ca_core::store::CaId;
use ca_core::wire::RequestType;
use ca_server::approval::{BankApprover, sign, verify};
use tempfile::TempDir;

use super::bank::{Asked, Bank, NOW, Reply, SECRET};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> UnixTime {
        NOW
    }
}

/// A data folder with the shared secret in it, and whoever asks from there.
struct House {
    folder: TempDir,
    approver: BankApprover,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("bank.key"), [SECRET, b"\n"].concat()).unwrap();
        let approver = BankApprover::new(folder.path(), Arc::new(Fixed));
        Self { folder, approver }
    }

    fn ask(&self, bank: &Bank) -> ApprovalAnswer {
        self.ask_about(bank, &cardholder())
    }

    fn ask_about(&self, bank: &Bank, case: &Case) -> ApprovalAnswer {
        let key_file = "bank.key".to_owned();
        let rule = Approval::Ask { url: bank.url.clone(), key_file, timeout_secs: 1 };
        self.approver.ask(&rule, case)
    }

    fn look_up(&self, list: &str, case: &Case) -> ApprovalAnswer {
        fs::write(self.folder.path().join("list.txt"), list).unwrap();
        self.approver.ask(&Approval::List { file: "list.txt".to_owned() }, case)
    }
}

fn cardholder() -> Case {
    Case {
        lid_ca: vec![0xab, 1],
        lid_ee: vec![2],
        ca: CaId::new("sample-cca").unwrap(),
        brand: "Sample".to_owned(),
        institution: "Example List Bank".to_owned(),
        role: Role::Cardholder,
        request_type: RequestType::CardInitialSig,
        bin: Some("430000".to_owned()),
        pan_hash: Some([0xcd; 32]),
        pan_tail: Some("0009".to_owned()),
        business_id: None,
        answers: vec![("Full name".to_owned(), "Ada Lovelace".to_owned())],
    }
}

fn merchant(id: Option<&str>) -> Case {
    Case {
        role: Role::Merchant,
        request_type: RequestType::MerInitialBoth,
        bin: Some("490000".to_owned()),
        pan_hash: None,
        pan_tail: None,
        business_id: id.map(str::to_owned),
        ..cardholder()
    }
}

fn approved(by: &str) -> ApprovalAnswer {
    ApprovalAnswer::Approve { by: by.to_owned() }
}

fn refused(by: &str) -> ApprovalAnswer {
    ApprovalAnswer::Refuse { by: by.to_owned(), message: None }
}

fn host(bank: &Bank) -> String {
    let host = bank.url.strip_prefix("http://").unwrap().strip_suffix("/decide").unwrap();
    format!("bank {host}")
}

#[test]
fn a_bank_is_taken_at_its_signed_word() {
    let house = House::new();
    let bank = Bank::deciding("approve");
    assert_eq!(house.ask(&bank), approved(&host(&bank)));
    assert_eq!(house.ask(&Bank::deciding("by-hand")), ApprovalAnswer::ByHand);
    assert_eq!(house.ask(&Bank::deciding("later")), ApprovalAnswer::Later);
}

#[test]
fn a_refusal_brings_what_the_end_entity_is_told() {
    let bank = Bank::open(|asked| {
        let id = asked.id();
        let message = "No account of ours.";
        let body = format!(r#"{{"id":"{id}","decision":"refuse","message":"{message}"}}"#);
        Some(Reply::signed(body))
    });
    let expected =
        ApprovalAnswer::Refuse { by: host(&bank), message: Some("No account of ours.".to_owned()) };
    assert_eq!(House::new().ask(&bank), expected);
}

#[test]
fn a_question_is_signed_and_names_the_card_by_its_ends_and_hash() {
    let bank = Bank::deciding("approve");
    let _ = House::new().ask(&bank);
    let asked = bank.asked();
    let [question] = asked.as_slice() else { panic!("asked {} times", asked.len()) };
    assert_eq!(verify(SECRET, &question.signature, &question.body, NOW), Ok(()));
    let expected = serde_json::json!({
        "id": "ab01", "lid_ee": "02", "ca": "sample-cca", "brand": "Sample",
        "institution": "Example List Bank", "role": "cardholder",
        "request_type": "cardInitialSig", "bin": "430000", "pan_hash": hex(&[0xcd; 32]),
        "pan_tail": "0009", "business_id": null,
        "answers": [{ "label": "Full name", "value": "Ada Lovelace" }],
    });
    assert_eq!(question.json(), expected);
}

#[test]
fn an_answer_that_is_not_as_agreed_decides_nothing() {
    let house = House::new();
    let yes = |asked: &Asked| format!(r#"{{"id":"{}","decision":"approve"}}"#, asked.id());
    let signed = |secret: &[u8], at, body: &str| sign(secret, at, body.as_bytes());
    let banks = [
        (
            "forged",
            Bank::open(move |asked| {
                let body = yes(asked);
                Some(Reply::with_signature(&signed(b"another secret of a thief", NOW, &body), body))
            }),
        ),
        (
            "unsigned",
            Bank::open(move |asked| {
                Some(Reply { head: "200 OK".to_owned(), body: yes(asked).into_bytes() })
            }),
        ),
        (
            "stale",
            Bank::open(move |asked| {
                let body = yes(asked);
                Some(Reply::with_signature(&signed(SECRET, NOW.minus_secs(301), &body), body))
            }),
        ),
        (
            "of another registration",
            Bank::open(|_| Some(Reply::signed(r#"{"id":"ff","decision":"approve"}"#.to_owned()))),
        ),
        (
            "our own question",
            Bank::open(|asked| {
                let body = String::from_utf8(asked.body.clone()).unwrap();
                Some(Reply::with_signature(&asked.signature, body))
            }),
        ),
        ("no known word", Bank::deciding("yes")),
        ("not JSON", Bank::open(|_| Some(Reply::signed("approve".to_owned())))),
        (
            "too long",
            Bank::open(move |asked| Some(Reply::signed(yes(asked) + &" ".repeat(20_000)))),
        ),
        (
            "an error",
            Bank::open(move |asked| {
                let reply = Reply::signed(yes(asked));
                Some(Reply { head: reply.head.replace("200 OK", "500 Oops"), ..reply })
            }),
        ),
        (
            "a redirection",
            Bank::open(move |asked| {
                let reply = Reply::signed(yes(asked));
                Some(Reply {
                    head: reply.head.replace("200 OK", "302 Found\r\nLocation: /"),
                    ..reply
                })
            }),
        ),
    ];
    for (name, bank) in banks {
        assert_eq!(house.ask(&bank), ApprovalAnswer::Later, "{name}");
        assert_eq!(bank.asked().len(), 1, "{name}");
    }
}

#[test]
fn a_bank_that_hangs_costs_its_time_limit_once_and_is_left_alone_for_a_while() {
    let (house, bank) = (House::new(), Bank::open(|_| None));
    let begun = Instant::now();
    assert_eq!(house.ask(&bank), ApprovalAnswer::Later);
    let waited = begun.elapsed();
    assert!(Duration::from_millis(900) < waited && waited < Duration::from_secs(3), "{waited:?}");
    assert_eq!(house.ask(&bank), ApprovalAnswer::Later);
    assert_eq!(bank.asked().len(), 1);
}

#[test]
fn a_bank_that_is_not_there_is_asked_later() {
    let bank = Bank::deciding("approve");
    let rule = Approval::Ask {
        url: "http://127.0.0.1:1/decide".to_owned(),
        key_file: "bank.key".to_owned(),
        timeout_secs: 1,
    };
    let house = House::new();
    assert_eq!(house.approver.ask(&rule, &cardholder()), ApprovalAnswer::Later);
    // Another bank is not concerned.
    assert_eq!(house.ask(&bank), approved(&host(&bank)));
}

#[test]
fn without_a_usable_secret_nobody_is_asked() {
    let (house, bank) = (House::new(), Bank::deciding("approve"));
    let key = house.folder.path().join("bank.key");
    fs::write(&key, "short").unwrap();
    assert_eq!(house.ask(&bank), ApprovalAnswer::Later);
    fs::remove_file(&key).unwrap();
    assert_eq!(house.ask(&bank), ApprovalAnswer::Later);
    assert!(bank.asked().is_empty());
}

#[test]
fn a_list_names_cardholders_by_hash_and_merchants_by_bin_and_identifier() {
    let house = House::new();
    let list = format!("# customers\r\n\n{}\n490000:SHOP-1\n", "CD".repeat(32));
    assert_eq!(house.look_up(&list, &cardholder()), approved("list list.txt"));
    assert_eq!(house.look_up(&list, &merchant(Some("SHOP-1"))), approved("list list.txt"));
    for id in [Some("SHOP-2"), Some("SHOP"), None] {
        assert_eq!(house.look_up(&list, &merchant(id)), refused("list list.txt"), "{id:?}");
    }
    let other = Case { pan_hash: Some([0xce; 32]), ..cardholder() };
    assert_eq!(house.look_up(&list, &other), refused("list list.txt"));
}

#[test]
fn a_list_is_read_at_each_decision() {
    let house = House::new();
    assert_eq!(house.look_up("", &merchant(Some("A"))), refused("list list.txt"));
    assert_eq!(house.look_up("490000:A", &merchant(Some("A"))), approved("list list.txt"));
}

#[test]
fn a_list_that_is_missing_or_broken_decides_nothing() {
    let house = House::new();
    let rule = Approval::List { file: "customers/none.txt".to_owned() };
    assert_eq!(house.approver.ask(&rule, &cardholder()), ApprovalAnswer::Later);
    // A broken line matters only to those whom no other line names.
    let list = "4300000000000009\n490000:SHOP\n";
    assert_eq!(house.look_up(list, &cardholder()), ApprovalAnswer::Later);
    assert_eq!(house.look_up(list, &merchant(Some("SHOP"))), approved("list list.txt"));
    let nameless = Case { pan_hash: None, ..cardholder() };
    assert_eq!(house.look_up("", &nameless), ApprovalAnswer::Later);
}
