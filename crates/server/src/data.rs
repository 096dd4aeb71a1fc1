//! The data folder, the keys file in it, and the note of where its server listens.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use inkgate::{Keyring, Timestamp};
use inkgate_store::SqliteStore;
use zeroize::Zeroizing;

/// A folder that belongs to one installation. Opening it makes nothing; see [`DataFolder::create`].
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

const KEYS: &str = "keys";
const ADDRESS: &str = "address";

impl DataFolder {
    /// The folder at this path, whether or not it exists.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Makes the folder, readable by its owner only, if it is not there.
    pub fn create(&self) -> Result<(), DataError> {
        DirBuilder::new()
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
        self.find_keys()?.ok_or_else(|| self.no_keys())
    }

    /// The keys, made first if the folder is new.
    ///
    /// In a folder that was used, missing keys are an error: new ones would open none of its
    /// passwords (KEY-02).
    pub fn keys_or_new(&self, now: Timestamp) -> Result<Keyring, DataError> {
        if let Some(keyring) = self.find_keys()? {
            return Ok(keyring);
        }
        self.create()?;
        let _turn = self.lock()?;
        // Of two processes that start at once, the second finds what the first has made.
        if let Some(keyring) = self.read_keys()? {
            return Ok(keyring);
        }
        if SqliteStore::is_in(&self.0) {
            return Err(self.no_keys());
        }
        let keyring = generate(now)?;
        self.put(KEYS, &keyring.to_text())
            .map_err(|error| self.error("no keys can be written here", &error))?;
        Ok(keyring)
    }

    /// Changes the keys in the file, in one step for whoever reads them and one process at a time.
    pub fn change_keys<R>(
        &self,
        change: impl FnOnce(&mut Keyring) -> Result<R, inkgate::Error>,
    ) -> Result<R, DataError> {
        if keys_in_environment().is_some() {
            return Err(DataError(
                "INKGATE_KEYS is set, so the keys are not in the data folder; change them where the variable comes from".to_owned(),
            ));
        }
        // A folder that is not there has no keys either, which says more.
        self.keys()?;
        let _turn = self.lock()?;
        let mut keyring = self.keys()?;
        let path = self.0.join(KEYS);
        let changed = change(&mut keyring)
            .map_err(|error| DataError(format!("{}: {error}", path.display())))?;
        self.put(KEYS, &keyring.to_text())
            .map_err(|error| self.error("the keys cannot be written", &error))?;
        Ok(changed)
    }

    /// Where the server of this folder listens, as it has noted.
    pub fn address(&self) -> Option<SocketAddr> {
        let text = fs::read_to_string(self.0.join(ADDRESS)).ok()?;
        text.trim().parse().ok()
    }

    /// Notes where the server of this folder listens.
    pub fn note_address(&self, address: SocketAddr) -> Result<(), DataError> {
        self.put(ADDRESS, &format!("{address}\n"))
            .map_err(|error| self.error("the address cannot be noted", &error))
    }

    /// Removes the note of a server that ends, unless another has written its own since.
    pub fn forget_address(&self, address: SocketAddr) {
        if self.address() == Some(address) {
            // A note that stays is overwritten by the next server.
            let _ = fs::remove_file(self.0.join(ADDRESS));
        }
    }

    fn find_keys(&self) -> Result<Option<Keyring>, DataError> {
        match keys_in_environment() {
            Some(keys) => keys.map(Some),
            None => self.read_keys(),
        }
    }

    /// The keys in the file, or `None` if there is no such file.
    fn read_keys(&self) -> Result<Option<Keyring>, DataError> {
        let path = self.0.join(KEYS);
        let shown = path.display();
        let unreadable = |error| DataError(format!("{shown}: cannot be read: {error}"));
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(unreadable)?,
        };
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(DataError(format!(
                "{shown}: others can read it; run `chmod 600` on it, or make new keys if they may have been read"
            )));
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(unreadable)?;
        let keyring =
            Keyring::parse(&text).map_err(|error| DataError(format!("{shown}: {error}")))?;
        Ok(Some(keyring))
    }

    fn no_keys(&self) -> DataError {
        let path = self.0.join(KEYS);
        let why = if SqliteStore::is_in(&self.0) {
            "this folder has members but no keys; restore `keys` from its copy, or set INKGATE_KEYS as before"
        } else {
            "there are no keys here; `inkgate serve` makes them"
        };
        DataError(format!("{}: {why}", path.display()))
    }

    /// Waits until no other process changes the folder's keys, for as long as the result is held.
    /// The folder itself is locked: a file for it would have to belong to whoever comes next.
    fn lock(&self) -> Result<File, DataError> {
        File::open(&self.0)
            .and_then(|folder| folder.lock().map(|()| folder))
            .map_err(|error| self.error("cannot be locked", &error))
    }

    /// Puts a file for its owner's eyes in its place in one step. Once this returns, it stays there
    /// whatever happens to the machine.
    fn put(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.0.join(name);
        let new = self.0.join(format!(
            ".{name}.{:016x}",
            getrandom::u64().map_err(io::Error::other)?
        ));
        let written = write_new(&new, text, &path)
            .and_then(|()| fs::rename(&new, &path))
            .and_then(|()| File::open(&self.0)?.sync_all());
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
    }

    fn error(&self, what: &str, error: &io::Error) -> DataError {
        DataError(format!("{}: {what}: {error}", self.0.display()))
    }
}

