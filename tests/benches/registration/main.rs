//! Whole registrations and issuance per second against the bare signing rate of the same key.
//!
//! `cargo bench -p e2e --bench registration`: one run, one process, a real data folder with
//! RSA-3072 keys and SQLite on disk. Ratios hold, absolutes do not: they are this machine's.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]

mod sample;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use ca_core::authority::{Authority, DirectOrder, SetReply};
use ca_core::ee::{Application, FormAnswer, Outcome, PanData, Wallet, WalletConfig};
use ca_core::profile::{KeyUse, Role};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SecureRandom, Signer};
use ca_core::store::CaId;
use ca_core::wire::{CardExpiry, Cert, Pan};
use ca_core::{Suite, UnixTime};
use ca_server::SystemRandom;
use ca_server::data::{Folder, InitOrder, PassphraseSource};

fn main() -> Result<()> {
    let home = tempfile::tempdir()?;
    let bench = Bench::establish(home.path())?;
    println!(
        "suite modern, RSA-3072 CA keys, P-256 end-entity keys, SQLite on disk (synchronous FULL), \
         {} cores",
        cores()
    );
    println!("{:<44} {:>7} {:>11} {:>10}", "", "threads", "per second", "of bare");
    let bare = line("bare signatures, MCA certificate key", cores(), None, || bench.sign_bare());
    for threads in [1, cores(), 16, 64] {
        line("issuance: prepare, store, sign, store", threads, Some(bare), || bench.issue());
    }
    // Six operations with a private key of the CA: two envelopes opened, three answers and one
    // certificate signed; the wallet's own work (keys, 30 signatures verified) runs here too.
    let six = bare / 6.0;
    println!("a registration takes six private-key operations: {six:.0}/s at best");
    for threads in [1, cores(), 16] {
        let name = "registration: three message pairs, checked";
        line(name, threads, Some(six), || bench.register());
    }
    Ok(())
}

/// Runs `work` on so many threads for [`RUN`] and prints how often it was done.
fn line(
    name: &str,
    threads: usize,
    bare: Option<f64>,
    work: impl Fn() -> Result<()> + Sync,
) -> f64 {
    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    work().expect("the work of a benchmark does not fail");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(RUN);
        stop.store(true, Ordering::Relaxed);
    });
    let rate = done.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64();
    let ratio = bare.map_or_else(String::new, |bare| format!("{:.2}", rate / bare));
    println!("{name:<44} {threads:>7} {rate:>11.0} {ratio:>10}");
    rate
}

struct Bench {
    authority: Authority,
    signer: Arc<dyn Signer>,
    mca: CaId,
    root: Cert,
    pans: AtomicU64,
}

impl Bench {
    fn establish(home: &std::path::Path) -> Result<Self> {
        let order = InitOrder {
            brands: vec!["Sample".to_owned()],
            geo: None,
            combined_ca: false,
            suite: Suite::Modern,
            policies_dir: None,
            base_url: "http://127.0.0.1:8257".to_owned(),
            passphrase: None,
        };
        let path = home.join("data");
        Folder::create(&path, &order, &mut |_| {})?;
        let opened = Folder::open(&path, &PassphraseSource::Usual, false)?;
        let signer = Arc::clone(&opened.parts.signer);
        let authority = Authority::open(opened.parts)?;
        let hierarchy = authority.hierarchy();
        let root = hierarchy.cas().first().and_then(|ca| ca.held(KeyUse::CertificateSigning));
        let root = root.context("a root")?.certificate.clone();
        let mca = CaId::new("sample-mca").context("an identifier")?;
        Ok(Self { authority, signer, mca, root, pans: AtomicU64::new(0) })
    }

    fn sign_bare(&self) -> Result<()> {
        let hierarchy = self.authority.hierarchy();
        let ca = hierarchy.ca(&self.mca).context("the MCA")?;
        let held = ca.held(KeyUse::CertificateSigning).context("its key")?;
        self.signer.sign(&held.key, held.algorithm, &[0x30; 1024])?;
        Ok(())
    }

    fn issue(&self) -> Result<()> {
        let key = PrivateKey::generate(KeyAlgorithm::EcP256, &SystemRandom)?;
        self.authority.issue_direct(&DirectOrder {
            ca: &self.mca,
            role: Role::Merchant,
            key_use: KeyUse::MessageSignature,
            spki: key.spki_der(),
            institution: "Example Acquirer",
            country: "US",
            common_name: "Daves Shop",
            merchant_data: Some(sample::merchant_data()?),
        })?;
        Ok(())
    }

    fn register(&self) -> Result<()> {
        let card = self.card()?;
        let now = self.authority.now();
        let random: &dyn SecureRandom = &SystemRandom;
        let wallet = Wallet::new(WalletConfig {
            suite: Suite::Modern,
            brand: "Sample".to_owned(),
            language: "en".to_owned(),
            anchors: vec![self.root.clone()],
        })?;
        let (request, wallet) = wallet.initiate(now, random)?;
        let wallet = wallet.accept(&self.post(&request)?, now)?;
        let (request, wallet) = wallet.ask_form(&card.pan, now, random)?;
        let FormAnswer::Form(form) = wallet.accept(&self.post(&request)?, now)? else {
            bail!("referred elsewhere");
        };
        let key = PrivateKey::generate(KeyAlgorithm::EcP256, random)?;
        let answers = sample::answers(&form);
        let (request, wallet) =
            form.request(&Application::card(&answers, &card, &key), now, random)?;
        match wallet.accept(&self.post(&request)?, now)? {
            Outcome::Certified(_) => Ok(()),
            other => Err(anyhow!("not certified: {other:?}")),
        }
    }

    fn post(&self, request: &[u8]) -> Result<Vec<u8>> {
        match self.authority.respond(request)? {
            SetReply::Answer { octets, .. } => Ok(octets),
            SetReply::Nothing => Err(anyhow!("no answer")),
        }
    }

    /// A card of its own for each registration, with a good check digit.
    fn card(&self) -> Result<PanData> {
        let number = self.pans.fetch_add(1, Ordering::Relaxed);
        let digits = sample::with_check_digit(&format!("411111{number:09}"));
        let year = 2 + year_of(self.authority.now());
        Ok(PanData { pan: Pan::new(&digits)?, expiry: CardExpiry::new(year, 12)? })
    }
}

fn year_of(time: UnixTime) -> u16 {
    time.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How long each line is measured.
const RUN: Duration = Duration::from_secs(4);
