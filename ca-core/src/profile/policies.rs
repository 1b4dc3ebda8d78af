//! The checked whole of `policies/`, and what others ask it.

use super::brand::{BrandRules, RootRules, TEMPLATE, read_brands, read_root};
use super::error::{DUPLICATE_FILE, MISSING_FILE, PolicyError, UNKNOWN_FILE};
use super::form::{FormChoice, FormQuery, RegistrationForm};
use super::form_file::read_form;
use super::lists::{ListRules, read_lists};
use super::profile_file::read_profile;
use super::revocation::{RevocationRules, read_revocation};
use super::shipped::shipped_files;
use super::source::Source;
use super::whole_rules::{
    check_account_lengths, check_duplicate_brands, check_duplicate_forms, check_duplicate_profiles,
    check_form_languages, check_form_overlap, check_missing_profiles, check_outlives_issuer,
    find_profile, with_statements,
};
use super::{CertificateProfile, KeyUse, Role};
use crate::Suite;

/// Everything a hierarchy of one suite is configured by: profiles, lists, brands, forms.
///
/// Exists only checked: what contradicts itself or the standard does not load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policies {
    suite: Suite,
    root: RootRules,
    profiles: Vec<CertificateProfile>,
    lists: ListRules,
    revocation: RevocationRules,
    brands: Vec<BrandRules>,
    forms: Vec<RegistrationForm>,
}

impl Policies {
    /// The policies that are built into the program.
    ///
    /// # Errors
    /// [`PolicyError`] for a suite that no shipped profiles exist for.
    pub fn shipped(suite: Suite) -> Result<Self, PolicyError> {
        let files: Vec<Source<'_>> =
            shipped_files().iter().map(|(path, text)| Source { path, text }).collect();
        Self::from_sources(suite, &files)
    }

    /// Policies from files, path and text each; they replace the shipped ones altogether.
    ///
    /// The end of a path tells what a file is: `profiles/<suite>/*.toml` (other suites than `suite`
    /// are left unread), `forms/*.toml`, `brands/*.toml`, `lists.toml`,
    /// `revocation.toml`, `root.toml`.
    ///
    /// # Errors
    /// [`PolicyError`] for the first file that breaks one of [`super::RULES`].
    pub fn from_files(suite: Suite, files: &[(String, String)]) -> Result<Self, PolicyError> {
        let files: Vec<Source<'_>> =
            files.iter().map(|(path, text)| Source { path, text }).collect();
        Self::from_sources(suite, &files)
    }

