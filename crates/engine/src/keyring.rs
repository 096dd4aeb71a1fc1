//! The keys of an installation: a ring that seals and opens, and a pepper for everything else.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Error, SKEW, Timestamp};

/// How long after its creation a key begins to seal, so that every node knows it by then.
pub const KEY_DELAY: Duration = Duration::from_secs(600);

/// The secrets of one installation, shared by all its nodes.
///
/// Tickets and tokens are sealed with the newest key that began to seal, and opened with any key of the
/// ring. A key opens from the moment it is there and seals [`KEY_DELAY`] after its creation; a sole key at
/// once. So a ring can be rotated while it is in use, and no ticket is lost (KEY-04).
///
/// Its text form has a line `id created secret` for each key, a line `pepper created secret`, and may have
/// comments: lines that begin with `#`. An id is 8 hexadecimal digits, `created` is UTC, and a secret is 32
/// bytes in base64url without padding:
///
/// ```text
/// # id     created              secret
/// 5f0c91aa 2026-11-21T12:00:00Z zM1f...
/// pepper   2026-11-21T12:00:00Z 0vQw...
/// ```
#[derive(Clone, Debug)]
pub struct Keyring {
    /// By creation, the oldest first; never empty.
    keys: Vec<SealingKey>,
    pepper: Pepper,
}

impl Keyring {
    /// A new ring of one key, and a new pepper.
    ///
    /// # Errors
    /// [`Error::Generator`] if the operating system gives no random bytes.
    pub fn generate(now: Timestamp) -> Result<Self, Error> {
        let created = whole_seconds(now);
        Ok(Self {
            keys: vec![SealingKey::new(
                KeyId::random()?,
                created,
                Secret::random()?,
            )],
            pepper: Pepper {
                created,
                secret: Secret::random()?,
            },
        })
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`Error::Keys`] if a line cannot be read, if a secret is short, doubled or visibly not random
    /// (KEY-02), or if there is no key or no pepper. It names the line and never what is on it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut keys: Vec<SealingKey> = Vec::new();
        let mut pepper: Option<Pepper> = None;
        for (index, line) in text.lines().enumerate() {
            let refuse = |reason| Error::Keys(format!("line {}: {reason}", index + 1));
            let Some((id, created, secret)) = read_line(line).map_err(refuse)? else {
                continue;
            };
            let known = keys.iter().map(|key| &key.secret);
            if known
                .chain(pepper.iter().map(|pepper| &pepper.secret))
                .any(|known| known.is(&secret))
            {
                return Err(refuse("the secret is on another line too"));
            }
            match id {
                None if pepper.is_some() => return Err(refuse("there is a pepper already")),
                None => pepper = Some(Pepper { created, secret }),
                Some(id) if keys.iter().any(|key| key.id == id) => {
                    return Err(refuse("the id is on another line too"));
                }
                Some(id) => keys.push(SealingKey::new(id, created, secret)),
            }
        }
        if keys.is_empty() {
            return Err(Error::Keys("there is no key to seal with".to_owned()));
        }
        let pepper = pepper.ok_or_else(|| Error::Keys("there is no line `pepper`".to_owned()))?;
        keys.sort_by_key(|key| key.created);
        Ok(Self { keys, pepper })
    }

    /// The text form, which is as secret as the keys.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Room for all lines at once: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(256 + 96 * (self.keys.len() + 1)));
        text.push_str("# Whoever reads this can read every ticket and make tokens. `inkgate key rotate` adds a key.\n");
        text.push_str("# id     created              secret\n");
        for key in &self.keys {
            push_line(&mut text, &key.id.to_string(), key.created, &key.secret);
        }
        push_line(
            &mut text,
            "pepper  ",
            self.pepper.created,
            &self.pepper.secret,
        );
        text
    }

    /// Adds a key. It opens at once, and seals after [`KEY_DELAY`].
    ///
    /// # Errors
    /// [`Error::Generator`] if the operating system gives no random bytes.
    pub fn rotate(&mut self, now: Timestamp) -> Result<KeyId, Error> {
        let mut id = KeyId::random()?;
        while self.key(id).is_some() {
            id = KeyId::random()?;
        }
        self.keys
            .push(SealingKey::new(id, whole_seconds(now), Secret::random()?));
        self.keys.sort_by_key(|key| key.created);
        Ok(id)
    }

    /// Drops the keys that nothing valid can be sealed with any more, and returns their ids.
    ///
    /// A key is dropped once its successor has been sealing for `longest_life` and [`SKEW`]. The newest stays.
    pub fn prune(&mut self, now: Timestamp, longest_life: Duration) -> Vec<KeyId> {
        let successors = self.keys.iter().skip(1);
        let outlived = successors
            .take_while(|successor| successor.created + KEY_DELAY + longest_life + SKEW <= now)
            .count();
        self.keys.drain(..outlived).map(|key| key.id).collect()
    }

    /// The keys, the oldest first.
    pub fn keys(&self, now: Timestamp) -> Vec<KeyEntry> {
        let sealing = self.sealing_key(now).id;
        let entry = |(place, key): (usize, &SealingKey)| KeyEntry {
            id: key.id,
            created: key.created,
            seals_from: if place == 0 {
                key.created
            } else {
                key.created + KEY_DELAY
            },
            is_sealing: key.id == sealing,
        };
        self.keys.iter().enumerate().map(entry).collect()
    }

    /// A secret for another use than sealing: each label gives its own, the same on every node and for as
    /// long as the pepper stays (HKDF-SHA-256, RFC 5869).
    pub fn derive(&self, label: &str) -> [u8; 32] {
        *expand(&self.pepper.secret, &format!("inkgate 1 pepper: {label}"))
    }

    /// The key that seals now: the newest that has begun to, else the oldest, which had no one to wait for.
    pub(crate) fn sealing_key(&self, now: Timestamp) -> &SealingKey {
        let begun = self
            .keys
            .iter()
            .rev()
            .find(|key| key.created + KEY_DELAY <= now);
        begun.unwrap_or(&self.keys[0])
    }

    pub(crate) fn key(&self, id: KeyId) -> Option<&SealingKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}

