//! Making a data folder, all or nothing: built beside its place, named when it is whole.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use ca_core::audit::NoteKey;
use ca_core::authority::{self, Clock as _, NewKey, Plan, PlannedCa, PlannedKey};
use ca_core::profile::{KeyUse, Policies};
use ca_core::signer::PrivateKey;
use ca_core::store::CaId;
use ca_core::{Suite, UnixTime};
use zeroize::Zeroizing;

use super::building::{Building, parent_of, refuse_occupied};
use super::open::policy_files;
use super::{
    DataError, Folder, OperatorHash, OperatorToken, Passphrase, PolicySource, Settings, audit_key,
    files, pan_key,
};
use crate::parallel::on_all_cores;
use crate::signer::{KeyFolder, key_file};
use crate::{SystemClock, SystemRandom};

/// The hierarchy to make.
#[derive(Clone, Debug)]
pub struct InitOrder {
    /// Brands: `NAME[:PRODUCT]`.
    pub brands: Vec<String>,
    /// A geo-political area between brand and CAs, ISO 3166 alpha-2.
    pub geo: Option<String>,
    /// One combined CA in the place of each brand's CCA, MCA and PCA.
    pub combined_ca: bool,
    /// The suite.
    pub suite: Suite,
    /// The operator's own policies, copied into the folder; none for the built-in ones.
    pub policies_dir: Option<PathBuf>,
    /// Where the public paths will be reached: `http://127.0.0.1:8080`, no trailing slash.
    pub base_url: String,
    /// For tests alone: the root and the settings say so.
    pub test: bool,
    /// None: one is made and left in `DIR/passphrase`.
    pub passphrase: Option<Passphrase>,
}

/// How far the making has come.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// So many keys will be made.
    Planned {
        /// How many.
        keys: usize,
    },
    /// A key was made and written.
    KeyMade {
        /// Whose.
        ca: &'a CaId,
        /// For what.
        key_use: KeyUse,
        /// Keys made until now.
        done: usize,
        /// Keys to make.
        keys: usize,
    },
    /// The keys are there, the CAs are being certified.
    Establishing,
}

/// A data folder that was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The folder.
    pub folder: Folder,
    /// The passphrase of its keys.
    pub passphrase: Passphrase,
    /// True if setca made the passphrase: it is in [`Folder::passphrase_file`].
    pub passphrase_is_new: bool,
}

impl Folder {
    /// Makes keys, hierarchy and records in a new folder.
    ///
    /// # Errors
    /// [`DataError::Occupied`] or [`DataError::OccupiedRecords`] if something is there already;
    /// [`DataError`] of the step that failed, and then nothing is left behind: only a database that
    /// was given keeps what was written into it.
    pub fn create(
        &self,
        order: &InitOrder,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Created, DataError> {
        let path = self.path();
        refuse_occupied(path)?;
        let (policies, policy_files) = order.policies()?;
        let plan = authority::plan(&policies, &order.brands, order.geo.as_deref())?;
        let plan = if order.combined_ca { plan.combined(&policies)? } else { plan };
        let passphrase = match &order.passphrase {
            Some(given) => given.clone(),
            None => Passphrase::generate(&SystemRandom)?,
        };

        let building = Building::of(self)?;
        let audit_key = build(&building.folder, order, &plan, policies, &passphrase, progress)?;
        if let Some(policy_files) = policy_files {
            copy_policies(&building.folder, &policy_files)?;
        }
        if order.passphrase.is_none() {
            let line = Zeroizing::new([passphrase.as_bytes(), b"\n"].concat());
            files::write_private(&building.folder.passphrase_file(), &line)?;
        }
        let operator = make_operator(&building.folder)?;
        let created = SystemClock::default().now();
        order.settings(created, operator, audit_key).write(&building.folder)?;
        building.give_name(path)?;
        Ok(Created {
            folder: self.clone(),
            passphrase,
            passphrase_is_new: order.passphrase.is_none(),
        })
    }
}

impl InitOrder {
    fn policies(&self) -> Result<(Policies, Option<PolicyFiles>), DataError> {
        let (policies, files) = match &self.policies_dir {
            None => (Policies::shipped(self.suite)?, None),
            Some(dir) => {
                let files = policy_files(dir)?;
                (Policies::from_files(self.suite, &files)?, Some(files))
            }
        };
        Ok((if self.test { policies.marked_as_test()? } else { policies }, files))
    }

