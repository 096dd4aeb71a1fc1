//! The keyring in use, which follows the data folder while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

use inkgate::Keyring;

use crate::data::{DataError, DataFolder};

/// The keyring that opens and seals now.
///
/// A key that `inkgate key rotate` adds seals only ten minutes later, so a server that looks
/// once a minute knows it in time, and nothing restarts (KEY-04).
#[derive(Clone, Debug)]
pub struct Keys {
    current: Arc<RwLock<Arc<Keyring>>>,
    folder: Option<DataFolder>,
}

impl Keys {
    /// Keys that stay as they are.
    pub fn fixed(keyring: Keyring) -> Self {
        Self {
            current: Arc::new(RwLock::new(Arc::new(keyring))),
            folder: None,
        }
    }

    /// Keys of a data folder, which [`Keys::reload`] reads again.
    pub fn following(folder: DataFolder, keyring: Keyring) -> Self {
        Self {
            folder: Some(folder),
            ..Self::fixed(keyring)
        }
    }

    /// The keyring now.
    pub fn current(&self) -> Arc<Keyring> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the folder's keys again. On an error the keys in use stay.
    pub fn reload(&self) -> Result<(), DataError> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let keyring = Arc::new(folder.keys()?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = keyring;
        Ok(())
    }
}
