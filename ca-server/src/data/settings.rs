//! `setca.toml`: what a data folder is.

use std::fs;
use std::str::FromStr as _;

use ca_core::audit::NoteKey;
use ca_core::{Suite, UnixTime};
use serde::{Deserialize, Serialize};

use super::institution::{Institution, InstitutionEntry, Tokens};
use super::{DataError, Folder, OperatorHash, files};

/// What a data folder says about itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The suite, fixed at the root.
    pub suite: Suite,
    /// The brands it was made for: `NAME[:PRODUCT]`.
    pub brands: Vec<String>,
    /// Where the public paths are reached.
    pub base_url: String,
    /// When it was made.
    pub created: UnixTime,
    /// Which policies are in force.
    pub policies: PolicySource,
    /// It was made for tests (`setca init --test`), and its root says so: it may be spoilt on
    /// purpose.
    pub test: bool,
    /// Whoever shows the token of this hash may decide on registrations.
    pub operator: OperatorHash,
    /// Whose signature is under checkpoints of the audit log; a folder of before there was one has
    /// none until it is opened.
    pub audit_key: Option<NoteKey>,
    /// Banks that may end what their own customers have.
    pub institutions: Vec<Institution>,
}

/// Where the policies of a folder come from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicySource {
    /// Those built into the program.
    BuiltIn,
    /// Those in `DIR/policies`.
    Folder,
}

impl Settings {
    /// Reads the settings of a folder.
    ///
    /// # Errors
    /// [`DataError::Vacant`] if there are none, [`DataError::Format`] for another version,
    /// [`DataError::Settings`] with the line for anything that is not understood.
    pub fn read(folder: &Folder) -> Result<Self, DataError> {
        let path = folder.settings_file();
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(DataError::Vacant(folder.path().to_owned()));
            }
            other => other.map_err(DataError::io("read", &path))?,
        };
        let at = |line, message| DataError::Settings { path: path.clone(), line, message };
        let wrong = |error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            at(line_of(&text, start), error.message().to_owned())
        };
        // The number first: what else another version wrote means nothing to us.
        let Version { format } = toml::from_str(&text).map_err(wrong)?;
        if format != FORMAT {
            return Err(DataError::Format { path: path.clone(), found: format });
        }
        let file: File = toml::from_str(&text).map_err(wrong)?;
        let line = |key: &str| text.lines().position(|l| l.starts_with(key)).map_or(1, |n| n + 1);
        Ok(Self {
            suite: Suite::from_str(&file.suite).map_err(|e| at(line("suite"), e.to_string()))?,
            brands: file.brands,
            base_url: file.base_url,
            created: UnixTime::parse_rfc3339(&file.created)
                .ok_or_else(|| at(line("created"), "not a UTC time".to_owned()))?,
            policies: file.policies,
            test: file.test,
            operator: OperatorHash::parse_hex(&file.operator_token_sha256)
                .ok_or_else(|| at(line("operator_token_sha256"), "not 64 hex digits".to_owned()))?,
            audit_key: (file.audit_key.as_deref().map(NoteKey::parse).transpose())
                .map_err(|e| at(line("audit_key"), e.to_string()))?,
            institutions: (file.institution.iter().map(InstitutionEntry::read))
                .collect::<Result<_, _>>()
                .map_err(|wrong| at(line("[[institution]]"), wrong))?,
        })
    }

    /// Who may use which paths of a service over the folder.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        Tokens::new(self.operator, self.institutions.clone())
    }

    /// Writes the settings in place of those that are there.
    ///
    /// # Errors
    /// [`DataError::Io`]; the old ones then stay whole.
    pub fn replace(&self, folder: &Folder) -> Result<(), DataError> {
        files::replace_public(&folder.settings_file(), self.text(folder)?.as_bytes())
    }

    /// Writes the settings of a new folder.
    pub(super) fn write(&self, folder: &Folder) -> Result<(), DataError> {
        files::write_public(&folder.settings_file(), self.text(folder)?.as_bytes())
    }

    fn text(&self, folder: &Folder) -> Result<String, DataError> {
        let file = File {
            format: FORMAT,
            suite: self.suite.name().to_owned(),
            brands: self.brands.clone(),
            base_url: self.base_url.clone(),
            created: self.created.to_string(),
            policies: self.policies,
            test: self.test,
            operator_token_sha256: self.operator.to_string(),
            audit_key: self.audit_key.as_ref().map(ToString::to_string),
            institution: self.institutions.iter().map(InstitutionEntry::from).collect(),
        };
        toml::to_string(&file).map_err(|error| DataError::Settings {
            path: folder.settings_file(),
            line: 1,
            message: error.to_string(),
        })
    }
}

#[derive(Deserialize)]
struct Version {
    format: i64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: i64,
    suite: String,
    brands: Vec<String>,
    base_url: String,
    created: String,
    policies: PolicySource,
    #[serde(default, skip_serializing_if = "is_off")]
    test: bool,
    operator_token_sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    audit_key: Option<String>,
    // Last: TOML has tables after values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    institution: Vec<InstitutionEntry>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
const fn is_off(mark: &bool) -> bool {
    !*mark
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|octet| *octet == b'\n').count() + 1
}

/// The layout this version reads and writes.
pub(super) const FORMAT: i64 = 1;
