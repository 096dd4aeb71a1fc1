//! Passwords: what may be one, and hashing and checking them with Argon2id (RFC 9106).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use inkgate::Keyring;
use inkgate_store::PasswordHash;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

use crate::Error;
use crate::service::common::is_common;

/// The fewest characters of a new password (NIST SP 800-63B-4, 3.1.1.2: a password that is the
/// only factor).
pub const SHORTEST: usize = 15;
/// The most characters; longer ones are refused, never cut (AUT-01).
pub const LONGEST: usize = 256;
const LONGEST_BYTES: usize = 1_024;

/// How long a try waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many may wait for each turn. A check takes some tens of milliseconds.
const PLACES_A_TURN: usize = 32;

/// OWASP's floor for Argon2id: 19 MiB, two passes, one lane (AUT-05).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// What guessers know of the place.
const PRODUCT: &str = "inkgate captcha member newpage";

/// A typed password, normalised to NFC and nothing else (AUT-04).
pub struct Password(Zeroizing<String>);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// Why a text is not accepted as a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Fewer than [`SHORTEST`] characters.
    #[error("the password is shorter than {SHORTEST} characters")]
    TooShort,
    /// More than [`LONGEST`] characters.
    #[error("the password is longer than {LONGEST} characters")]
    TooLong,
    /// The member's name or address, or nothing but common words and runs.
    #[error("the password is too easy to guess")]
    Common,
    /// A tab, say, which no form takes.
    #[error("the password has a control character, which no form takes")]
    Control,
}

impl Password {
    /// A password as typed at sign-in. `None` is longer than any password can be, and is told
    /// without work (AUT-10).
    pub fn typed(text: &str) -> Option<Self> {
        if text.len() > LONGEST_BYTES {
            return None;
        }
        let password = Self(Zeroizing::new(text.nfc().collect()));
        (password.0.chars().count() <= LONGEST).then_some(password)
    }

    /// A new password for a member with this address and name: a length and nothing else is
    /// asked (AUT-02), but what anybody would try first is refused.
    pub fn chosen(text: &str, email: &str, name: &str) -> Result<Self, Weakness> {
        let password = Self::typed(text).ok_or(Weakness::TooLong)?;
        if password.0.chars().count() < SHORTEST {
            return Err(Weakness::TooShort);
        }
        if password.0.chars().any(char::is_control) {
            return Err(Weakness::Control);
        }
        let folded = Zeroizing::new(password.0.to_lowercase());
        let words = |text: &str| {
            let text = text.to_lowercase();
            let words = text.split(|c: char| !c.is_alphanumeric());
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut own = [words(email), words(name), words(PRODUCT)].concat();
        own.retain(|word| word.chars().count() > 1);
        let is_theirs = [email, name]
            .iter()
            .any(|known| *folded == known.to_lowercase());
        if is_theirs || is_common(&folded, &own) {
            return Err(Weakness::Common);
        }
        Ok(password)
    }
}

/// What came of checking a password.
#[derive(Debug)]
pub enum Verified {
    /// It is another, or there is none.
    Wrong,
    /// It is the one.
    Right {
        /// The hash that it was checked against, and one of today to take its place.
        newer: Option<(PasswordHash, PasswordHash)>,
    },
}

/// A place in the queue for checking a password.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// Hashes and checks passwords on the blocking pool, a bounded number at a time.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Places to wait for a turn: about as many as get one within [`PATIENCE`].
    places: Arc<Semaphore>,
    inner: Arc<Inner>,
}

struct Inner {
    checked: AtomicU64,
    pepper: Zeroizing<[u8; 32]>,
    /// The hash that an unknown member's password is checked against: same parameters, same
    /// time (AUT-07).
    dummy: PasswordHash,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

impl Passwords {
    /// Hashing with the pepper of an installation's keys.
    pub fn of(keyring: &Keyring) -> Result<Self, Error> {
        Self::new(keyring.derive("password pepper"))
    }

