//! Sites: whose challenges these are, and who may redeem their tokens.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use inkgate::Timestamp;
use inkgate_store::{NewSite, SecretDigest, Site};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::Error;
use crate::clock::Clock;

/// The site keys that our own pages seal into their tickets; no other site may have them.
pub const OUR_PAGES: [&str; 4] = ["front", "newpage", "member", "login"];

/// How long a change that another process makes may go unnoticed.
const FRESH: Duration = Duration::from_secs(1);

/// The sites of an installation: those of its configuration, which stay, and those of its store,
/// which the command line changes beside a running server.
#[derive(Clone, Debug)]
pub struct Sites {
    configured: Arc<[Site]>,
    stored: Arc<dyn inkgate_store::Sites>,
    clock: Clock,
    last: Arc<Mutex<Option<Reading>>>,
}

/// The book as it was read at a moment.
#[derive(Clone, Debug)]
struct Reading {
    book: Arc<Book>,
    at: Timestamp,
}

impl Sites {
    /// The configured sites and those of this store.
    pub fn new(
        configured: Vec<NewSite>,
        stored: Arc<dyn inkgate_store::Sites>,
        clock: Clock,
    ) -> Self {
        let configured = configured.into_iter().map(|new| new.into_site(0));
        Self {
            configured: configured.collect(),
            stored,
            clock,
            last: Arc::default(),
        }
    }

