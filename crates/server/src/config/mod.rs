//! What the operator decides: one TOML file, the environment over it, checked once at start.

mod address;
mod site;
mod sources;
mod store;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use inkgate::Styles;
use inkgate_store::NewSite;
use serde::Deserialize;

pub use address::{Network, PublicUrl};
pub use site::{SiteConfig, check as check_site};
pub use sources::{FILE_NAME, Sources};
pub use store::StoreAddress;

use crate::pages::Lang;
pub use crate::service::asking::When;

/// The commented default file: the reference of every key.
pub const DEFAULT_FILE: &str = include_str!("default.toml");

/// All settings. [`Config::load`] reads and checks them; afterwards they are only read.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether this is an installation for tests.
    pub profile: Profile,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where metrics and readiness are told, if anywhere.
    pub admin_listen: Option<SocketAddr>,
    /// The address that visitors use, if a proxy stands in front.
    pub public_url: Option<PublicUrl>,
    /// The domain whose hosts the gate guards: the session is theirs, too.
    pub cookie_domain: Option<String>,
    /// Listen beyond loopback without TLS.
    pub insecure_http: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Folder for keys and databases.
    pub data: PathBuf,
    /// What remembers used tickets, sessions and counts.
    pub store: StoreAddress,
    /// What keeps members and sites, if not `store`.
    pub members: Option<StoreAddress>,
    /// Life of a ticket.
    pub ticket: TicketConfig,
    /// Life of a token.
    pub token: TokenConfig,
    /// Life of a session.
    pub session: SessionConfig,
    /// Life of a remember-me login.
    pub remember: RememberConfig,
    /// Throttles.
    pub throttle: ThrottleConfig,
    /// How much visitors' machines work.
    pub work: WorkConfig,
    /// When more is asked for.
    pub policy: PolicyConfig,
    /// The product's own sign-in.
    pub login: LoginConfig,
    /// Where mail goes out.
    pub mail: MailConfig,
    /// The two sites.
    pub pages: PagesConfig,
    /// Overrides for styles, by name.
    pub style: BTreeMap<String, StyleConfig>,
    /// Sites, beside those that the command line adds.
    pub site: Vec<SiteConfig>,
}

/// What an installation is for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Guarding sites.
    Production,
    /// Testing them: the vendors' test keys are known, and the API tells answers.
    Test,
}

/// `[ticket]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct TicketConfig {
    /// Seconds that a visitor has for one picture.
    pub ttl_seconds: u64,
}

/// `[token]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct TokenConfig {
    /// Seconds that a site has to redeem a token.
    pub ttl_seconds: u64,
}

/// `[session]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// Seconds without a request after which a session ends.
    pub idle_seconds: u64,
    /// Seconds after sign-in at which a session ends in any case.
    pub absolute_seconds: u64,
}

/// `[remember]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct RememberConfig {
    /// Days after sign-in at which a remember-me login ends.
    pub days: u64,
}

/// `[throttle]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ThrottleConfig {
    /// Whether limits apply.
    pub enabled: bool,
}

/// `[work]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct WorkConfig {
    /// Iterations of PBKDF2-HMAC-SHA-256 that the least work takes on the average.
    pub effort: u32,
    /// Whether a picture may be read where work alone is asked for.
    pub picture_instead: bool,
}

/// `[policy]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyConfig {
    /// Whether more is asked for when the moment needs it.
    pub adaptive: bool,
    /// So many failures of one address in quick succession raise what it is asked for by a step.
    pub failures: u64,
    /// One failure is forgotten in this time.
    pub forget_seconds: u64,
    /// This share of failures on a site raises what everybody there is asked for by a step.
    pub failure_percent: u64,
    /// A site that is asked for more challenges than these is under attack.
    pub attack_per_minute: u64,
}