fn write_new(path: &Path, text: &str, old: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    // Whoever could read the old file, say the server beside `sudo inkgate key rotate`, reads the new.
    if let Ok(old) = old.metadata()
        && old.uid() != file.metadata()?.uid()
    {
        fchown(&file, Some(old.uid()), Some(old.gid()))?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_600_000_000_000);

    /// A folder that is not there yet, inside one that goes away with the test.
    fn folder() -> (tempfile::TempDir, DataFolder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(parent.path().join("data"));
        (parent, folder)
    }

    fn names(folder: &DataFolder) -> Vec<String> {
        fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn all_who_start_at_once_in_a_new_folder_have_one_ring() {
        let (_parent, folder) = folder();
        let rings: BTreeSet<String> = thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| folder.keys_or_new(NOW).unwrap().to_text().to_string()))
                .collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap())
                .collect()
        });
        assert_eq!(rings.len(), 1);
        assert!(rings.contains(folder.keys().unwrap().to_text().as_str()));
        assert_eq!(names(&folder), ["keys"]);
        assert_eq!(mode(&folder.path().join("keys")), 0o600);
        assert_eq!(mode(folder.path()), 0o700);
    }

    #[test]
    fn a_rotation_is_not_lost_among_others() {
        let (_parent, folder) = folder();
        folder.keys_or_new(NOW).unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| folder.change_keys(|keyring| keyring.rotate(NOW)).unwrap());
            }
        });
        assert_eq!(folder.keys().unwrap().keys(NOW).len(), 9);
        assert_eq!(names(&folder), ["keys"]);
    }

    /// KEY-02
    #[test]
    fn a_used_folder_without_keys_gets_no_new_ones() {
        let (_parent, folder) = folder();
        folder.keys_or_new(NOW).unwrap();
        drop(SqliteStore::open_beside(folder.path()).unwrap());
        fs::remove_file(folder.path().join("keys")).unwrap();
        for refused in [folder.keys_or_new(NOW), folder.keys()] {
            let line = refused.unwrap_err().to_string();
            assert!(
                line.contains("members but no keys; restore `keys`"),
                "{line}"
            );
        }
        assert!(!names(&folder).contains(&"keys".to_owned()));
    }

    #[test]
    fn new_keys_belong_to_whom_the_old_belonged() {
        let (_parent, folder) = folder();
        folder.keys_or_new(NOW).unwrap();
        let keys = folder.path().join("keys");
        let mine = keys.metadata().unwrap().uid();
        // Only root may give a file away; whoever else runs this sees that the owner stays.
        let owner = if mine == 0 { 4_711 } else { mine };
        std::os::unix::fs::chown(&keys, Some(owner), None).unwrap();
        folder.change_keys(|keyring| keyring.rotate(NOW)).unwrap();
        assert_eq!(keys.metadata().unwrap().uid(), owner);
        assert_eq!(mode(&keys), 0o600);
    }

    #[test]
    fn a_change_that_fails_leaves_the_keys() {
        let (_parent, folder) = folder();
        let before = folder.keys_or_new(NOW).unwrap().to_text().to_string();
        let failed = folder.change_keys(|keyring| {
            keyring.rotate(NOW)?;
            Err::<(), _>(inkgate::Error::Keys("no".to_owned()))
        });
        assert!(failed.is_err());
        assert_eq!(*folder.keys().unwrap().to_text(), before);
    }

    #[test]
    fn a_server_forgets_its_own_address_only() {
        let (_parent, folder) = folder();
        folder.create().unwrap();
        assert_eq!(folder.address(), None);
        let [one, other] = ["127.0.0.1:1", "[::1]:2"].map(|text| text.parse().unwrap());
        folder.note_address(one).unwrap();
        assert_eq!(folder.address(), Some(one));
        assert_eq!(mode(&folder.path().join("address")), 0o600);
        folder.note_address(other).unwrap();
        folder.forget_address(one);
        assert_eq!(folder.address(), Some(other));
        folder.forget_address(other);
        assert!(names(&folder).is_empty());
    }
}
