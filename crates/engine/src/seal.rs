//! Sealing: a payload under authenticated encryption, and its one text form.
//!
//! ```text
//! base64url( version 1 | key id 4 | nonce 24 | XChaCha20-Poly1305(payload) )
//! ```
//!
//! The associated data are version, purpose and key id, and each purpose has its own key, so a ticket does not
//! open as a token. The text has no padding and no second spelling.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::fields::BLOCK;
use crate::keyring::{KeyId, Keyring, SealingKey};
use crate::{Error, Refusal, Seed, Timestamp};

const VERSION: u8 = 1;
const NONCE: usize = 24;
const HEADER: usize = 1 + 4 + NONCE;
const TAG: usize = 16;

/// The longest ticket, in characters.
pub const LONGEST_TICKET: usize = 1_400;

/// The longest token, in characters.
pub const LONGEST_TOKEN: usize = 2_048;

/// What a text is sealed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Ticket,
    Token,
}

impl Purpose {
    fn code(self) -> u8 {
        match self {
            Self::Ticket => 1,
            Self::Token => 2,
        }
    }

    fn longest(self) -> usize {
        match self {
            Self::Ticket => LONGEST_TICKET,
            Self::Token => LONGEST_TOKEN,
        }
    }

    fn cipher(self, key: &SealingKey) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(match self {
            Self::Ticket => key.for_tickets().into(),
            Self::Token => key.for_tokens().into(),
        })
    }

    fn associated_data(self, id: KeyId) -> [u8; 6] {
        let [a, b, c, d] = id.0;
        [VERSION, self.code(), a, b, c, d]
    }
}

/// What was sealed, and the seed that its text gives under its key.
pub(crate) struct Opened {
    pub(crate) payload: Zeroizing<Vec<u8>>,
    pub(crate) seed: Seed,
}

impl Keyring {
    /// Encrypts a payload with the key that seals now.
    pub(crate) fn seal(
        &self,
        purpose: Purpose,
        payload: Zeroizing<Vec<u8>>,
        now: Timestamp,
    ) -> Result<String, Error> {
        let (_, bytes) = self.encrypt(purpose, payload, now)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// As [`Keyring::seal`], and the seed that opening the text would give.
    pub(crate) fn seal_with_seed(
        &self,
        purpose: Purpose,
        payload: Zeroizing<Vec<u8>>,
        now: Timestamp,
    ) -> Result<(String, Seed), Error> {
        let (key, bytes) = self.encrypt(purpose, payload, now)?;
        Ok((URL_SAFE_NO_PAD.encode(&bytes), seed(key, &bytes)))
    }

    fn encrypt(
        &self,
        purpose: Purpose,
        mut payload: Zeroizing<Vec<u8>>,
        now: Timestamp,
    ) -> Result<(&SealingKey, Vec<u8>), Error> {
        let key = self.sealing_key(now);
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)?;
        let tag = purpose
            .cipher(key)
            .encrypt_inout_detached(
                &nonce.into(),
                &purpose.associated_data(key.id),
                payload.as_mut_slice().into(),
            )
            .expect("a payload is far shorter than the 256 GiB that the cipher allows");
        let bytes = [&[VERSION][..], &key.id.0, &nonce, &payload, &tag].concat();
        Ok((key, bytes))
    }

    /// Decrypts a text that was sealed for this purpose with a key of this ring.
    pub(crate) fn open(&self, purpose: Purpose, text: &str) -> Result<Opened, Refusal> {
        // The length first: what comes before the key is known is done for anybody.
        if text.len() > purpose.longest() {
            return Err(Refusal::Unreadable);
        }
        self.decrypt(purpose, text).ok_or(Refusal::Unreadable)
    }

    fn decrypt(&self, purpose: Purpose, text: &str) -> Option<Opened> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (header, sealed) = bytes.split_first_chunk::<HEADER>()?;
        let length = sealed.len().checked_sub(TAG)?;
        if header[0] != VERSION || length % BLOCK != 0 {
            return None;
        }
        let id = KeyId([header[1], header[2], header[3], header[4]]);
        let nonce = header.last_chunk::<NONCE>()?;
        let key = self.key(id)?;
        let message = chacha20poly1305::aead::Payload {
            msg: sealed,
            aad: &purpose.associated_data(id),
        };
        let payload = purpose.cipher(key).decrypt(nonce.into(), message).ok()?;
        Some(Opened {
            payload: Zeroizing::new(payload),
            seed: seed(key, &bytes),
        })
    }
}

/// The seed of a ticket's picture: HMAC-SHA-256 of the ticket under a key of its own.
///
/// So the same ticket gives the same picture on every node, and under another key another one.
fn seed(key: &SealingKey, ticket: &[u8]) -> Seed {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.for_pictures()).expect("HMAC takes a key of any length");
    mac.update(ticket);
    Seed::from_bytes(mac.finalize().into_bytes().into())
}
