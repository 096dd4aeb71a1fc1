//! `[[site]]`: a site that the configuration file adds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use inkgate::Styles;
use inkgate_store::{NewSite, SecretDigest};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::ConfigError;
use crate::service::dummy;
use crate::service::preset::is_known;
use crate::service::sites::OUR_PAGES;

/// `[[site]]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// What the operator calls it.
    pub name: String,
    /// Its public half.
    pub key: String,
    /// The host names that its pages are on.
    pub hosts: Vec<String>,
    /// How its pictures may be drawn; the first is the default.
    #[serde(default = "usual_presets")]
    pub presets: Vec<String>,
    /// What a visitor may be about to do there; empty: anything.
    #[serde(default)]
    pub actions: Vec<String>,
    /// SHA-256 of its private half.
    #[serde(default, deserialize_with = "digest")]
    pub secret_sha256: Option<SecretDigest>,
    /// A file that holds its private half.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
}

fn usual_presets() -> Vec<String> {
    vec!["ink".to_owned()]
}

/// The fewest and the most characters of a secret that is brought along (KEY-02).
const SECRET_LENGTH: std::ops::RangeInclusive<usize> = 32..=256;

impl SiteConfig {
    /// The variable that may hold the site's secret.
    pub(super) fn variable(&self) -> String {
        let name = self.name.to_ascii_uppercase().replace('-', "_");
        format!("INKGATE_SITE_{name}_SECRET")
    }

    /// Learns the secret from the environment or from its file, if it is not given as a digest.
    pub(super) fn learn_secret(
        &mut self,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), ConfigError> {
        let (said, file) = (environment.get(&self.variable()), self.secret_file.as_ref());
        self.secret_sha256 = match (self.secret_sha256, said, file) {
            (Some(digest), None, None) => Some(digest),
            (None, Some(secret), None) => Some(self.checked(secret, &self.variable())?),
            (None, None, Some(path)) => {
                let shown = path.display();
                let secret = std::fs::read_to_string(path)
                    .map_err(|error| self.wrong(&format!("secret_file: {shown}: {error}")))?;
                let secret = Zeroizing::new(secret);
                Some(self.checked(secret.trim(), "secret_file")?)
            }
            (None, None, None) => None,
            _ => return Err(self.wrong("has more than one secret")),
        };
        Ok(())
    }

    fn checked(&self, secret: &str, place: &str) -> Result<SecretDigest, ConfigError> {
        let is_text = secret.bytes().all(|c| c.is_ascii_graphic());
        if is_text && SECRET_LENGTH.contains(&secret.len()) {
            return Ok(SecretDigest::of(secret));
        }
        let (least, most) = SECRET_LENGTH.into_inner();
        Err(self.wrong(&format!(
            "{place}: the secret has not {least} to {most} visible characters"
        )))
    }

    /// The site that this says.
    pub(crate) fn site(&self) -> Result<NewSite, ConfigError> {
        let secret = self.secret_sha256.ok_or_else(|| {
            self.wrong(&format!(
                "has no secret: set secret_sha256, secret_file or {}",
                self.variable()
            ))
        })?;
        let new = NewSite::new(
            &self.name,
            &self.key,
            secret,
            &self.hosts,
            &self.presets,
            &self.actions,
        )
        .map_err(|error| self.wrong(&error.to_string()))?;
        check(&self.key, &self.presets).map_err(|error| self.wrong(&error))?;
        if dummy::is_published(&secret) {
            return Err(self.wrong("the secret is one that a vendor publishes for tests"));
        }
        Ok(new)
    }

    fn wrong(&self, why: &str) -> ConfigError {
        ConfigError(format!("site {:?}: {why}", self.name))
    }
}

/// What the store cannot know of a site: which keys are ours or everybody's, and which presets
/// there are.
pub fn check(key: &str, presets: &[String]) -> Result<(), String> {
    if OUR_PAGES.contains(&key) {
        return Err(format!("the key {key:?} is that of a page of ours"));
    }
    if dummy::fate(key).is_some() {
        return Err(format!(
            "the key {key:?} is one that a vendor publishes for tests; profile = \"test\" knows it"
        ));
    }
    let styles = Styles::standard();
    match presets.iter().find(|name| !is_known(name, &styles)) {
        Some(name) => Err(format!(
            "presets: there is no style {name:?}; `inkgate styles` lists them, and there is `work`"
        )),
        None => Ok(()),
    }
}

/// All sites of the file, none of which has the name or key of another.
pub(crate) fn sites(sites: &[SiteConfig]) -> Result<Vec<NewSite>, ConfigError> {
    for (place, site) in sites.iter().enumerate() {
        let mut before = sites[..place].iter();
        if before.any(|other| other.name == site.name || other.key == site.key) {
            return Err(site.wrong("another site has this name or key"));
        }
    }
    sites.iter().map(SiteConfig::site).collect()
}