/// `[login]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct LoginConfig {
    /// What its pages are called.
    pub name: String,
    /// A picture beside the name, instead of Inkgate's mark.
    pub logo: Option<PathBuf>,
    /// Style of the picture.
    pub style: String,
    /// When the picture is asked.
    pub captcha: When,
    /// Failures in a row before it is asked after failures.
    pub captcha_after_failures: u32,
    /// Failures of all strangers in a minute or two before it is asked under attack.
    pub captcha_after_attack: u64,
    /// Whether visitors may make accounts.
    pub registration: bool,
}

/// `[mail]`
#[derive(Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// The server that takes mail, as a URL.
    pub smtp: Option<String>,
    /// Whom it is from.
    pub from: Option<String>,
    /// A file with the password, where the URL has a user name.
    pub password_file: Option<PathBuf>,
}

/// The URL may carry a password.
impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailConfig")
            .field("smtp", &self.smtp.is_some())
            .field("from", &self.from)
            .field("password_file", &self.password_file)
            .finish()
    }
}

/// `[pages]`
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct PagesConfig {
    /// The newpage site.
    pub newpage: NewpageConfig,
    /// The member site.
    pub member: MemberConfig,
}

/// `[pages.newpage]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct NewpageConfig {
    /// Language until the visitor chooses.
    #[serde(deserialize_with = "lang")]
    pub lang: Lang,
}

/// `[pages.member]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct MemberConfig {
    /// Language until the visitor chooses.
    #[serde(deserialize_with = "lang")]
    pub lang: Lang,
    /// Style of the picture.
    pub style: String,
    /// When the picture is asked; after how many failures, `[login]` says.
    pub captcha: When,
}

/// `[style.NAME]`
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct StyleConfig {
    /// A TTF or OTF file to draw with instead of the built-in faces.
    pub font_path: Option<PathBuf>,
    /// TTF or OTF files to draw with beside the others.
    pub faces: Vec<PathBuf>,
}

/// The most faces that may be added to a style.
const MOST_FACES: usize = 16;

impl Default for Config {
    fn default() -> Self {
        Self {
            profile: Profile::Production,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_listen: None,
            public_url: None,
            cookie_domain: None,
            insecure_http: false,
            trusted_proxies: Vec::new(),
            data: PathBuf::from("inkgate-data"),
            store: StoreAddress::Sqlite(None),
            members: None,
            ticket: TicketConfig::default(),
            token: TokenConfig::default(),
            session: SessionConfig::default(),
            remember: RememberConfig::default(),
            throttle: ThrottleConfig::default(),
            work: WorkConfig::default(),
            policy: PolicyConfig::default(),
            login: LoginConfig::default(),
            mail: MailConfig::default(),
            pages: PagesConfig::default(),
            style: BTreeMap::new(),
            site: Vec::new(),
        }
    }
}

impl Default for TicketConfig {
    fn default() -> Self {
        Self { ttl_seconds: 300 }
    }
}

impl Default for TokenConfig {
    fn default() -> Self {
        Self { ttl_seconds: 120 }
    }
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            idle_seconds: 1_800,
            absolute_seconds: 43_200,
        }
    }
}

impl Default for RememberConfig {
    fn default() -> Self {
        Self { days: 7 }
    }
}

impl Default for ThrottleConfig {
    fn default() -> Self {
        Self { enabled: true }
    }
}

impl Default for WorkConfig {
    fn default() -> Self {
        Self {
            effort: 1_000_000,
            picture_instead: true,
        }
    }
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self {
            adaptive: true,
            failures: 3,
            forget_seconds: 120,
            failure_percent: 50,
            attack_per_minute: 1_200,
        }
    }
}

impl Default for LoginConfig {
    fn default() -> Self {
        Self {
            name: "Inkgate".to_owned(),
            logo: None,
            style: "ink".to_owned(),
            captcha: When::AfterFailures,
            captcha_after_failures: 3,
            captcha_after_attack: 100,
            registration: false,
        }
    }
}

impl Default for NewpageConfig {
    fn default() -> Self {
        Self { lang: Lang::ZhHans }
    }
}

