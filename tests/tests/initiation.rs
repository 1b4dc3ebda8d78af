//! Wake-up files as a program that knows only MIME reads them (spec `set-crypto.md` §6.4).

use std::fs;
use std::process::Command;

use ca_core::wire::initiation::Initiation;
use e2e::{Answer, Hierarchy, Outcome};
use serde_json::Value;

/// Headers and body of a MIME entity, by Python's `email`.
const READER: &str = "\
import email, json, sys
entity = email.message_from_bytes(open(sys.argv[1], 'rb').read())
print(json.dumps({'headers': dict(entity.items()), 'type': entity.get_content_type(),
    'charset': entity.get_content_charset(), 'defects': [str(d) for d in entity.defects],
    'body': entity.get_payload(decode=True).decode('ascii')}))
";

fn read(hierarchy: &Hierarchy, answer: &Answer) -> Value {
    let file = hierarchy.beside("wake-up.setreg");
    fs::write(&file, &answer.body).unwrap();
    let outcome = Outcome::of(Command::new("python3").args(["-c", READER]).arg(&file));
    serde_json::from_str(&outcome.done()).unwrap()
}

#[test]
fn each_role_is_woken_up_with_its_request_type() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for (role, request_type) in [("cardholder", "1"), ("merchant", "6"), ("gateway", "9")] {
        let answer = service.fetch(&format!("/initiation/Sample/{role}"));
        let media_type = "application/set-registration-initiation";
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type));
        let file = format!("attachment; filename=\"sample-{role}.setreg\"");
        assert_eq!(answer.header("content-disposition"), file);
        let read = read(&hierarchy, &answer);
        assert_eq!(read["defects"], Value::Array(Vec::new()), "{read}");
        assert_eq!((&read["type"], &read["charset"]), (&"text/plain".into(), &"us-ascii".into()));
        let mut expected = serde_json::Map::new();
        for (name, value) in [
            ("MIME-Version", "1.0"),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-Type", "text/plain; charset=us-ascii"),
            ("SET-Initiation-Type", "Registration-Initiation"),
            ("SET-Version", "1.0"),
            ("SET-Brand", "Sample"),
            ("SET-Request-Type", request_type),
        ] {
            expected.insert(name.to_owned(), value.into());
        }
        let mut found = read["headers"].as_object().expect("headers").clone();
        let set_url = found.remove("SET-SET-URL").expect("SET-SET-URL");
        assert!(set_url.as_str().is_some_and(|url| url.ends_with("/set")), "{set_url}");
        assert_eq!(found, expected);
        assert!(read["body"].as_str().is_some_and(|text| text.contains(role)), "{read}");
    }
}

#[test]
fn language_and_type_are_passed_on() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let answer = service.fetch("/initiation/Sample/merchant?language=de-CH&type=13");
    let headers = read(&hierarchy, &answer)["headers"].clone();
    assert_eq!(
        (&headers["SET-Language"], &headers["SET-Request-Type"]),
        (&"de-CH".into(), &"13".into())
    );
    let initiation = Initiation::from_octets(&answer.body).unwrap();
    assert_eq!(initiation.language.map(|tag| tag.to_string()).as_deref(), Some("de-CH"));
    assert_eq!(initiation.request_type.map(|asked| asked.number()), Some(13));
}

#[test]
fn what_is_not_served_or_not_understood_has_no_wake_up() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    for (path, status) in [
        ("/initiation/Other/cardholder", 404),
        ("/initiation/Sample/cca", 404),
        ("/initiation/Sample", 404),
        // Reserved, of another role, no number.
        ("/initiation/Sample/cardholder?type=2", 400),
        ("/initiation/Sample/cardholder?type=4", 400),
        ("/initiation/Sample/cardholder?type=one", 400),
        // A header line of its own, an empty tag, a long one.
        ("/initiation/Sample/cardholder?language=en%0d%0aSET-Brand:x", 400),
        ("/initiation/Sample/cardholder?language=", 400),
        ("/initiation/Sample/cardholder?language=a-very-long-tag-of-more-than-35-letters", 400),
    ] {
        let answer = service.fetch(path);
        let said = (answer.status, answer.header("content-type"));
        assert_eq!(said, (status, "application/problem+json"), "{path}");
    }
}
