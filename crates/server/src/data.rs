//! The data folder and the keys file in it.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use inkgate::{Keyring, Timestamp};
use zeroize::Zeroizing;

/// A folder that belongs to one installation. Opening it makes nothing; see [`DataFolder::create`].
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder at this path, whether or not it exists.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Makes the folder, readable by its owner only, if it is not there.
    pub fn create(&self) -> Result<(), DataError> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .map_err(|error| self.error("cannot be made", &error))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The keys: from `INKGATE_KEYS` when that is set, else from the file `keys`.
    ///
    /// A file that others can read is refused (KEY-01).
    pub fn keys(&self) -> Result<Keyring, DataError> {
        if let Some(keys) = keys_in_environment() {
            return keys;
        }
        let path = self.keys_path();
        let shown = path.display();
        let metadata = std::fs::metadata(&path).map_err(|error| {
            DataError(match error.kind() {
                ErrorKind::NotFound => {
                    format!("{shown}: there are no keys here; `inkgate serve` makes them")
                }
                _ => format!("{shown}: cannot be read: {error}"),
            })
        })?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(DataError(format!(
                "{shown}: others can read it; run `chmod 600` on it, or make new keys if they may have been read"
            )));
        }
        let text = std::fs::read_to_string(&path)
            .map(Zeroizing::new)
            .map_err(|error| DataError(format!("{shown}: cannot be read: {error}")))?;
        Keyring::parse(&text).map_err(|error| DataError(format!("{shown}: {error}")))
    }

    /// The keys, made first if the folder has none.
    pub fn keys_or_new(&self, now: Timestamp) -> Result<Keyring, DataError> {
        if keys_in_environment().is_some() {
            return self.keys();
        }
        self.create()?;
        let keyring = generate(now)?;
        let written = self
            .write_new(".keys.new", &keyring)
            // A hard link fails where a file is, so of two processes that start at once one wins.
            .and_then(|path| {
                let linked = std::fs::hard_link(&path, self.keys_path());
                std::fs::remove_file(&path)?;
                linked
            });
        match written {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(self.error("no keys can be written here", &error))
            }
            _ => self.keys(),
        }
    }

    /// Puts these keys in place of the ones in the file, in one step.
    pub fn replace_keys(&self, keyring: &Keyring) -> Result<(), DataError> {
        if keys_in_environment().is_some() {
            return Err(DataError(
                "INKGATE_KEYS is set, so the keys are not in the data folder; change them where the variable comes from".to_owned(),
            ));
        }
        self.write_new(".keys.new", keyring)
            .and_then(|path| std::fs::rename(path, self.keys_path()))
            .map_err(|error| self.error("the keys cannot be written", &error))
    }

    fn write_new(&self, name: &str, keyring: &Keyring) -> std::io::Result<PathBuf> {
        let path = self.0.join(format!("{name}.{}", std::process::id()));
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(keyring.to_text().as_bytes())?;
        file.sync_all()?;
        Ok(path)
    }

    fn keys_path(&self) -> PathBuf {
        self.0.join("keys")
    }

    fn error(&self, what: &str, error: &std::io::Error) -> DataError {
        DataError(format!("{}: {what}: {error}", self.0.display()))
    }
}

/// Keys for a store that forgets: those in `INKGATE_KEYS`, else new ones that end with the process.
pub fn keys_without_folder(now: Timestamp) -> Result<Keyring, DataError> {
    keys_in_environment().unwrap_or_else(|| generate(now))
}

fn keys_in_environment() -> Option<Result<Keyring, DataError>> {
    let text = std::env::var("INKGATE_KEYS").ok().map(Zeroizing::new)?;
    Some(Keyring::parse(&text).map_err(|error| DataError(format!("INKGATE_KEYS: {error}"))))
}

fn generate(now: Timestamp) -> Result<Keyring, DataError> {
    Keyring::generate(now).map_err(|error| DataError(format!("no keys: {error}")))
}

/// Something in the data folder cannot be used: one line that says what and why.
#[derive(Debug)]
pub struct DataError(String);

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DataError {}