    /// Hashing with this pepper, a key kept outside the member store (AUT-06).
    pub fn new(mut pepper: [u8; 32]) -> Result<Self, Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let kept = Zeroizing::new(pepper);
        pepper.zeroize();
        let dummy = hash(&kept, "nobody has this password")?;
        let turns = cores.saturating_sub(1).max(1);
        Ok(Self {
            turns: Arc::new(Semaphore::new(turns)),
            places: Arc::new(Semaphore::new(turns * PLACES_A_TURN)),
            inner: Arc::new(Inner {
                checked: AtomicU64::new(0),
                pepper: kept,
                dummy,
            }),
        })
    }

    /// A place in the queue for a turn. Whoever counts a try takes one before, so that a try
    /// which finds the queue full is not counted.
    pub fn place(&self) -> Result<Place, Error> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(Place).map_err(|_| Error::Busy)
    }

    /// The hash to keep, as a PHC string.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, Error> {
        self.in_turn(move |inner| hash(&inner.pepper, &password.0))
            .await?
    }

    /// Whether the password is the one hashed. Without a hash it takes as long and is not.
    ///
    /// A hash of another program, or with less work than is asked now, is replaced by one of ours
    /// while the password is at hand (AUT-05).
    pub async fn verify(
        &self,
        place: Place,
        password: Password,
        expected: Option<PasswordHash>,
    ) -> Result<Verified, Error> {
        self.in_turn(move |inner| {
            let _place = place;
            inner.checked.fetch_add(1, Ordering::Relaxed);
            let is_known = expected.is_some();
            let expected = expected.unwrap_or_else(|| inner.dummy.clone());
            let (is_right, is_old) = match Django::parse(expected.phc()) {
                Some(django) => (django.matches(&password), true),
                None => {
                    let Ok(parsed) = Phc::new(expected.phc()) else {
                        return Err(Error::Internal("a stored password hash cannot be read"));
                    };
                    let is_right = argon2(&inner.pepper)?
                        .verify_password(password.0.as_bytes(), &parsed)
                        .is_ok();
                    (is_right, is_old(&parsed))
                }
            };
            Ok(match is_right && is_known {
                false => Verified::Wrong,
                true if is_old => Verified::Right {
                    newer: Some((expected, hash(&inner.pepper, &password.0)?)),
                },
                true => Verified::Right { newer: None },
            })
        })
        .await?
    }

    /// How many passwords have been checked since the start.
    pub fn checked(&self) -> u64 {
        self.inner.checked.load(Ordering::Relaxed)
    }

    /// Runs on the blocking pool when its turn comes, within [`PATIENCE`] (AUT-09).
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let inner = Arc::clone(&self.inner);
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| Error::Busy)?
            .map_err(|_| Error::Busy)?;
        // The turn belongs to the work, not to this future: a visitor who hangs up drops the
        // future, and the hash still runs.
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&inner);
            drop(turn);
            done
        });
        done.await
            .map_err(|_| Error::Internal("a password check panicked"))
    }
}

fn argon2(pepper: &[u8; 32]) -> Result<Argon2<'_>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)
        .map_err(|_| Error::Internal("argon2 parameters"))?;
    Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
        .map_err(|_| Error::Internal("argon2 parameters"))
}

fn hash(pepper: &[u8; 32], password: &str) -> Result<PasswordHash, Error> {
    argon2(pepper)?
        .hash_password(password.as_bytes())
        .map(|hash| PasswordHash::new(hash.to_string()))
        .map_err(|_| Error::Internal("a password could not be hashed"))
}

/// Whether a hash of ours was made with less work than is asked now.
fn is_old(hash: &Phc) -> bool {
    let number = |name: &str| hash.params.get_decimal(name).unwrap_or_default();
    number("m") < MEMORY_KIB || number("t") < PASSES
}

/// A password hash as Django keeps it: `pbkdf2_sha256$ITERATIONS$SALT$BASE64` (PBKDF2, RFC 8018
/// section 5.2, with HMAC-SHA-256).
pub struct Django<'a> {
    iterations: u32,
    salt: &'a str,
    digest: [u8; 32],
}