    fn settings(&self, created: UnixTime, operator: OperatorHash, audit_key: NoteKey) -> Settings {
        let own = self.policies_dir.is_some();
        Settings {
            suite: self.suite,
            brands: self.brands.clone(),
            base_url: self.base_url.clone(),
            created,
            policies: if own { PolicySource::Folder } else { PolicySource::BuiltIn },
            test: self.test,
            operator,
            audit_key: Some(audit_key),
            institutions: Vec::new(),
        }
    }
}

/// Keys, records, root certificate; and the first checkpoint of the audit log. Returns the key it is
/// signed with.
fn build(
    folder: &Folder,
    order: &InitOrder,
    plan: &Plan,
    policies: Policies,
    passphrase: &Passphrase,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<NoteKey, DataError> {
    files::make_private_folder(&folder.keys())?;
    files::make_private_folder(&folder.offline_root())?;
    files::write_public(&folder.offline_root().join("README"), OFFLINE_NOTE.as_bytes())?;
    let mut keys = make_keys(folder, plan, passphrase, progress)?;
    let pan_key = pan_key::generate(&SystemRandom)?;
    pan_key::save(&folder.pan_key(), &pan_key, passphrase, &SystemRandom)?;
    let (audit_private, audit_key) = audit_key::make(folder, passphrase)?;
    for folder in [folder.keys(), folder.offline_root()] {
        files::sync_folder(&folder)?;
    }

    progress(Progress::Establishing);
    let new_keys: Vec<NewKey> =
        keys.iter().map(|key| NewKey { id: key.id(), spki: key.spki_der().to_vec() }).collect();
    keys.push(audit_private);
    let (online, offline) = (folder.keys(), folder.offline_root());
    let keys = KeyFolder::holding(&online, Some(&offline), passphrase, keys);
    let base_url = order.base_url.clone();
    let (store, keys) = (folder.new_records()?, Arc::new(keys));
    let parts = folder.parts(policies, store, keys, pan_key, base_url, audit_key.clone());
    let authority = authority::establish(parts, plan, &new_keys)?;
    authority.sign_checkpoint()?;
    folder.write_roots(authority.hierarchy().roots())?;
    Ok(audit_key)
}

/// Makes and writes the keys of a plan on all cores; in the plan's order.
fn make_keys(
    folder: &Folder,
    plan: &Plan,
    passphrase: &Passphrase,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<PrivateKey>, DataError> {
    let wanted: Vec<(&PlannedCa, &PlannedKey)> = plan.keys().collect();
    progress(Progress::Planned { keys: wanted.len() });
    let (online, offline) = (folder.keys(), folder.offline_root());
    let make = |(_, wanted): &(&PlannedCa, &PlannedKey)| {
        let key = PrivateKey::generate(wanted.algorithm, &SystemRandom)
            .map_err(authority::Error::from)?;
        let place = if wanted.offline { &offline } else { &online };
        key_file::save(place, &key, passphrase, &SystemRandom)?;
        Ok::<_, DataError>(key)
    };
    let mut done = 0;
    on_all_cores(&wanted, make, |index| {
        done += 1;
        if let Some((ca, key)) = wanted.get(index) {
            let (ca, key_use) = (&ca.id, key.key_use);
            progress(Progress::KeyMade { ca, key_use, done, keys: wanted.len() });
        }
    })
}

/// Makes the operator's token and leaves it to whoever owns the folder.
fn make_operator(folder: &Folder) -> Result<OperatorHash, DataError> {
    let token = OperatorToken::generate(&SystemRandom)?;
    let line = Zeroizing::new([token.expose().as_bytes(), b"\n"].concat());
    files::write_private(&folder.operator_token_file(), &line)?;
    Ok(token.hash())
}

fn copy_policies(folder: &Folder, policy_files: &PolicyFiles) -> Result<(), DataError> {
    let policies = folder.policies();
    files::make_private_folder(&policies)?;
    for (name, text) in policy_files {
        let path = policies.join(name);
        let parent = parent_of(&path);
        fs::create_dir_all(parent).map_err(DataError::io("create", parent))?;
        files::write_public(&path, text.as_bytes())?;
        files::sync_folder(parent)?;
    }
    files::sync_folder(&policies)
}

type PolicyFiles = Vec<(String, String)>;

const OFFLINE_NOTE: &str = "The root's private keys. Move this folder to a safe place off line: \
the service never opens it. The root's CRL, new brands, renewals of brand CAs and the rollover of the \
root need it; the key that becomes the next root lies here, too.\n";
