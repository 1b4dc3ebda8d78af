//! OCSP answers, given again and signed: in the process, and over loopback HTTP beside a handler
//! that does nothing but give the same octets.
//!
//! `cargo bench -p e2e --bench ocsp`, or with `-- SECONDS CONNECTIONS` for each measure (2 and 16).
//! The server runs on one thread, so its rate is that of one core; what this thread itself worked
//! for an answer is told beside, because it does not depend on what else the machine does.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]

mod load;
mod serve;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use base64ct::{Base64, Encoding as _};
use ca_core::Suite;
use ca_core::authority::Authority;
use ca_core::profile::KeyUse;
use ca_core::store::CaId;
use ca_core::wire::ocsp::{CertId, CertIdHash, OcspRequest, OcspResponse, ResponseStatus};
use ca_server::data::{Folder, InitOrder, Opened, PassphraseSource};

use load::{Load, Measured, Requests};
use serve::{bare, processor, whole};

fn main() -> Result<()> {
    let numbers: Result<Vec<u64>, _> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(|argument| argument.parse())
        .collect();
    let numbers = numbers.context("SECONDS CONNECTIONS")?;
    let load = Load {
        time: Duration::from_secs(numbers.first().copied().unwrap_or(2)),
        connections: usize::try_from(numbers.get(1).copied().unwrap_or(16))?,
    };
    let home = tempfile::tempdir()?;
    let opened = establish(home.path())?;
    let authority = Arc::new(Authority::open(opened.parts)?);
    authority.follow()?;
    let id = id(&authority)?;
    in_process(&authority, &id)?;
    over_http(&authority, &opened.settings, &id, load)
}

/// One brand in a data folder, as `setca init` makes it.
fn establish(home: &std::path::Path) -> Result<Opened> {
    let order = InitOrder {
        brands: vec!["Sample".to_owned()],
        geo: None,
        combined_ca: false,
        suite: Suite::Modern,
        policies_dir: None,
        base_url: "http://127.0.0.1:8257".to_owned(),
        test: false,
        passphrase: None,
    };
    let path = home.join("data");
    Folder::at(&path).create(&order, &mut |_| {})?;
    Ok(Folder::at(&path).open(&PassphraseSource::Usual, false)?)
}

/// The certificate of the CCA, by SHA-1.
fn id(authority: &Authority) -> Result<CertId> {
    let hierarchy = authority.hierarchy();
    let signing = |ca: &str| -> Result<_> {
        let ca = hierarchy.need(&CaId::new(ca).context("an identifier")?)?;
        Ok(ca.need(KeyUse::CertificateSigning)?.certificate)
    };
    Ok(CertId::of(CertIdHash::Sha1, signing("sample-bca")?, signing("sample-cca")?.serial())?)
}

fn request(id: &CertId, nonce: Option<u64>) -> Result<Vec<u8>> {
    let nonce = nonce.map(|number| [number.to_be_bytes(), number.to_le_bytes()].concat());
    Ok(OcspRequest { cert_ids: vec![id.clone()], nonce }.to_der()?)
}

/// Answers a second of one thread, without HTTP.
fn in_process(authority: &Authority, id: &CertId) -> Result<()> {
    let plain = request(id, None)?;
    let reply = authority.ocsp(&plain);
    let read = OcspResponse::from_der(&reply.octets)?;
    ensure!(read.status == ResponseStatus::Successful, "{:?}", read.status);
    println!("in the process, one thread; an answer has {} octets", reply.octets.len());
    row("given again", CACHED, |_| {
        black_box(authority.ocsp(&plain));
        Ok(())
    })?;
    let nonces: Result<Vec<_>> = (0..SIGNED).map(|number| request(id, Some(number))).collect();
    let mut nonces = nonces?.into_iter();
    row("signed, P-256", SIGNED, |_| {
        black_box(authority.ocsp(&nonces.next().context("a request")?));
        Ok(())
    })?;
    row("look at the feed", SIGNED, |_| Ok(authority.follow().map(drop)?))
}

fn row(what: &str, number: u64, mut act: impl FnMut(u64) -> Result<()>) -> Result<()> {
    let (begin, worked) = (Instant::now(), processor("thread-self")?);
    (0..number).try_for_each(&mut act)?;
    let worked = processor("thread-self")?.saturating_sub(worked);
    let each = |time: Duration| time.as_secs_f64() * 1e6 / number as f64;
    let (elapsed, worked) = (each(begin.elapsed()), each(worked));
    println!("  {what:<18} {:>9.0}/s {worked:>8.2} us processor", 1e6 / elapsed);
    Ok(())
}

/// The whole service and the bare handler in turns, so that both meet the same machine.
fn over_http(
    authority: &Arc<Authority>,
    settings: &ca_server::data::Settings,
    id: &CertId,
    load: Load,
) -> Result<()> {
    let plain = request(id, None)?;
    let octets = authority.ocsp(&plain).octets.to_vec();
    let (bare, whole) = (bare(octets)?, whole(Arc::clone(authority), settings.clone())?);
    let get = Requests::get(&Base64::encode_string(&plain).replace('/', "%2F"));
    let post = Requests::post(vec![plain]);
    let fresh: Result<Vec<_>> = (0..SIGNED).map(|number| request(id, Some(number))).collect();
    let fresh = Requests::post(fresh?);
    let kinds = [
        ("GET, bare handler", &bare, &get),
        ("GET, given again", &whole, &get),
        ("POST, bare handler", &bare, &post),
        ("POST, given again", &whole, &post),
        ("POST, signed", &whole, &fresh),
    ];
    println!(
        "over loopback HTTP, one server thread, {} connections, {ROUNDS} rounds of {} s",
        load.connections,
        load.time.as_secs()
    );
    let mut measured = vec![Measured::default(); kinds.len()];
    for _ in 0..ROUNDS {
        for ((_, served, requests), sum) in kinds.iter().zip(&mut measured) {
            sum.add(load.run(served, requests)?);
        }
    }
    for ((what, ..), sum) in kinds.iter().zip(&mut measured) {
        println!("  {what:<18} {}", sum.shown());
    }
    for (what, bare, whole) in [("GET", 0, 1), ("POST", 2, 3)] {
        let [bare, whole] = [&measured[bare], &measured[whole]];
        println!(
            "  {what}: {:.1} % of the bare handler's rate, {:.1} % by processor time",
            100.0 * whole.rate() / bare.rate(),
            100.0 * bare.processor() / whole.processor(),
        );
    }
    Ok(())
}

const CACHED: u64 = 1_000_000;
const SIGNED: u64 = 50_000;
const ROUNDS: usize = 5;
