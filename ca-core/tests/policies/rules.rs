//! Every rule that a policy file can break, each broken by one change to the shipped files.

use std::collections::BTreeSet;

use ca_core::Suite;
use ca_core::profile::{Policies, PolicyError, RULES};

use super::{BRANDS, FORM, shipped, text_of};

const RCA: &str = "policies/profiles/modern/rca.toml";
const CCA: &str = "policies/profiles/modern/cca-certificate-signing.toml";
const CCA_SIG: &str = "policies/profiles/modern/cca-message-signature.toml";
const CCA_ENC: &str = "policies/profiles/modern/cca-encryption.toml";
const CARD: &str = "policies/profiles/modern/cardholder-message-signature.toml";
const OCSP: &str = "policies/profiles/modern/ocsp.toml";
const LISTS: &str = "policies/lists.toml";
const REVOCATION: &str = "policies/revocation.toml";
const ROOT: &str = "policies/root.toml";
const MERCHANT: &str = "policies/forms/merchant.toml";

#[test]
fn error_names_file_line_rule_and_what_to_write() {
    let case = case("path-length", CCA, "path_len = 0", "path_len = 1", "path_len");
    let line = case.expected_line();
    assert_eq!(
        case.load().unwrap_err().to_string(),
        format!("{CCA}:{line}: path-length: write path_len = 0 for a cca")
    );
}

#[test]
fn broken_file_is_refused_with_its_rule_and_line() {
    for case in cases() {
        let error = case.load().expect_err(case.rule);
        let expected = (case.rule, case.file, case.expected_line());
        assert_eq!((error.rule, error.file.as_str(), error.line), expected, "{error}");
    }
}

#[test]
fn broken_set_of_files_is_refused_with_its_rule_and_line() {
    for (rule, file, line, files) in cases_of_several_files() {
        let error = Policies::from_files(Suite::Modern, &files).expect_err(rule);
        let found = (error.rule, error.file.as_str(), error.line);
        assert_eq!(found, (rule, file.as_str(), line), "{error}");
    }
}

#[test]
fn every_rule_has_a_file_that_breaks_it() {
    let mut broken: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    broken.extend(cases_of_several_files().iter().map(|(rule, ..)| *rule));
    let rules: BTreeSet<&str> = RULES.iter().copied().collect();
    assert_eq!(broken, rules);
    assert_eq!(rules.len(), RULES.len(), "a code stands twice in RULES");
}

/// A shipped file with one change, the rule it breaks, and a text on the line to be named.
struct Case {
    rule: &'static str,
    file: &'static str,
    from: &'static str,
    to: String,
    line: &'static str,
}

impl Case {
    /// The file with the first `from` replaced.
    fn text(&self) -> String {
        let files = shipped();
        let text = text_of(&files, self.file);
        assert!(text.contains(self.from), "{} does not hold {}", self.file, self.from);
        text.replacen(self.from, &self.to, 1)
    }

    fn expected_line(&self) -> usize {
        line_of(&self.text(), self.line)
    }

    fn load(&self) -> Result<Policies, PolicyError> {
        let mut files = shipped();
        files.retain(|(path, _)| path != self.file);
        files.push((self.file.to_owned(), self.text()));
        Policies::from_files(Suite::Modern, &files)
    }
}

fn case(
    rule: &'static str,
    file: &'static str,
    from: &'static str,
    to: impl Into<String>,
    line: &'static str,
) -> Case {
    Case { rule, file, from, to: to.into(), line }
}

fn cases() -> Vec<Case> {
    let groups = [
        toml_cases(),
        key_cases(),
        extension_cases(),
        statement_cases(),
        list_cases(),
        brand_cases(),
        institution_cases(),
        approval_cases(),
        form_cases(),
        merchant_form_cases(),
        field_cases(),
    ];
    groups.into_iter().flatten().collect()
}

