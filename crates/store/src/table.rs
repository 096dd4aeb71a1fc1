use std::{fmt, marker::PhantomData, str::FromStr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Error, Key, Kind, Result, Store};

/// A typed view of a [`Store`]: records of one type, named by handles only their holder knows.
pub struct Table<T> {
    store: Arc<dyn Store>,
    records: PhantomData<fn() -> T>,
}

/// What a [`Table`] can hold.
pub trait Record: Serialize + DeserializeOwned {
    /// The kind its records are kept as.
    const KIND: Kind;
}

impl<T: Record> Table<T> {
    /// The records of type `T` in `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            records: PhantomData,
        }
    }

    /// Keeps a record under a new handle.
    ///
    /// # Errors
    /// [`Full`](Error::Full) if the kind is at its cap.
    pub async fn issue(&self, record: &T, ttl: Duration) -> Result<Handle<T>> {
        let handle = Handle::generate()?;
        self.store
            .insert(&handle.key(), &encode(record), ttl)
            .await?;
        Ok(handle)
    }

    /// Keeps a record under a handle that its holder can derive again. `false` if a live one is there already, which
    /// stays.
    ///
    /// # Errors
    /// [`Full`](Error::Full) if the kind is at its cap.
    pub async fn put(&self, handle: &Handle<T>, record: &T, ttl: Duration) -> Result<bool> {
        match self.store.insert(&handle.key(), &encode(record), ttl).await {
            Ok(_) => Ok(true),
            Err(Error::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The record under this handle, while it lives.
    pub async fn get(&self, handle: &Handle<T>) -> Result<Option<T>> {
        Ok(self.store.get(&handle.key()).await?.and_then(decode))
    }

    /// Replaces a live record and restarts its TTL. `false` if there is none.
    pub async fn update(&self, handle: &Handle<T>, record: &T, ttl: Duration) -> Result<bool> {
        self.store.update(&handle.key(), &encode(record), ttl).await
    }

    /// Removes and returns the record under this handle; of two callers, one gets it.
    pub async fn take(&self, handle: &Handle<T>) -> Result<Option<T>> {
        Ok(self.store.take(&handle.key()).await?.and_then(decode))
    }
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            records: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("store", &self.store).finish()
    }
}

fn encode<T: Record>(record: &T) -> Vec<u8> {
    serde_json::to_vec(record).expect("a record is plain data with string keys")
}

/// A record that another version of the program wrote, and this one cannot read, is as good as gone: its holder
/// signs in again.
fn decode<T: Record>(bytes: Vec<u8>) -> Option<T> {
    serde_json::from_slice(&bytes)
        .inspect_err(
            |error| tracing::warn!(kind = ?T::KIND, %error, "a stored record cannot be read"),
        )
        .ok()
}

/// The unguessable name of one record: 32 bytes from the operating system's generator.
///
/// Its text is a secret and appears only where [`reveal`](Self::reveal) is called; the store sees a digest of it.
/// The type of the record is part of the handle's type, so a session's handle opens no remember-me record.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Handle<T> {
    secret: [u8; 32],
    #[zeroize(skip)]
    record: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    /// A new handle.
    ///
    /// # Errors
    /// [`Unavailable`](Error::Unavailable) if the operating system gives no random bytes.
    pub fn generate() -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(Error::unavailable)?;
        Ok(Self::from_secret(secret))
    }

    /// The handle of a secret that is as hard to guess as a generated one.
    #[must_use]
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self {
            secret,
            record: PhantomData,
        }
    }

    /// Its text for a cookie or a link: 43 characters of base64url.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.secret)
    }
}

impl<T: Record> Handle<T> {
    /// The key of its record.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::new(T::KIND, &self.secret)
    }
}

/// Reads the text of [`reveal`](Handle::reveal), and no other spelling of the same bytes.
impl<T> FromStr for Handle<T> {
    type Err = NotAHandle;

    fn from_str(text: &str) -> std::result::Result<Self, NotAHandle> {
        // Checked first, so that a long text costs nothing.
        if text.len() != 43 {
            return Err(NotAHandle);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAHandle)?;
        bytes
            .try_into()
            .map(Self::from_secret)
            .map_err(|_| NotAHandle)
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self::from_secret(self.secret)
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}

/// The text is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a handle")]
pub struct NotAHandle;

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::MemoryStore;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Note {
        text: String,
    }

    impl Record for Note {
        const KIND: Kind = Kind::Session;
    }

    const MINUTE: Duration = Duration::from_secs(60);

    fn note(text: &str) -> Note {
        Note { text: text.into() }
    }

    #[tokio::test]
    async fn a_record_is_kept_changed_and_taken_by_its_handle() {
        let notes = Table::new(Arc::new(MemoryStore::new()));
        let handle = notes.issue(&note("one"), MINUTE).await.unwrap();
        assert_eq!(notes.get(&handle).await.unwrap(), Some(note("one")));
        assert!(notes.update(&handle, &note("two"), MINUTE).await.unwrap());
        assert_eq!(notes.take(&handle).await.unwrap(), Some(note("two")));
        assert_eq!(notes.take(&handle).await.unwrap(), None);
        assert!(!notes.update(&handle, &note("three"), MINUTE).await.unwrap());
    }

    #[tokio::test]
    async fn of_two_records_put_under_one_handle_the_first_stays() {
        let notes = Table::new(Arc::new(MemoryStore::new()));
        let handle = Handle::from_secret([7; 32]);
        assert!(notes.put(&handle, &note("one"), MINUTE).await.unwrap());
        assert!(!notes.put(&handle, &note("two"), MINUTE).await.unwrap());
        assert_eq!(notes.get(&handle).await.unwrap(), Some(note("one")));
    }

    #[tokio::test]
    async fn a_record_that_cannot_be_read_is_gone() {
        let store = Arc::new(MemoryStore::new());
        let handle = Handle::<Note>::generate().unwrap();
        store.insert(&handle.key(), b"[]", MINUTE).await.unwrap();
        assert_eq!(Table::new(store).get(&handle).await.unwrap(), None);
    }

    #[test]
    fn a_handle_survives_its_text() {
        let handle = Handle::<Note>::generate().unwrap();
        let again: Handle<Note> = handle.reveal().parse().unwrap();
        assert_eq!(handle.key(), again.key());
    }

    #[test]
    fn a_handle_has_one_spelling() {
        // 43 characters carry 258 bits: the two spare ones must be zero.
        assert!("A".repeat(43).parse::<Handle<Note>>().is_ok());
        for other in [
            format!("{}B", "A".repeat(42)),
            format!("{}=", "A".repeat(43)),
            format!("{} ", "A".repeat(42)),
            format!("{}+", "A".repeat(42)),
            "A".repeat(42),
            String::new(),
        ] {
            assert!(other.parse::<Handle<Note>>().is_err(), "{other:?}");
        }
    }

    #[test]
    fn a_handle_does_not_show_itself() {
        let handle = Handle::<Note>::generate().unwrap();
        assert_eq!(format!("{handle:?}"), "Handle");
    }

    /// SES-01
    #[test]
    fn handles_are_all_different() {
        let keys: std::collections::HashSet<_> = (0..10_000)
            .map(|_| *Handle::<Note>::generate().unwrap().key().digest())
            .collect();
        assert_eq!(keys.len(), 10_000);
    }
}
