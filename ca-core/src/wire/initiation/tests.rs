use super::*;

const SAMPLE: &str = "MIME-Version: 1.0\r\n\
    Content-Transfer-Encoding: binary\r\n\
    Content-Type: text/plain; charset=us-ascii\r\n\
    SET-Initiation-Type: Registration-Initiation\r\n\
    SET-Version: 1.0\r\n\
    SET-SET-URL: https://ca.example/set\r\n\
    SET-Success-URL: https://bank.example/done\r\n\
    SET-Brand: Sample:Gold\r\n\
    SET-Language: en-GB\r\n\
    SET-Request-Type: 1\r\n\
    \r\n\
    Get your certificate.\r\n";

fn sample() -> Initiation {
    Initiation {
        success_url: Some(Url::new("https://bank.example/done").unwrap()),
        language: Some(Language::new("en-GB").unwrap()),
        request_type: Some(RequestType::CardInitialSig),
        description: "Get your certificate.\r\n".to_owned(),
        ..Initiation::new(
            Url::new("https://ca.example/set").unwrap(),
            BrandId::new("Sample:Gold").unwrap(),
        )
    }
}

/// `SAMPLE` with one line replaced.
fn with(line: &str, other: &str) -> Vec<u8> {
    assert!(SAMPLE.contains(line), "{line}");
    SAMPLE.replace(line, other).into_bytes()
}

fn error(octets: &[u8]) -> InitiationError {
    Initiation::from_octets(octets).unwrap_err()
}

#[test]
fn an_initiation_is_written_as_the_table_says() {
    assert_eq!(String::from_utf8(sample().to_octets().unwrap()).unwrap(), SAMPLE);
}

#[test]
fn an_initiation_comes_back_as_it_was() {
    assert_eq!(Initiation::from_octets(SAMPLE.as_bytes()).unwrap(), sample());
}

#[test]
fn line_ends_letter_case_folding_and_unknown_headers_do_not_matter() {
    let loose = SAMPLE
        .replace("SET-Version: 1.0", "set-version:1.0\r\nX-Mailer: who\r\nSET-Colour: blue")
        .replace("SET-Language: en-GB", "SET-Language:\r\n\ten-GB  ")
        .replace("text/plain; charset=us-ascii", "Text/Plain")
        .replace("MIME-Version: 1.0\r\n", "")
        .replace("\r\n\r\n", "\n\n");
    let (head, body) = loose.split_once("\n\n").unwrap();
    let loose = format!("{}\n\n{body}", head.replace("\r\n", "\n"));
    assert_eq!(Initiation::from_octets(loose.as_bytes()).unwrap(), sample());
}

#[test]
fn without_a_blank_line_there_is_no_description() {
    let head = SAMPLE.split_once("\r\n\r\n").unwrap().0;
    let read = Initiation::from_octets(head.as_bytes()).unwrap();
    assert_eq!(read, Initiation { description: String::new(), ..sample() });
}

#[test]
fn every_mandatory_header_is_missed() {
    for line in SAMPLE.lines().take_while(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap();
        let expected = Header::named(name).unwrap().presence() == header::Presence::Mandatory;
        let outcome = Initiation::from_octets(&with(&format!("{line}\r\n"), ""));
        let missing = matches!(outcome, Err(InitiationError::Missing(found)) if found == name);
        assert_eq!(missing, expected, "{name}");
    }
}

#[test]
fn a_known_header_stands_once() {
    let twice = with("SET-Brand: Sample:Gold", "SET-Brand: Sample:Gold\r\nset-brand: Other");
    assert_eq!(error(&twice), InitiationError::Repeated("SET-Brand"));
}

#[test]
fn an_extension_that_must_be_understood_is_refused() {
    let ext = |flag: &str| {
        let lines = format!("SET-Version: 1.0\r\nSET-Ext-OID: 1.2.3\r\nSET-Ext-Mandatory: {flag}");
        with("SET-Version: 1.0", &lines)
    };
    let oid = ObjectIdentifier::new_unwrap("1.2.3");
    assert_eq!(error(&ext("TRUE")), InitiationError::Extension(oid));
    assert_eq!(error(&ext("perhaps")), InitiationError::Value("SET-Ext-Mandatory"));
    let read = Initiation::from_octets(&ext("no")).unwrap();
    assert_eq!(read.extension, Some(InitiationExtension { oid, data: None }));
}