fn toml_cases() -> Vec<Case> {
    vec![
        case("syntax", CCA, "ca = true", "ca = = true", "ca = ="),
        case("unknown-key", CCA, "ca = true", "ca = true\nsha1 = 1", "sha1 = 1"),
        case("unknown-key", CCA, "presence", "presense", "presense"),
        case("missing-key", CCA, "ca = true", "", "# Cardholder CA"),
        case("value", CCA, "\"cca\"", "\"cc\"", "role ="),
        case("value", CCA, "= 1095", "= \"long\"", "validity_days"),
        case("value", CCA, "period = 365", "period = \"once\"", "key_usage_period"),
    ]
}

fn key_cases() -> Vec<Case> {
    vec![
        case("role-and-use", CARD, "\"message-signature\"", "\"encryption\"", "key_use"),
        case("issued-by", CARD, "[\"cca\"]", "[\"cca\", \"mca\"]", "issued_by"),
        case("issued-by", CARD, "[\"cca\"]", "[]", "issued_by"),
        case("key-algorithm", CCA, "\"rsa-3072\"", "\"rsa-2048\"", "key_algorithms"),
        case("key-algorithm", CCA, "\"rsa-3072\"", "\"dsa\"", "key_algorithms"),
        case("key-algorithm", CCA, "\"ec-p256\"", "\"ec-p384\"", "key_algorithms"),
        case("key-algorithm", CCA_ENC, "\"rsa-3072\"", "\"ed25519\"", "key_algorithms"),
        case("key-algorithm", CCA_ENC, "\"rsa-3072\", \"rsa-4096\"", "", "key_use ="),
        case("validity", OCSP, "= 90", "= 0", "validity_days"),
        case("key-usage", CCA, "\"keyCertSign\", \"cRLSign\"", "\"keyCertSign\"", "key_usage ="),
        case("key-usage", CCA_ENC, ", \"dataEncipherment\"", "", "key_usage ="),
        case("key-usage", CARD, "\"digitalSignature\"", "\"keyCertSign\"", "key_usage ="),
        case("ca-flag", CARD, "ca = false", "ca = true", "ca = true"),
        case("ca-flag", CCA, "ca = true", "ca = false", "ca = false"),
        case("path-length", CCA, "path_len = 0", "path_len = 1", "path_len"),
        case("path-length", CARD, "ca = false", "ca = false\npath_len = 0", "path_len"),
        case("path-length", RCA, "path_len = 3", "", "ca = true"),
        case("period-forbidden", CCA_ENC, "\"absent\"", "30", "key_usage_period"),
        case("period-missing", CARD, "\"certificate\"", "\"absent\"", "key_usage_period"),
        case("period-beyond-certificate", CARD, "\"certificate\"", "731", "key_usage_period"),
        case("period-beyond-year", CCA, "period = 365", "period = 367", "key_usage_period"),
        case("period-beyond-year", CCA_SIG, "days = 365", "days = 367", "key_usage_period"),
        case("outlives-issuer", CARD, "= 730", "= 731", "validity_days"),
    ]
}

fn extension_cases() -> Vec<Case> {
    let aki = "  { name = \"authorityKeyIdentifier\"";
    let required = "{ name = \"authorityKeyIdentifier\", presence = \"required\"";
    let optional = "{ name = \"authorityKeyIdentifier\", presence = \"optional\"";
    let merchant = "{ name = \"merchantData\", presence = \"optional\", critical = false },";
    let again = "{ name = \"keyUsage\", presence = \"required\", critical = true }, # again";
    vec![
        case("required-extension", CCA, aki, format!("# {aki}"), "role ="),
        case("required-extension", CCA, required, optional, optional),
        case("forbidden-extension", CCA, "\n]", format!("\n{merchant}\n]"), "merchantData"),
        case("duplicate-extension", CCA, "\n]", format!("\n{again}\n]"), "# again"),
        case("criticality", CCA, "critical = true", "critical = false", "\"keyUsage\""),
    ]
}