    fn from_sources(suite: Suite, files: &[Source<'_>]) -> Result<Self, PolicyError> {
        let sorted = Sorted::from_sources(suite, files)?;
        let profiles = read_all(&sorted.profiles, |source| read_profile(source, suite))?;
        check_duplicate_profiles(&profiles)?;
        check_missing_profiles(&profiles, suite, sorted.folder())?;
        check_outlives_issuer(&profiles)?;
        let brands = read_all(&sorted.brands, read_brands)?.into_iter().flatten().collect();
        let brands = check_duplicate_brands(brands)?;
        let forms = read_all(&sorted.forms, read_form)?;
        check_duplicate_forms(&forms)?;
        check_form_overlap(&forms)?;
        check_form_languages(&forms, &brands)?;
        check_account_lengths(&forms, &profiles)?;
        let responder = find_profile(&profiles, Role::Ocsp, KeyUse::OcspSigning);
        let responder_days = responder.map(|found| found.profile.validity_days);
        Ok(Self {
            suite,
            root: read_root(sorted.root)?,
            lists: read_lists(sorted.lists, suite, responder_days)?,
            revocation: read_revocation(sorted.revocation)?,
            profiles: with_statements(profiles),
            brands,
            forms: forms.into_iter().map(|found| found.form).collect(),
        })
    }

    /// The same policies for a hierarchy that is for tests alone: the root's organizationName
    /// begins with [`TEST_MARK`](super::TEST_MARK), so that every chain says what it is.
    ///
    /// # Errors
    /// [`PolicyError`] if that leaves the bounds of an O.
    pub fn marked_as_test(mut self) -> Result<Self, PolicyError> {
        self.root = self.root.marked_as_test()?;
        Ok(self)
    }

    /// The suite that the profiles are for.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// Name of the root.
    #[must_use]
    pub const fn root(&self) -> &RootRules {
        &self.root
    }

    /// The profile of one certificate; `None` where the role holds no key of that use.
    #[must_use]
    pub fn profile(&self, role: Role, key_use: KeyUse) -> Option<&CertificateProfile> {
        self.profiles().find(|profile| profile.role == role && profile.key_use == key_use)
    }

    /// The profile of one certificate of a CA with these roles: one role's own, or that of a
    /// combined CA ([`CertificateProfile::combined`]); `None` where no role holds such a key.
    #[must_use]
    pub fn profile_of(&self, roles: &[Role], key_use: KeyUse) -> Option<CertificateProfile> {
        let parts: Vec<_> = roles.iter().filter_map(|role| self.profile(*role, key_use)).collect();
        CertificateProfile::combined(&parts)
    }

    /// All profiles.
    pub fn profiles(&self) -> impl Iterator<Item = &CertificateProfile> {
        self.profiles.iter()
    }

    /// Life of CRLs, BCI and OCSP answers.
    #[must_use]
    pub const fn lists(&self) -> &ListRules {
        &self.lists
    }

    /// What institutions may revoke.
    #[must_use]
    pub const fn revocation(&self) -> &RevocationRules {
        &self.revocation
    }

    /// The rules of a brand: its own entry, else the template `*`.
    #[must_use]
    pub fn brand(&self, brand: &str) -> Option<&BrandRules> {
        let named = |name: &str| self.brands.iter().find(|entry| entry.name == name);
        named(brand).or_else(|| named(TEMPLATE))
    }

    /// The form for a request and the language it is given out in; `None` if the request is not
    /// served (spec `set-messages.md` §4.4: answer with a referral).
    ///
    /// A form for the brand goes before one for all brands, then one for the BIN before one for
    /// all BINs.
    #[must_use]
    pub fn form(&self, query: &FormQuery<'_>) -> Option<FormChoice<'_>> {
        let serving = self.forms.iter().filter(|form| form.serves(query));
        let form = serving.max_by_key(|form| form.precedence())?;
        let default = &self.brand(query.brand)?.default_language;
        let text = form.text_or_default(query.language, default)?;
        Some(FormChoice { form, text, language: &text.language })
    }

    /// The form with this regFormID.
    #[must_use]
    pub fn form_by_id(&self, id: u64) -> Option<&RegistrationForm> {
        self.forms.iter().find(|form| form.id == id)
    }
}

/// The files by what they are.
struct Sorted<'a> {
    profiles: Vec<Source<'a>>,
    brands: Vec<Source<'a>>,
    forms: Vec<Source<'a>>,
    lists: Source<'a>,
    revocation: Source<'a>,
    root: Source<'a>,
}

impl<'a> Sorted<'a> {
    /// The folder that holds all of them, as far as a path tells.
    fn folder(&self) -> &'a str {
        self.lists.path.strip_suffix("lists.toml").unwrap_or_default()
    }

    fn from_sources(suite: Suite, files: &[Source<'a>]) -> Result<Self, PolicyError> {
        let (mut profiles, mut brands, mut forms) = (Vec::new(), Vec::new(), Vec::new());
        let (mut lists, mut revocation, mut root) = (Vec::new(), Vec::new(), Vec::new());
        for file in files {
            let mut parts = file.path.rsplit(['/', '\\']);
            let end = (parts.next().unwrap_or_default(), parts.next(), parts.next());
            let group = match end {
                ("lists.toml", ..) => &mut lists,
                ("revocation.toml", ..) => &mut revocation,
                ("root.toml", ..) => &mut root,
                (name, Some("brands"), _) if name.ends_with(".toml") => &mut brands,
                (name, Some("forms"), _) if name.ends_with(".toml") => &mut forms,
                (name, Some(folder), Some("profiles")) if name.ends_with(".toml") => {
                    match folder.parse::<Suite>() {
                        Ok(other) if other != suite => continue,
                        Ok(_) => &mut profiles,
                        Err(_) => return Err(unknown_file(file)),
                    }
                }
                _ => return Err(unknown_file(file)),
            };
            group.push(*file);
        }
        let (lists, root) = (only(&lists, "lists.toml")?, only(&root, "root.toml")?);
        let revocation = only(&revocation, "revocation.toml")?;
        Ok(Self { profiles, brands, forms, lists, revocation, root })
    }
}

fn unknown_file(file: &Source<'_>) -> PolicyError {
    let message = "no place for this file; write profiles/<suite>/*.toml, forms/*.toml, \
                   brands/*.toml, lists.toml, revocation.toml or root.toml";
    file.refuse_file(UNKNOWN_FILE, message)
}

/// The one file of a kind.
fn only<'a>(files: &[Source<'a>], name: &str) -> Result<Source<'a>, PolicyError> {
    match files {
        [file] => Ok(*file),
        [] => Err(Source { path: name, text: "" }.refuse_file(MISSING_FILE, "no such file")),
        [_, second, ..] => {
            Err(second.refuse_file(DUPLICATE_FILE, format!("{name} is here for the second time")))
        }
    }
}

fn read_all<'a, T>(
    files: &[Source<'a>],
    read: impl Fn(Source<'a>) -> Result<T, PolicyError>,
) -> Result<Vec<T>, PolicyError> {
    files.iter().map(|file| read(*file)).collect()
}