impl Default for MemberConfig {
    fn default() -> Self {
        Self {
            lang: Lang::ZhHant,
            style: "member".to_owned(),
            captcha: When::Always,
        }
    }
}

impl Config {
    /// How long a ticket lives.
    pub fn ticket_life(&self) -> Duration {
        Duration::from_secs(self.ticket.ttl_seconds)
    }

    /// How long a token lives.
    pub fn token_life(&self) -> Duration {
        Duration::from_secs(self.token.ttl_seconds)
    }

    /// What keeps members and sites: `members`, else the store, else, since Redis keeps none, the data folder.
    pub fn members_address(&self) -> StoreAddress {
        match (&self.members, &self.store) {
            (Some(members), _) => members.clone(),
            (None, StoreAddress::Redis(_)) => StoreAddress::Sqlite(None),
            (None, store) => store.clone(),
        }
    }

    /// Whether the vendors' test keys are known and answers are told.
    pub fn is_for_tests(&self) -> bool {
        self.profile == Profile::Test
    }

    /// The sites of the configuration.
    pub(crate) fn sites(&self) -> Result<Vec<NewSite>, ConfigError> {
        site::sites(&self.site)
    }

    /// Whether visitors come by https, as `public_url` says.
    pub fn is_secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// Where visitors reach this installation, without a slash at the end.
    pub fn origin(&self) -> String {
        match &self.public_url {
            Some(url) => url.origin(),
            None => format!("http://{}", self.listen),
        }
    }

    /// Whether a host, in lower case, is the gate's domain or under it.
    pub(crate) fn is_under_gate(&self, host: &str) -> bool {
        let domain = self.cookie_domain.as_deref();
        domain.is_some_and(|domain| match host.strip_suffix(domain) {
            Some("") => true,
            Some(before) => before.ends_with('.') && before.len() > 1,
            None => false,
        })
    }

    /// Whether serving with these settings keeps passwords from travelling readable beyond this
    /// machine, or the operator has said that they may (SES-07).
    pub fn check_reach(&self) -> Result<(), ConfigError> {
        if self.is_for_tests() && (!self.listen.ip().is_loopback() || self.public_url.is_some()) {
            return Err(ConfigError(
                "profile: \"test\" tells answers, so nobody else may reach it: listen on loopback and \
                 set no public_url"
                    .to_owned(),
            ));
        }
        if self.listen.ip().is_loopback() || self.is_secure() || self.insecure_http {
            return Ok(());
        }
        Err(ConfigError(format!(
            "listen: {} can be reached from other machines; set public_url to the https address of \
             the proxy in front, or give --insecure-http",
            self.listen
        )))
    }