fn statement_cases() -> Vec<Case> {
    let stated = |file, table: &str, line| {
        // Behind the extensions, the last of a profile.
        case("policy-statement", file, "\n]\n", format!("\n]\n[policy]\n{table}\n"), line)
    };
    let long = "x".repeat(2049);
    vec![
        stated(CARD, "terse = \"no\"", "[policy]"),
        stated(RCA, "oid = \"1.2.3\"", "[policy]"),
        stated(CCA, "", "[policy]"),
        stated(CCA, &format!("terse = \"{long}\""), "terse = "),
        stated(CCA, "oid = \"1.2.x\"", "oid = "),
        case("url", CCA, "\n]\n", "\n]\n[policy]\nurl = \"a b\"\n", "url = "),
    ]
}

fn list_cases() -> Vec<Case> {
    let responder = "responder_renew_before_days = ";
    vec![
        case(
            "renewal",
            LISTS,
            "renew_before_days = 30",
            "renew_before_days = 90",
            "= 90  # setca: a m",
        ),
        case(
            "revocation-reason",
            REVOCATION,
            "\"keyCompromise\", ",
            "\"cACompromise\", ",
            "\"cACompromise\", ",
        ),
        case(
            "revocation-role",
            REVOCATION,
            "[\"cardholder\"]",
            "[\"cardholder\", \"cca\"]",
            "roles = [\"cardholder\"",
        ),
        case("renewal", LISTS, "answer_hours = 24", "answer_hours = 0", "answer_hours"),
        case(
            "renewal",
            LISTS,
            "responder_renew_before_days = 30",
            format!("{responder}90"),
            responder,
        ),
        cca_division("shards = 1 # here"),
        cca_division("shards = 4097 # here"),
        cca_division("shards = 16 # here\ndelta_hours = 24"),
        cca_division("delta_hours = 0 # here"),
        cca_division("delta_hours = 720 # here"),
        cca_division("delta_base_days = 7 # here"),
        cca_division("shards = 16\ndelta_base_days = 7 # here"),
        cca_division("delta_base_days = 31 # here\ndelta_hours = 24"),
        cca_division("delta_base_days = 0 # here\ndelta_hours = 24"),
        // The root is off line.
        case("crl-division", LISTS, "[crl.rca]", "[crl.rca]\ndelta_hours = 24 # here", "# here"),
    ]
}

/// Keys of the CRL of a CCA, the line to be named marked.
fn cca_division(keys: &str) -> Case {
    case("crl-division", LISTS, "[crl.cca]", format!("[crl.cca]\n{keys}"), "# here")
}

fn brand_cases() -> Vec<Case> {
    let (brand, unit) = ("B".repeat(41), "{brand}".repeat(11));
    vec![
        case("country", ROOT, "\"US\"", "\"USA\"", "country"),
        case("country", BRANDS, "\"US\"", "\"us\"", "\"us\""),
        case("root-name", ROOT, "\"SET Root\"", "\"\"", "organization"),
        case("brand-name", BRANDS, "\"Sample\"", format!("\"{brand}\""), "name = \"BB"),
        case("duplicate-brand", BRANDS, "\"*\"", "\"Sample\"", "`init`"),
        case("language", BRANDS, "= \"en\"", "= \"e_n\"", "default_language"),
        case("unit-name", BRANDS, "{brand} GCA", unit, "gca ="),
        case("issuer-name", BRANDS, "\"Example Issuer\"", "\"\"", "name = \"\""),
        case("bin", BRANDS, "\"411111\"", "\"41111\"", "\"41111\""),
        case("bin", BRANDS, "\"400000-400009\"", "\"400009-400000\"", "400009-"),
        case("bin-overlap", BRANDS, "400000-400009", "411111-411119", "411111-411119"),
        case("url", BRANDS, "https://logo.example.com/card", "a b", "card_logo_url"),
        case("referral", BRANDS, "This account", "x".repeat(512), "reason = \"xxx"),
        case("text-language", BRANDS, "referral.en", "referral.fr", "[brand.referral.fr]"),
        case("language", BRANDS, "referral.en", "referral.e_n", "[brand.referral.e_n]"),
        case("url", BRANDS, "https://register.example.com/\"", "a b\"", "urls = [\"a b"),
    ]
}

