use std::fmt::{self, Debug};
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// Sites that use the captcha, unique by name and by key.
///
/// Each verb is one atomic step, also between processes: the command line works beside a running server.
#[async_trait]
pub trait Sites: Debug + Send + Sync + 'static {
    /// Adds a site.
    ///
    /// # Errors
    /// [`Conflict`](Error::Conflict) if another site has this name or this key.
    async fn add(&self, site: NewSite) -> Result<Site>;

    /// Every site, oldest first.
    async fn list(&self) -> Result<Vec<Site>>;

    /// Gives a site another secret. The one before it stays good for `grace`; one that was retired earlier does not.
    /// `false` if there is no such site.
    async fn rotate(&self, name: &str, secret: SecretDigest, grace: Duration) -> Result<bool>;

    /// Removes a site. `false` if there is none of this name.
    async fn remove(&self, name: &str) -> Result<bool>;
}

/// One web site, or one part of it, that asks for challenges and redeems tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What its operator calls it.
    pub name: String,
    /// Its public half: what its pages send.
    pub key: String,
    /// Its private half: what its back end sends.
    pub secret: SecretDigest,
    /// The secret before this one, while it is still good.
    pub retired: Option<Retired>,
    /// The host names that its pages are on, in lower case, without a port.
    pub hosts: Vec<String>,
    /// How its pictures may be drawn; the first is the default.
    pub presets: Vec<String>,
    /// What a visitor may be about to do there. Empty: anything.
    pub actions: Vec<String>,
    /// Milliseconds since the Unix epoch.
    pub created: u64,
}

/// A secret that is being replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The secret.
    pub secret: SecretDigest,
    /// The first moment at which it is no longer good, in milliseconds since the Unix epoch.
    pub until: u64,
}

/// SHA-256 of a site's secret. A secret is random and long, so nothing slower is needed. Its `Debug` is silent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of this secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// A digest that was made elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest")
    }
}

/// A site to be added: checked text.
#[derive(Clone, Debug)]
pub struct NewSite {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) secret: SecretDigest,
    pub(crate) hosts: Vec<String>,
    pub(crate) presets: Vec<String>,
    pub(crate) actions: Vec<String>,
}

/// The most hosts, presets or actions of one site.
const MOST: usize = 64;

impl NewSite {
    /// A site on these hosts whose pictures are drawn in the first of these presets, or in another that a page names.
    ///
    /// # Errors
    /// [`BadSite`](Error::BadSite) unless the name has 1 to 32 of `a-z 0-9 -`, the key 1 to 64 of
    /// `A-Z a-z 0-9 - _ .`, each host is a host name or an address without a port, and each preset and action has
    /// 1 to 32 of `A-Z a-z 0-9 - _`. There are 1 to 64 hosts and presets, and at most 64 actions.
    pub fn new(
        name: &str,
        key: &str,
        secret: SecretDigest,
        hosts: &[String],
        presets: &[String],
        actions: &[String],
    ) -> Result<Self> {
        let is_name = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if !is_word(name, 32, is_name) {
            return Err(Error::BadSite("name has not 1 to 32 of a-z 0-9 -"));
        }
        if !is_word(key, 64, |c| is_label(c) || c == b'.') {
            return Err(Error::BadSite("key has not 1 to 64 of A-Z a-z 0-9 - _ ."));
        }
        let hosts: Vec<String> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        if hosts.is_empty() || hosts.len() > MOST || !hosts.iter().all(|host| is_host(host)) {
            return Err(Error::BadSite(
                "hosts are not 1 to 64 host names or addresses, without scheme, port or path \
                 (a name in another script in its xn-- form)",
            ));
        }
        let are_words = |words: &[String]| {
            words.len() <= MOST && words.iter().all(|word| is_word(word, 32, is_label))
        };
        if presets.is_empty() || !are_words(presets) {
            return Err(Error::BadSite("presets are not 1 to 64 names of styles"));
        }
        if !are_words(actions) {
            return Err(Error::BadSite(
                "actions have not each 1 to 32 of A-Z a-z 0-9 - _",
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            key: key.to_owned(),
            secret,
            hosts,
            presets: presets.to_vec(),
            actions: actions.to_vec(),
        })
    }

    /// What its operator calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The site that this becomes.
    #[must_use]
    pub fn into_site(self, created: u64) -> Site {
        Site {
            name: self.name,
            key: self.key,
            secret: self.secret,
            retired: None,
            hosts: self.hosts,
            presets: self.presets,
            actions: self.actions,
            created,
        }
    }
}

fn is_word(text: &str, most: usize, is_good: impl Fn(u8) -> bool) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(is_good)
}

fn is_label(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'-' || c == b'_'
}

/// A host as it stands in an origin: a name (RFC 1123 section 2.1), an IPv4 address, or an IPv6 address in brackets.
fn is_host(text: &str) -> bool {
    if let Some(v6) = text.strip_prefix('[') {
        let v6 = v6.strip_suffix(']').unwrap_or_default();
        return v6.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_part =
        |part: &str| is_word(part, 63, is_label) && !part.starts_with('-') && !part.ends_with('-');
    text.len() <= 253 && text.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(name: &str, key: &str, host: &str, preset: &str, action: &str) -> Result<NewSite> {
        let one = |text: &str| [text.to_owned()];
        NewSite::new(
            name,
            key,
            SecretDigest::of("secret"),
            &one(host),
            &one(preset),
            &one(action),
        )
    }

    #[test]
    fn a_site_is_made_of_checked_text() {
        let good = [
            "shop",
            "6LeIxAcT-_.",
            "Shop.Example.org",
            "ink",
            "sign-in_2",
        ];
        let [name, key, host, preset, action] = good;
        let new = site(name, key, host, preset, action).unwrap();
        assert_eq!(new.hosts, ["shop.example.org"]);
        for bad in ["", "Shop", "a b", "a\n", &"a".repeat(33)] {
            assert!(site(bad, key, host, preset, action).is_err(), "{bad:?}");
        }
        for bad in ["", "a b", "a\n", "é", &"a".repeat(65)] {
            assert!(site(name, bad, host, preset, action).is_err(), "{bad:?}");
        }
        for bad in ["", "a b", "a\n", "é", &"a".repeat(33)] {
            assert!(site(name, key, host, bad, action).is_err(), "{bad:?}");
            assert!(site(name, key, host, preset, bad).is_err(), "{bad:?}");
        }
        let none = |hosts: &[String], presets: &[String]| {
            NewSite::new(name, key, SecretDigest::of(""), hosts, presets, &[])
        };
        assert!(none(&[], &["ink".to_owned()]).is_err());
        assert!(none(&["a".to_owned()], &[]).is_err());
        assert!(none(&["a".to_owned()], &["ink".to_owned()]).is_ok());
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_around_it() {
        for good in [
            "localhost",
            "a.example",
            "192.0.2.1",
            "[::1]",
            "xn--fsq.test",
            "a_b.test",
        ] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a:80",
            "https://a",
            "a/b",
            "*.a",
            "-a",
            "a-",
            "::1",
            "[::1",
            "[a]",
            "a@b",
            "例え.test",
            &format!("{}.test", "a".repeat(64)),
            &"a.".repeat(127),
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    /// API-01
    #[test]
    fn a_secret_does_not_show_itself() {
        let digest = SecretDigest::of("0x00");
        assert_eq!(format!("{digest:?}"), "SecretDigest");
        assert_ne!(digest, SecretDigest::of("0x01"));
    }
}