impl fmt::Debug for Django<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Django")
    }
}

impl<'a> Django<'a> {
    /// More than any release has asked, by far; so much work would be an attack.
    const MOST_ITERATIONS: u32 = 5_000_000;

    /// Reads the text of one; `None` is not one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("pbkdf2_sha256$")?.split('$');
        let (iterations, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
        let iterations = iterations.parse().ok()?;
        let digest = STANDARD.decode(digest).ok()?;
        let is_whole = parts.next().is_none()
            && (1..=Self::MOST_ITERATIONS).contains(&iterations)
            && !salt.is_empty();
        is_whole.then_some(Self {
            iterations,
            salt,
            digest: digest.try_into().ok()?,
        })
    }

    fn matches(&self, password: &Password) -> bool {
        let mut digest = Zeroizing::new([0; 32]);
        let (password, salt) = (password.0.as_bytes(), self.salt.as_bytes());
        pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, self.iterations, &mut *digest);
        digest.ct_eq(&self.digest).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new([7; 32]).unwrap()
    }

    fn typed(text: &str) -> Password {
        Password::typed(text).unwrap()
    }

    async fn verify(
        passwords: &Passwords,
        password: Password,
        expected: Option<PasswordHash>,
    ) -> bool {
        let place = passwords.place().unwrap();
        let verified = passwords.verify(place, password, expected).await.unwrap();
        matches!(verified, Verified::Right { .. })
    }

    /// AUT-05, AUT-06
    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_needs_the_pepper() {
        let passwords = passwords();
        let kept = passwords
            .hash(typed("correct horse battery"))
            .await
            .unwrap();
        assert!(kept.phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let right = || typed("correct horse battery");
        assert!(verify(&passwords, right(), Some(kept.clone())).await);
        let wrong = typed("Correct horse battery");
        assert!(!verify(&passwords, wrong, Some(kept.clone())).await);
        let elsewhere = Passwords::new([8; 32]).unwrap();
        assert!(!verify(&elsewhere, right(), Some(kept)).await);
        assert!(!verify(&passwords, right(), None).await);
        let dummy = typed("nobody has this password");
        assert!(!verify(&passwords, dummy, None).await);
    }

    /// AUT-04
    #[tokio::test]
    async fn composed_and_decomposed_letters_are_one_password_and_wide_ones_are_not() {
        let passwords = passwords();
        let kept = passwords
            .hash(typed("caf\u{e9} du commerce"))
            .await
            .unwrap();
        let decomposed = typed("cafe\u{301} du commerce");
        assert!(verify(&passwords, decomposed, Some(kept.clone())).await);
        let wide = typed("ｃaf\u{e9} du commerce");
        assert!(!verify(&passwords, wide, Some(kept)).await);
    }

    /// AUT-01, AUT-02
    #[test]
    fn a_new_password_needs_15_to_256_characters_and_nothing_else() {
        let chosen = |text: &str| Password::chosen(text, "mei@example.org", "Mei").map(drop);
        assert_eq!(chosen("fourteen chars"), Err(Weakness::TooShort));
        assert_eq!(chosen("fifteen chars !"), Ok(()));
        assert_eq!(chosen("全部漢字也可以用來當作密碼的哦喔"), Ok(()));
        let varied = |n: u32| char::from(b'a' + (n * n % 23) as u8);
        assert_eq!(chosen(&(0..256).map(varied).collect::<String>()), Ok(()));
        assert_eq!(chosen(&"ab ".repeat(86)), Err(Weakness::TooLong));
        assert_eq!(chosen(&"漢".repeat(400)), Err(Weakness::TooLong));
    }

    /// AUT-05: the hash of another program, or of an earlier one of ours, is replaced.
    #[tokio::test]
    async fn an_old_hash_is_upgraded_with_the_right_password_only() {
        // Made by `django.contrib.auth.hashers.make_password`, version 5.2.
        const DJANGO: &str = "pbkdf2_sha256$1000000$Qn7yVw2kD4sX9pLmZt3B1c$8A1tfpMvwp14wGFtdUMyPUqJTxHreAjLVv2CSnY5pHs=";
        let passwords = passwords();
        let cheap = Params::new(8_192, 1, 1, None).unwrap();
        let cheap =
            Argon2::new_with_secret(&[7; 32], Algorithm::Argon2id, Version::V0x13, cheap).unwrap();
        let cheap = cheap.hash_password(b"correct horse battery").unwrap();
        for old in [DJANGO.to_owned(), cheap.to_string()] {
            let old = PasswordHash::new(old);
            let verify = async |text: &str, expected: PasswordHash| {
                let place = passwords.place().unwrap();
                let verified = passwords.verify(place, typed(text), Some(expected)).await;
                verified.unwrap()
            };
            let wrong = verify("another horse battery", old.clone()).await;
            assert!(matches!(wrong, Verified::Wrong));
            let right = verify("correct horse battery", old.clone()).await;
            let Verified::Right {
                newer: Some((before, newer)),
            } = right
            else {
                panic!("{right:?}");
            };
            assert_eq!(before, old);
            let again = verify("correct horse battery", newer).await;
            assert!(matches!(again, Verified::Right { newer: None }));
        }
        assert_eq!(passwords.checked(), 6);
    }

    #[test]
    fn what_is_no_hash_of_django_s_is_not_read_as_one() {
        let digest = STANDARD.encode([7; 32]);
        assert!(Django::parse(&format!("pbkdf2_sha256$1000$salt${digest}")).is_some());
        for text in [
            "",
            "pbkdf2_sha256",
            "pbkdf2_sha256$1000$salt",
            &format!("pbkdf2_sha256$0$salt${digest}"),
            &format!("pbkdf2_sha256$99999999$salt${digest}"),
            &format!("pbkdf2_sha256$1000$${digest}"),
            &format!("pbkdf2_sha256$1000$salt${digest}$"),
            &format!("pbkdf2_sha1$1000$salt${digest}"),
            "pbkdf2_sha256$1000$salt$AAAA",
        ] {
            assert!(Django::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_anybody_would_try_first_is_no_new_password() {
        for text in ["aaaaaaaaaaaaaaaa", "MEI@example.org.tw", "123456789012345"] {
            let chosen = Password::chosen(text, "mei@example.org.tw", "Mei");
            assert_eq!(chosen.map(drop), Err(Weakness::Common), "{text}");
        }
    }

    #[test]
    fn what_no_form_takes_is_no_new_password() {
        let chosen = Password::chosen("fifteen\tcharacters", "mei@example.org", "Mei");
        assert_eq!(chosen.map(drop), Err(Weakness::Control));
    }

    /// AUT-09: hashing goes on when nobody waits for it, and keeps its turn.
    #[tokio::test]
    async fn visitors_who_hang_up_do_not_make_more_hashes_run_at_once() {
        let passwords = passwords();
        let free = passwords.turns.available_permits();
        for _ in 0..free {
            let hashing = passwords.hash(typed("correct horse battery"));
            // Begun, then dropped.
            let begun = tokio::time::timeout(Duration::from_millis(1), hashing).await;
            assert!(begun.is_err());
        }
        assert!(passwords.turns.available_permits() < free);
        let all = passwords.turns.acquire_many(free as u32).await.unwrap();
        drop(all);
    }

    /// AUT-10
    #[test]
    fn an_endless_password_is_no_password() {
        assert!(Password::typed(&"a".repeat(1 << 20)).is_none());
        assert!(Password::typed(&"a".repeat(LONGEST)).is_some());
        assert!(Password::typed(&"a".repeat(LONGEST + 1)).is_none());
    }

    #[test]
    fn a_password_prints_nothing() {
        assert_eq!(format!("{:?}", typed("secret")), "Password");
    }
}