fn institution_cases() -> Vec<Case> {
    let (number, name) = ("country_number = 840", "country_name.en = \"United States\"");
    let acquirer = "name = \"Example Acquirer\"";
    let extension = format!("{acquirer}\nset_extensions = [\"2.23.x\"]");
    let message = "cardholder_message.en = \"Your card";
    let long = "cardholder_message.en = \"".to_owned() + &"x".repeat(90);
    vec![
        case("currency", BRANDS, "currency = 840", "currency = 1000", "currency = 1000"),
        case("message-length", BRANDS, message, long, "message.en = \"xxx"),
        case("text-language", BRANDS, "message.en", "message.fr", "cardholder_message.fr"),
        case("acquirer-name", BRANDS, "\"Example Acquirer\"", "\"\"", "name = \"\""),
        case("country-number", BRANDS, number, "country_number = 0", "country_number = 0"),
        case("country-name", BRANDS, name, "country_name.en = \"\"", "country_name.en = \"\""),
        case("bin-overlap", BRANDS, "495000-495009", "490009-490019", "490009-"),
        case("set-extension", BRANDS, acquirer, extension, "2.23.x"),
    ]
}

fn approval_cases() -> Vec<Case> {
    let automatic = "\napproval = \"automatic\"";
    let of = |text: &str| format!("\napproval = {text}");
    let ask = |url: &str, seconds: u32| {
        of(&format!("{{ ask = \"{url}\", key = \"bank.key\", timeout_secs = {seconds} }}"))
    };
    let list = of("{ list = \"../customers.txt\" }");
    let both = of("{ list = \"a.txt\", ask = \"http://bank\" }");
    vec![
        case("value", BRANDS, automatic, of("\"maybe\""), "maybe"),
        case("unknown-key", BRANDS, automatic, of("{ lists = \"a.txt\" }"), "lists"),
        case("approval", BRANDS, automatic, both, "http://bank"),
        case("approval-file", BRANDS, automatic, list, "../customers"),
        case("approval-url", BRANDS, automatic, ask("https://bank/", 3), "https://bank/"),
        case("approval-timeout", BRANDS, automatic, ask("http://bank/", 6), "http://bank/"),
        case("approval", BRANDS, "merchant = \"automatic\"", "merchant = {}", "merchant = {}"),
    ]
}

fn merchant_form_cases() -> Vec<Case> {
    let account = "[account]\nmax_len = 7\nnames.en = [\"A\"]\nnames.de = [\"A\"]\n\n[text.en]";
    vec![
        case("merchant-fields", MERCHANT, "\"placeName\"", "\"address\"", "id = 2"),
        case("merchant-fields", MERCHANT, "max_len = 25", "max_len = 26", "max_len = 26"),
        case("merchant-fields", MERCHANT, "required = true", "required = false", "max_len = 25"),
        case("account-length", MERCHANT, "max_len = 34", "max_len = 75", "max_len = 75"),
        case("account-length", MERCHANT, "max_len = 34", "max_len = 0", "max_len = 0"),
        case("account-role", FORM, "[text.en]", account, "max_len = 7"),
        case(
            "field-language",
            MERCHANT,
            "names.de = [\"Konto für",
            "names.fr = [\"Konto für",
            "Account for payments",
        ),
    ]
}

fn form_cases() -> Vec<Case> {
    let field =
        |n| format!("[[field]]\nmax_len = 1\nnames.en = [\"E{n}\"]\nnames.de = [\"D{n}\"]\n");
    let many: String = (0..47).map(field).collect();
    let long_url = format!("https:{}", "x".repeat(507));
    let types = "[\"cardInitialSig\", \"cardRenewalSig\"]";
    vec![
        case("form-id", FORM, "id = 1 ", "id = 0 ", "id = 0"),
        case("brand-name", FORM, "brand = \"*\"", "brand = \"\"", "brand = \"\""),
        case("request-type", FORM, "cardInitialSig", "merInitialSig", "request_types"),
        case("request-type", FORM, "cardInitialSig", "cardInitialEnc", "request_types"),
        case("request-type", FORM, types, "[]", "request_types"),
        case("field-count", FORM, "[text.en]", format!("{many}[text.en]"), "id = 1"),
        case("language", FORM, "[text.de]", "[text.\"d e\"]", "[text.\"d e\"]"),
        case("policy-text-length", FORM, "Sample terms.", "x".repeat(20_000), "policy_text = "),
        case("url", FORM, "https://logo.example.com/brand", long_url, "brand_logo_url"),
    ]
}

