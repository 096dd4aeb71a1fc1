use std::path::PathBuf;

/// What a store answers with.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a store could not do what it was asked.
///
/// An absent or expired record is no error: verbs answer `None` or `false`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something live is already there under this key, another member has this e-mail address, or another site this
    /// name or key.
    #[error("there is a live record under this key already")]
    Conflict,
    /// The cap of this kind is reached and everything in it is live.
    #[error("the store holds as many live records of this kind as it may")]
    Full,
    /// [`increment`](crate::Store::increment) met a record that is not a number.
    #[error("the record under this key is not a counter")]
    NotACounter,
    /// The text is no e-mail address.
    #[error("the e-mail address {0}")]
    BadEmail(&'static str),
    /// The text is no member's name.
    #[error("the name {0}")]
    BadName(&'static str),
    /// The text is no site's name, key, host, preset or action.
    #[error("the site's {0}")]
    BadSite(&'static str),
    /// The address of a store cannot be used.
    #[error("the store's address {0}")]
    BadAddress(String),
    /// A database was written by a newer version of this program.
    #[error("{path} has schema {found}, this program knows schemas up to {known}: install the newer version again, or restore a backup", path = .path.display())]
    NewerSchema {
        /// The database file, or the address of the server without its password.
        path: PathBuf,
        /// The schema number there.
        found: i64,
        /// The newest schema number of this program.
        known: i64,
    },
    /// A database file could not be opened, created or brought up to date.
    #[error("cannot open the database {path}", path = .path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// What the system or the driver said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The backend did not do it, or did not say whether it did. Whoever consumes something treats this as a failure.
    #[error("the store is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}
