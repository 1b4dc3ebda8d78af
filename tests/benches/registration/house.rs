//! The CA that is measured: a real data folder, with and without a watch.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use ca_core::Suite;
use ca_core::authority::{Authority, Held};
use ca_core::profile::KeyUse;
use ca_core::signer::{Decryptor, KeyAlgorithm, KeyError, Signer};
use ca_core::store::CaId;
use ca_core::wire::Cert;
use ca_server::data::{Folder, InitOrder, PassphraseSource};

use crate::stages::Stopwatch;

/// One established brand.
pub(crate) struct House {
    pub(crate) suite: Suite,
    /// Nobody watches it.
    pub(crate) authority: Authority,
    /// The same records and keys, watched.
    pub(crate) watched: Authority,
    pub(crate) stopwatch: Arc<Stopwatch>,
    pub(crate) root: Cert,
    signer: Arc<dyn Signer>,
    decryptor: Arc<dyn Decryptor>,
}

impl House {
    pub(crate) fn establish(home: &Path, suite: Suite) -> Result<Self> {
        let order = InitOrder {
            brands: vec!["Sample".to_owned()],
            geo: None,
            combined_ca: false,
            suite,
            policies_dir: None,
            base_url: "http://127.0.0.1:8257".to_owned(),
            test: false,
            passphrase: None,
        };
        let path = home.join("data");
        Folder::at(&path).create(&order, &mut |_| {})?;
        let parts = Folder::at(&path).open(&PassphraseSource::Usual, false)?.parts;
        let stopwatch = Arc::new(Stopwatch::default());
        let mut watched = parts.clone();
        watched.watch = Some(stopwatch.clone());
        let (signer, decryptor) = (parts.signer.clone(), parts.decryptor.clone());
        let authority = Authority::open(parts)?;
        let watched = Authority::open(watched)?;
        let hierarchy = authority.hierarchy();
        let root = hierarchy.roots().next().context("a root")?.clone();
        Ok(Self { suite, authority, watched, stopwatch, root, signer, decryptor })
    }

    /// One signature of the CCA, with nothing around it.
    pub(crate) fn sign_bare(&self, key_use: KeyUse) -> Result<()> {
        self.with_key(key_use, |held| {
            self.signer.sign(&held.key, held.algorithm, &[0x30; 1024])?;
            Ok(())
        })
    }

    /// One RSA operation of the CCA's encryption key, with nothing around it.
    pub(crate) fn open_bare(&self) -> Result<()> {
        self.with_key(KeyUse::Encryption, |held| {
            let octets = usize::from(bits(held.certificate)?) / 8;
            // A leading zero keeps it below the modulus.
            let ciphertext = [&[0][..], &vec![0x5a; octets - 1]].concat();
            let opened = match self.suite {
                Suite::Modern => self.decryptor.decrypt_oaep(&held.key, &[], &ciphertext),
                Suite::Set1997 => self.decryptor.decrypt_raw(&held.key, &ciphertext),
            };
            match opened {
                // Nothing comes out, at the same expense.
                Ok(_) | Err(KeyError::Operation) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// Kind of a key of the CCA.
    pub(crate) fn kind(&self, key_use: KeyUse) -> Result<KeyAlgorithm> {
        let mut kind = None;
        self.with_key(key_use, |held| {
            kind = KeyAlgorithm::of_spki(held.certificate.spki_der());
            Ok(())
        })?;
        kind.context("a key of a known kind")
    }

    fn with_key(&self, key_use: KeyUse, work: impl FnOnce(Held<'_>) -> Result<()>) -> Result<()> {
        let hierarchy = self.authority.hierarchy();
        let cca = hierarchy.need(&CaId::new("sample-cca").context("an identifier")?)?;
        work(cca.held(key_use).context("its key")?)
    }
}

fn bits(certificate: &Cert) -> Result<u16> {
    match KeyAlgorithm::of_spki(certificate.spki_der()) {
        Some(KeyAlgorithm::Rsa(bits)) => Ok(bits),
        _ => anyhow::bail!("an RSA key opens envelopes"),
    }
}