fn field_cases() -> Vec<Case> {
    let hidden = "max_len = 50\ninvisible = true #";
    let (label, help) = (format!("\"{}\"", "T".repeat(129)), "h".repeat(201));
    vec![
        case("field-id", FORM, "\"fullName\"", "\"shoeSize\"", "shoeSize"),
        case("field-length", FORM, "max_len = 60", "max_len = 129", "max_len = 129"),
        case("field-length", FORM, "max_len = 60", "max_len = 0", "max_len = 0"),
        case("invisible-field", FORM, "max_len = 50", hidden, "\"placeName\""),
        case("label-length", FORM, "\"Town\"", label, "\"TTT"),
        case("label-length", FORM, "[\"Town\"]", "[]", "names.en = []"),
        case("duplicate-label", FORM, "\"Town\"", "\"Full name\"", "= [\"Full name\"]"),
        case("description-length", FORM, "The town", help, "hhh"),
        case("field-language", FORM, "names.de = [\"Wohnort\"]", "", "names.en = [\"Town\"]"),
        case("field-language", FORM, "description.de", "description.fr", "names.en = [\"Full name"),
    ]
}

/// (rule, file that is named, line, files).
type SeveralFiles = (&'static str, String, usize, Vec<(String, String)>);

fn cases_of_several_files() -> Vec<SeveralFiles> {
    let files = shipped();
    let copy = |path: &str| text_of(&files, path).to_owned();
    let with = |path: &str, text: String| {
        let mut files = shipped();
        files.push((path.to_owned(), text));
        files
    };
    let without = |path: &str| {
        let mut files = shipped();
        files.retain(|(name, _)| name != path);
        files
    };
    let second = |path: &str| path.replace(".toml", "-2.toml");
    let brands = copy(BRANDS);
    let (sample, template) = brands.split_at(brands.rfind("[[brand]]").expect("a template"));
    let french = template.replace("= \"en\"", "= \"fr\"").replace("name.en", "name.fr");
    let mut french_brand = without(BRANDS);
    french_brand.push((BRANDS.into(), format!("{sample}{french}")));
    let second_form = copy(FORM).replace("id = 1 ", "id = 12 ");
    let (role_line, id_line) = (line_of(&copy(CCA), "role ="), line_of(&copy(FORM), "id = 1"));
    let (notes, odd) = ("policies/notes.toml", "policies/profiles/x/a.toml");
    vec![
        ("unknown-file", notes.into(), 1, with(notes, String::new())),
        ("unknown-file", odd.into(), 1, with(odd, String::new())),
        ("missing-file", "lists.toml".into(), 1, without(LISTS)),
        ("missing-file", "revocation.toml".into(), 1, without(REVOCATION)),
        ("duplicate-file", "b/root.toml".into(), 1, with("b/root.toml", copy(ROOT))),
        ("missing-profile", CCA_ENC.into(), 1, without(CCA_ENC)),
        ("missing-profile", RCA.into(), 1, without(RCA)),
        ("duplicate-profile", second(CCA), role_line, with(&second(CCA), copy(CCA))),
        ("duplicate-form", second(FORM), id_line, with(&second(FORM), copy(FORM))),
        ("form-language", FORM.into(), id_line, french_brand),
        ("form-overlap", second(FORM), id_line, with(&second(FORM), second_form)),
    ]
}

/// The first line that holds `needle`, counted from 1.
fn line_of(text: &str, needle: &str) -> usize {
    1 + text.lines().position(|line| line.contains(needle)).expect(needle)
}