/// What may be told of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// Its name in tickets and tokens.
    pub id: KeyId,
    /// When it was made.
    pub created: Timestamp,
    /// When it begins to seal, or began.
    pub seals_from: Timestamp,
    /// Whether it is the one that seals now. The others open.
    pub is_sealing: bool,
}

/// The public name of a sealing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub(crate) [u8; 4]);

impl KeyId {
    fn random() -> Result<Self, Error> {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads 8 hexadecimal digits in lower case, so that an id has one spelling.
    fn read(text: &str) -> Option<Self> {
        let id = Self(u32::from_str_radix(text, 16).ok()?.to_be_bytes());
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// A key of the ring, with what is derived from its secret for each use.
#[derive(Clone, Debug)]
pub(crate) struct SealingKey {
    pub(crate) id: KeyId,
    created: Timestamp,
    secret: Secret,
    tickets: Secret,
    tokens: Secret,
    pictures: Secret,
}

impl SealingKey {
    fn new(id: KeyId, created: Timestamp, secret: Secret) -> Self {
        let derived = |label| Secret(*expand(&secret, label));
        Self {
            id,
            created,
            tickets: derived("inkgate 1 seal: ticket"),
            tokens: derived("inkgate 1 seal: token"),
            pictures: derived("inkgate 1 seed: picture"),
            secret,
        }
    }

    pub(crate) fn for_tickets(&self) -> &[u8; 32] {
        &self.tickets.0
    }

    pub(crate) fn for_tokens(&self) -> &[u8; 32] {
        &self.tokens.0
    }

    pub(crate) fn for_pictures(&self) -> &[u8; 32] {
        &self.pictures.0
    }
}

#[derive(Clone, Debug)]
struct Pepper {
    created: Timestamp,
    secret: Secret,
}

/// 32 random bytes that are wiped when dropped and never shown (KEY-03).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Secret([u8; 32]);

impl Secret {
    fn random() -> Result<Self, Error> {
        let mut secret = Self([0; 32]);
        getrandom::fill(&mut secret.0)?;
        Ok(secret)
    }

    fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Whether somebody typed it, counted it up or copied it from a sample. Random bytes look like this once
    /// in more than 10¹³ secrets.
    fn is_weak(&self) -> bool {
        let bytes = &self.0;
        let mut distinct = *bytes;
        distinct.sort_unstable();
        let repeated = distinct.chunk_by(|a, b| a == b).count() < 16;
        distinct.zeroize();
        let step = bytes[1].wrapping_sub(bytes[0]);
        let counted = bytes
            .windows(2)
            .all(|two| two[1].wrapping_sub(two[0]) == step);
        let typed = bytes
            .iter()
            .all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        repeated || counted || typed
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// One line: nothing, or an id (none for the pepper), a time and a secret.
type Line = Option<(Option<KeyId>, Timestamp, Secret)>;

fn read_line(line: &str) -> Result<Line, &'static str> {
    let mut words = line.split_whitespace();
    let Some(id) = words.next().filter(|word| !word.starts_with('#')) else {
        return Ok(None);
    };
    let (Some(created), Some(secret), None) = (words.next(), words.next(), words.next()) else {
        return Err("not of the form `id created secret`");
    };
    let id = match id {
        "pepper" => None,
        id => Some(KeyId::read(id).ok_or("the id is not 8 hexadecimal digits in lower case")?),
    };
    let created = created
        .parse()
        .map_err(|_| "the time of creation is not of the form 2026-11-21T12:00:00Z")?;
    Ok(Some((id, created, read_secret(secret)?)))
}

fn read_secret(text: &str) -> Result<Secret, &'static str> {
    if PLACEHOLDERS
        .iter()
        .any(|word| text.to_ascii_lowercase().contains(word))
    {
        return Err("the secret is a placeholder, not a secret");
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).unwrap_or_default());
    let secret = <[u8; 32]>::try_from(bytes.as_slice())
        .map(Secret)
        .map_err(|_| "the secret is not 32 bytes in base64url without padding")?;
    if secret.is_weak() {
        return Err("the secret is not random");
    }
    Ok(secret)
}

/// What samples say in place of a secret. A random one contains such a word once in 10⁹ or fewer.
const PLACEHOLDERS: [&str; 6] = [
    "changeme",
    "change-me",
    "replaceme",
    "placeholder",
    "yoursecret",
    "examplekey",
];

fn push_line(text: &mut String, name: &str, created: Timestamp, secret: &Secret) {
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.0.as_slice()));
    text.push_str(&format!("{name} {created} "));
    text.push_str(&secret);
    text.push('\n');
}

/// A secret for one use out of a secret for several. The label keeps uses apart.
fn expand(secret: &Secret, label: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, &secret.0)
        .expand(label.as_bytes(), derived.as_mut())
        .expect("HKDF-SHA-256 gives up to 8,160 bytes");
    derived
}

/// A time of creation is written to the second, so it is kept to the second.
fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_millis(now.as_millis() / 1_000 * 1_000)
}