    /// All sites, as they were a second ago at the earliest.
    ///
    /// While the store is away those known from before stay: nothing is accepted without it anyway.
    pub async fn book(&self) -> Result<Arc<Book>, Error> {
        let now = self.clock.now();
        let known = match self.last().as_mut() {
            Some(last) if now.saturating_sub(last.at) < FRESH => return Ok(Arc::clone(&last.book)),
            // The others go on with what is known while this one reads.
            Some(last) => {
                last.at = now;
                Some(Arc::clone(&last.book))
            }
            None => None,
        };
        let book = match (self.stored.list().await, known) {
            (Ok(stored), _) => Arc::new(Book::of(&self.configured, stored)),
            (Err(error), Some(known)) => {
                tracing::error!(%error, "the sites could not be read again; those known stay");
                return Ok(known);
            }
            (Err(error), None) => return Err(error.into()),
        };
        *self.last() = Some(Reading {
            book: Arc::clone(&book),
            at: now,
        });
        Ok(book)
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<Reading>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All sites at a moment.
#[derive(Debug, Default)]
pub struct Book {
    by_key: HashMap<String, Arc<Site>>,
    hosts: HashSet<String>,
}

impl Book {
    /// The configured sites come first: a stored one that has the name or key of one is not used.
    fn of(configured: &[Site], stored: Vec<Site>) -> Self {
        let mut book = Self::default();
        let is_covered = |site: &Site| {
            let mut ours = configured.iter();
            ours.any(|other| other.name == site.name || other.key == site.key)
        };
        let stored = stored.into_iter().filter(|site| !is_covered(site));
        for site in configured.iter().cloned().chain(stored) {
            book.hosts.extend(site.hosts.iter().cloned());
            book.by_key.insert(site.key.clone(), Arc::new(site));
        }
        book
    }

    /// The site with this key.
    pub fn by_key(&self, key: &str) -> Option<&Arc<Site>> {
        self.by_key.get(key)
    }

    /// The sites whose secret this is, by their keys, found in a time that does not tell how much
    /// of it is right (API-01, C-29): digests of secrets are compared, each of them to its end.
    /// More than one where an account's sites share a secret, as hCaptcha's do.
    pub fn by_secret(&self, secret: &str, now: Timestamp) -> Vec<&Arc<Site>> {
        let digest = SecretDigest::of(secret);
        let mut found = Vec::new();
        for site in self.by_key.values() {
            if bool::from(accepts(site, &digest, now)) {
                found.push(site);
            }
        }
        found.sort_unstable_by_key(|site| &site.key);
        found
    }

    /// Whether the pages of any site are on this host.
    pub fn knows_host(&self, host: &str) -> bool {
        self.hosts.contains(host)
    }
}

/// Whether this is the site's secret, or the one before it while that is still good (KEY-05).
fn accepts(site: &Site, digest: &SecretDigest, now: Timestamp) -> Choice {
    let is_now = site.secret.as_bytes().ct_eq(digest.as_bytes());
    let is_before = site.retired.map_or(Choice::from(0), |retired| {
        let is_good = Choice::from(u8::from(now.as_millis() < retired.until));
        is_good & retired.secret.as_bytes().ct_eq(digest.as_bytes())
    });
    is_now | is_before
}

/// A site's secret, as its operator is shown it once.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// 160 random bits, written as `0x` and 40 hexadecimal digits: the strictest of the client
    /// libraries that are out there take no other form.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 20]);
        getrandom::fill(bytes.as_mut()).map_err(inkgate::Error::from)?;
        Ok(Self(Zeroizing::new(format!("0x{}", *hex(&*bytes)))))
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A new site key: a random UUID (RFC 9562 section 5.4), for the same libraries.
pub fn new_key() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(inkgate::Error::from)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    Ok(parts.join("-"))
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Zeroizing::new(
        digits
            .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use inkgate_store::{MemorySites, Retired, Sites as _};

    use super::*;

    fn new(name: &str, key: &str, secret: &str) -> NewSite {
        let host = [format!("{name}.example")];
        let presets = ["ink".to_owned()];
        NewSite::new(name, key, SecretDigest::of(secret), &host, &presets, &[]).unwrap()
    }

    #[tokio::test]
    async fn a_change_in_the_store_is_noticed_within_a_second_and_the_configuration_wins() {
        let clock = Clock::manual(Timestamp::from_millis(1_000));
        let stored = Arc::new(MemorySites::new());
        let sites = Sites::new(
            vec![new("shop", "key-1", "one")],
            Arc::clone(&stored) as Arc<dyn inkgate_store::Sites>,
            clock.clone(),
        );
        assert!(sites.book().await.unwrap().by_key("key-1").is_some());
        stored.add(new("blog", "key-2", "two")).await.unwrap();
        stored.add(new("copy", "key-1", "three")).await.unwrap();
        assert!(sites.book().await.unwrap().by_key("key-2").is_none());
        clock.advance(FRESH);
        let book = sites.book().await.unwrap();
        assert_eq!(book.by_key("key-2").unwrap().name, "blog");
        assert_eq!(book.by_key("key-1").unwrap().name, "shop");
        assert!(book.knows_host("blog.example") && !book.knows_host("copy.example"));
        assert!(book.by_secret("three", clock.now()).is_empty());
    }

    /// KEY-05
    #[test]
    fn a_site_is_found_by_its_secret_and_for_a_while_by_the_one_before() {
        let mut site = new("shop", "key-1", "new").into_site(0);
        site.retired = Some(Retired {
            secret: SecretDigest::of("old"),
            until: 5_000,
        });
        let book = Book::of(&[], vec![site, new("blog", "key-2", "other").into_site(0)]);
        let name = |secret: &str, now| {
            let found = book.by_secret(secret, Timestamp::from_millis(now));
            found.first().map(|site| site.name.as_str())
        };
        assert_eq!(name("new", 9_000), Some("shop"));
        assert_eq!(name("old", 4_999), Some("shop"));
        assert_eq!(name("old", 5_000), None);
        assert_eq!(name("other", 0), Some("blog"));
        for nobody in ["", "ne", "newer", "NEW"] {
            assert_eq!(name(nobody, 0), None);
        }
    }

    #[test]
    fn keys_and_secrets_have_the_form_that_strict_clients_ask_for() {
        let (key, secret) = (new_key().unwrap(), Secret::random().unwrap());
        let is_hex = |text: &str| text.bytes().all(|c| c.is_ascii_hexdigit());
        let lengths: Vec<usize> = key.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(is_hex(&key.replace('-', "")) && key.as_bytes()[14] == b'4');
        assert!("89ab".contains(char::from(key.as_bytes()[19])));
        assert_eq!(secret.reveal().len(), 42);
        assert!(is_hex(secret.reveal().strip_prefix("0x").unwrap()));
        assert_ne!(key, new_key().unwrap());
        assert_eq!(format!("{secret:?}"), "Secret");
    }
}