fn digest<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretDigest>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let is_hex = text.len() == 64 && text.bytes().all(|c| c.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    match bytes.and_then(|bytes| bytes.try_into().ok()) {
        Some(bytes) if is_hex => Ok(Some(SecretDigest::from_bytes(bytes))),
        _ => Err(serde::de::Error::custom(
            "not 64 hexadecimal digits, as sha256sum prints them",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn site(more: &str) -> Result<SiteConfig, String> {
        let text = format!("name = \"shop\"\nkey = \"key\"\nhosts = [\"a.example\"]\n{more}");
        toml::from_str(&text).map_err(|error| error.message().to_owned())
    }

    fn learned(more: &str, variable: Option<&str>) -> Result<NewSite, String> {
        let mut site = site(more)?;
        let said = variable.map(|secret| (site.variable(), secret.to_owned()));
        site.learn_secret(&said.into_iter().collect())
            .and_then(|()| site.site())
            .map_err(|error| error.to_string())
    }

    /// KEY-01
    #[test]
    fn a_secret_comes_as_a_digest_from_a_file_or_from_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, format!("{SECRET}\n")).unwrap();
        let file = format!("secret_file = {:?}", file.to_str().unwrap());
        let short = learned("secret_sha256 = \"3eb7\"", None);
        assert!(short.unwrap_err().contains("64 hex"));
        let sum: String = SecretDigest::of(SECRET)
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        let digest = format!("secret_sha256 = \"{sum}\"");
        let both = format!("{digest}\n{file}");
        for (more, variable) in [(digest.as_str(), None), (&file, None), ("", Some(SECRET))] {
            assert_eq!(
                learned(more, variable).unwrap().into_site(0).secret,
                SecretDigest::of(SECRET)
            );
        }
        assert!(learned(&both, None).unwrap_err().contains("more than one"));
        assert!(
            learned("", None)
                .unwrap_err()
                .contains("INKGATE_SITE_SHOP_SECRET")
        );
        let missing = learned("secret_file = \"/nonexistent\"", None);
        assert!(missing.unwrap_err().contains("/nonexistent"));
        assert!(
            learned("secret = \"x\"", None)
                .unwrap_err()
                .contains("unknown field")
        );
    }

    /// KEY-02
    #[test]
    fn a_short_secret_is_refused_and_not_repeated() {
        for secret in [
            "",
            "changeme",
            &SECRET[1..],
            &"é".repeat(20),
            &"a".repeat(257),
        ] {
            let error = learned("", Some(secret)).unwrap_err();
            assert!(error.contains("32 to 256"), "{error}");
            assert!(secret.is_empty() || !error.contains(secret), "{error}");
        }
    }

    #[test]
    fn a_site_that_cannot_be_is_refused_by_name() {
        for (more, told) in [
            ("presets = [\"paper\"]", "no style \"paper\""),
            ("presets = []", "presets"),
            ("actions = [\"a b\"]", "actions"),
        ] {
            let error = learned(more, Some(SECRET)).unwrap_err();
            assert!(
                error.contains("site \"shop\"") && error.contains(told),
                "{error}"
            );
        }
        let one = site("").unwrap();
        let with_secret = |site: SiteConfig| SiteConfig {
            secret_sha256: Some(SecretDigest::of(SECRET)),
            ..site
        };
        for key in OUR_PAGES {
            let ours = SiteConfig {
                key: key.into(),
                ..one.clone()
            };
            let error = with_secret(ours).site().unwrap_err().to_string();
            assert!(error.contains("a page of ours"), "{error}");
        }
        // C-40: what a vendor publishes for tests, everybody knows.
        let everybodys = SiteConfig {
            key: "1x00000000000000000000AA".into(),
            ..one.clone()
        };
        let error = with_secret(everybodys).site().unwrap_err().to_string();
        assert!(error.contains("publishes for tests"), "{error}");
        for secret in [
            "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe",
            "0x0000000000000000000000000000000000000000",
            "1x0000000000000000000000000000000AA",
            "2x0000000000000000000000000000000AA",
            "3x0000000000000000000000000000000AA",
        ] {
            let error = learned("", Some(secret)).unwrap_err();
            assert!(error.contains("publishes for tests") && !error.contains(secret));
            let digest = SiteConfig {
                secret_sha256: Some(SecretDigest::of(secret)),
                ..one.clone()
            };
            assert!(digest.site().is_err());
        }
        let other = SiteConfig {
            name: "blog".into(),
            ..one.clone()
        };
        let twice = [with_secret(one), with_secret(other)];
        assert!(sites(&twice).unwrap_err().to_string().contains("\"blog\""));
    }
}