    fn check(&self) -> Result<(), ConfigError> {
        within("ticket.ttl_seconds", self.ticket.ttl_seconds, 30, 3_600)?;
        within("token.ttl_seconds", self.token.ttl_seconds, 30, 3_600)?;
        within(
            "session.idle_seconds",
            self.session.idle_seconds,
            60,
            86_400,
        )?;
        within(
            "session.absolute_seconds",
            self.session.absolute_seconds,
            self.session.idle_seconds,
            30 * 86_400,
        )?;
        within("remember.days", self.remember.days, 1, 30)?;
        within("work.effort", self.work.effort.into(), 3_200, 100_000_000)?;
        within("policy.failures", self.policy.failures, 1, 1_000)?;
        within(
            "policy.forget_seconds",
            self.policy.forget_seconds,
            4,
            3_600,
        )?;
        within(
            "policy.failure_percent",
            self.policy.failure_percent,
            10,
            100,
        )?;
        within(
            "policy.attack_per_minute",
            self.policy.attack_per_minute,
            1,
            1_000_000,
        )?;
        if let Some(StoreAddress::Redis(_)) = self.members {
            return Err(ConfigError(
                "members: Redis keeps no members; give \"sqlite\" or a postgres:// address"
                    .to_owned(),
            ));
        }
        for (name, style) in &self.style {
            if Styles::standard().get(name).is_none() {
                return Err(ConfigError(format!(
                    "style.{name}: there is no such style; `inkgate styles` lists them"
                )));
            }
            if style.faces.len() > MOST_FACES {
                return Err(ConfigError(format!(
                    "style.{name}.faces: at most {MOST_FACES} can be added"
                )));
            }
        }
        for (key, style) in [
            ("pages.member.style", &self.pages.member.style),
            ("login.style", &self.login.style),
        ] {
            if Styles::standard().get(style).is_none() {
                return Err(ConfigError(format!(
                    "{key}: there is no style {style:?}; `inkgate styles` lists them"
                )));
            }
        }
        let name = self.login.name.trim();
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            return Err(ConfigError(
                "login.name: a name has 1 to 64 characters, all of them visible".to_owned(),
            ));
        }
        let after = u64::from(self.login.captcha_after_failures);
        within("login.captcha_after_failures", after, 1, 100)?;
        within(
            "login.captcha_after_attack",
            self.login.captcha_after_attack,
            1,
            1_000_000,
        )?;
        if let Some(domain) = &self.cookie_domain {
            let is_name = domain.contains('.')
                && !domain.starts_with('.')
                && domain
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
            let host = self.public_url.as_ref().map(PublicUrl::host);
            if !is_name || !host.is_some_and(|host| self.is_under_gate(host)) {
                return Err(ConfigError(
                    "cookie_domain: this is the domain, such as example.org, that public_url and the \
                     sites behind the gate have in common"
                        .to_owned(),
                ));
            }
        }
        if self.mail.smtp.is_some() != self.mail.from.is_some() {
            return Err(ConfigError(
                "mail: smtp and from belong together; set both or neither".to_owned(),
            ));
        }
        self.sites().map(|_| ())
    }
}

fn within(key: &str, value: u64, low: u64, high: u64) -> Result<(), ConfigError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError(format!(
            "{key}: {value} is not between {low} and {high}"
        )))
    }
}

/// A setting that cannot be used: one line that names the key and says what would do.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(line: String) -> Self {
        Self(line)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

fn lang<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Lang, D::Error> {
    let code = String::deserialize(deserializer)?;
    Lang::parse(&code).ok_or_else(|| {
        serde::de::Error::custom(format!("{code:?} is not one of zh-Hans, zh-Hant, en"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SES-07
    #[test]
    fn listening_beyond_loopback_needs_an_https_address_or_a_clear_wish() {
        let reach = |public_url: Option<&str>, insecure_http| {
            Config {
                listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
                public_url: public_url.map(|url| url.to_owned().try_into().unwrap()),
                insecure_http,
                ..Config::default()
            }
            .check_reach()
        };
        let error = reach(None, false).unwrap_err();
        assert!(error.0.contains("public_url"), "{error}");
        assert!(reach(Some("http://login.example.org"), false).is_err());
        assert!(reach(Some("https://login.example.org"), false).is_ok());
        assert!(reach(None, true).is_ok());
        assert!(Config::default().check_reach().is_ok());
    }

    /// C-40, SUP-10
    #[test]
    fn an_installation_for_tests_is_reached_from_this_machine_only() {
        let reach = |listen: [u8; 4], public_url: Option<&str>| {
            Config {
                profile: Profile::Test,
                listen: SocketAddr::from((listen, 8080)),
                public_url: public_url.map(|url| url.to_owned().try_into().unwrap()),
                insecure_http: true,
                ..Config::default()
            }
            .check_reach()
        };
        assert!(reach([127, 0, 0, 1], None).is_ok());
        for refused in [
            reach([0, 0, 0, 0], None),
            reach([192, 0, 2, 1], None),
            reach([127, 0, 0, 1], Some("https://captcha.example.org")),
        ] {
            assert!(refused.unwrap_err().0.starts_with("profile: "));
        }
    }
}