#[test]
fn an_extension_has_an_oid() {
    let bare = with("SET-Version: 1.0", "SET-Version: 1.0\r\nSET-Ext-Data: 00");
    assert_eq!(error(&bare), InitiationError::Missing("SET-Ext-OID"));
}

#[test]
fn headers_of_a_payment_and_of_a_response_do_not_belong_here() {
    for name in ["SET-PurchAmt", "SET-LID-M", "SET-Error-Field"] {
        let octets = with("SET-Version: 1.0", &format!("SET-Version: 1.0\r\n{name}: 1"));
        assert_eq!(error(&octets), InitiationError::Foreign(name));
    }
}

#[test]
fn another_initiation_is_named() {
    let payment = with("Registration-Initiation", "Payment-Initiation");
    assert_eq!(error(&payment), InitiationError::WrongType("Payment-Initiation".to_owned()));
    assert_eq!(error(&payment).field(), Some("SET-Initiation-Type"));
}

#[test]
fn each_value_has_its_form() {
    for (line, other) in [
        ("Content-Transfer-Encoding: binary", "Content-Transfer-Encoding: base64"),
        ("Content-Type: text/plain; charset=us-ascii", "Content-Type: text/html"),
        ("charset=us-ascii", "charset=utf-8"),
        ("MIME-Version: 1.0", "MIME-Version: 2.0"),
        ("SET-Version: 1.0", "SET-Version: 2.0"),
        ("SET-SET-URL: https://ca.example/set", "SET-SET-URL: file:///etc/passwd"),
        ("SET-SET-URL: https://ca.example/set", "SET-SET-URL: https:///set"),
        ("https://bank.example/done", "https://bank.example/a b"),
        ("SET-Brand: Sample:Gold", "SET-Brand: 12345678901234567890123456789012345678901"),
        ("SET-Language: en-GB", "SET-Language: en GB"),
        ("SET-Request-Type: 1", "SET-Request-Type: 2"),
        ("SET-Request-Type: 1", "SET-Request-Type: 300"),
        ("SET-Brand: Sample:Gold", "SET-Brand:"),
    ] {
        let refused = error(&with(line, other));
        assert!(matches!(refused, InitiationError::Value(_)), "{other}: {refused}");
    }
}

#[test]
fn lines_are_printable_ascii() {
    assert_eq!(error(&with("en-GB", "en\u{1b}GB")), InitiationError::Line(9));
    assert_eq!(error(&with("en-GB", "en\rGB")), InitiationError::Line(9));
    assert_eq!(error(&with("SET-Language: en-GB", "no header")), InitiationError::Line(9));
    assert_eq!(error(&with("certificate", "z\u{e9}rtificate")), InitiationError::Body);
}

#[test]
fn a_long_file_is_not_read() {
    let long = [SAMPLE.as_bytes(), &vec![b'x'; MAX_INITIATION]].concat();
    let found = SAMPLE.len() + MAX_INITIATION;
    assert_eq!(error(&long), InitiationError::TooLong { found, limit: MAX_INITIATION });
}

#[test]
fn a_brand_that_ascii_does_not_write_is_not_written() {
    for brand in ["Br\u{e9}", " Brand"] {
        let initiation = Initiation { brand: BrandId::new(brand).unwrap(), ..sample() };
        assert_eq!(initiation.to_octets(), Err(InitiationError::Value("SET-Brand")));
    }
}

#[test]
fn a_url_of_its_own_leads_to_the_ca() {
    let ca_url = Some(Url::new("https://other.example/set").unwrap());
    assert_eq!(sample().endpoint().as_str(), "https://ca.example/set");
    let moved = Initiation { ca_url, ..sample() };
    assert_eq!(moved.endpoint().as_str(), "https://other.example/set");
    assert_eq!(Initiation::from_octets(&moved.to_octets().unwrap()).unwrap(), moved);
}
