//! Where the records of a hierarchy are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use ca_core::store::Store;

use super::{OpenError, PostgresStore, SqliteStore};

/// Where the records are: in the data folder, unless somebody says otherwise.
#[derive(Clone, Default, Eq, PartialEq)]
pub enum Place {
    /// In the file that the data folder has for them.
    #[default]
    Folder,
    /// In this file, by SQLite.
    File(PathBuf),
    /// In a PostgreSQL database; the URL may hold a password.
    Database(String),
}

impl Place {
    /// The file, if it is one; `own` is that of the data folder.
    #[must_use]
    pub fn file<'a>(&'a self, own: &'a Path) -> Option<&'a Path> {
        match self {
            Self::Folder => Some(own),
            Self::File(path) => Some(path),
            Self::Database(_) => None,
        }
    }

    /// Opens the store; `own` is the file of the data folder. What is not there is made, and empty.
    ///
    /// # Errors
    /// As [`SqliteStore::open`] and [`PostgresStore::open`].
    pub fn open(&self, own: &Path) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::Folder => Arc::new(SqliteStore::open(own)?),
            Self::File(path) => Arc::new(SqliteStore::open(path)?),
            Self::Database(url) => Arc::new(PostgresStore::open(url)?),
        })
    }
}

/// `sqlite:PATH`, `postgres://…` or `postgresql://…`.
impl FromStr for Place {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::File(path.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Database(text.to_owned()));
        }
        Err(OpenError::Url("write sqlite:PATH or postgres://USER@HOST:PORT/DATABASE".to_owned()))
    }
}

/// Without a password.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => f.write_str("Folder"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Database(_) => f.debug_tuple("Database").field(&"[a URL]").finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_shown_without_a_password() {
        assert_eq!("sqlite:a/b.db".parse::<Place>().unwrap(), Place::File("a/b.db".into()));
        let database: Place = "postgres://u:secret@h/d".parse().unwrap();
        assert!(!format!("{database:?}").contains("secret"));
        for wrong in ["", "sqlite:", "mysql://u:secret@h/d", "a/b.db"] {
            let error = wrong.parse::<Place>().unwrap_err().to_string();
            assert!(error.contains("write sqlite:PATH") && !error.contains("secret"), "{error}");
        }
    }
}
