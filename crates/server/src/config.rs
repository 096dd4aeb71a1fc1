//! What the operator decides: one TOML file, the environment over it, checked once at start.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::Uri;
use inkgate::Styles;
use ipnet::IpNet;
use serde::Deserialize;

use crate::pages::Lang;

/// The commented default file: the reference of every key.
pub const DEFAULT_FILE: &str = include_str!("default.toml");

/// The name of the configuration file inside the data folder.
pub const FILE_NAME: &str = "inkgate.toml";

/// All settings. [`Config::load`] reads and checks them; afterwards they are only read.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address that visitors use, if a proxy stands in front.
    pub public_url: Option<PublicUrl>,
    /// Listen beyond loopback without TLS.
    pub insecure_http: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Folder for keys and databases.
    pub data: PathBuf,
    /// Which store remembers.
    pub store: StoreKind,
    /// Life of a ticket.
    pub ticket: TicketConfig,
    /// Life of a session.
    pub session: SessionConfig,
    /// Life of a remember-me login.
    pub remember: RememberConfig,
    /// Throttles.
    pub throttle: ThrottleConfig,
    /// The two sites.
    pub pages: PagesConfig,
    /// Overrides for styles, by name.
    pub style: BTreeMap<String, StyleConfig>,
}

/// Which store remembers used tickets, sessions and members.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// Files in the data folder.
    Sqlite,
    /// The process's memory.
    Memory,
}

/// `[ticket]`
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct TicketConfig {
    /// Seconds that a visitor has for one picture.
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
}

/// `[style.NAME]`
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct StyleConfig {
    /// A TTF or OTF file to draw with instead of the built-in faces.
    pub font_path: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            insecure_http: false,
            trusted_proxies: Vec::new(),
            data: PathBuf::from("inkgate-data"),
            store: StoreKind::Sqlite,
            ticket: TicketConfig::default(),
            session: SessionConfig::default(),
            remember: RememberConfig::default(),
            throttle: ThrottleConfig::default(),
            pages: PagesConfig::default(),
            style: BTreeMap::new(),
        }
    }
}

impl Default for TicketConfig {
    fn default() -> Self {
        Self { ttl_seconds: 300 }
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
        }
    }
}

/// Where settings come from; what the command line says wins over all of it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--config FILE`; a file that is missing is an error.
    pub file: Option<PathBuf>,
    /// `--data DIR`.
    pub data: Option<PathBuf>,
    /// `--listen ADDRESS`.
    pub listen: Option<SocketAddr>,
    /// `--insecure-http`.
    pub insecure_http: bool,
    /// The environment: the variables that begin with `INKGATE_`.
    pub environment: BTreeMap<String, String>,
}

impl Sources {
    /// The process's environment and nothing else.
    pub fn from_environment() -> Self {
        Self {
            environment: std::env::vars_os()
                .filter_map(|(key, value)| {
                    Some((key.into_string().ok()?, value.into_string().ok()?))
                })
                .filter(|(key, _)| key.starts_with(PREFIX))
                .collect(),
            ..Self::default()
        }
    }
}

const PREFIX: &str = "INKGATE_";

/// Variables that are not keys of the file.
const RESERVED: [&str; 2] = ["INKGATE_KEYS", "INKGATE_LOG"];

/// The keys that the environment may set; besides, `style.NAME.font_path` of every style.
const KEYS: [&str; 14] = [
    "listen",
    "public_url",
    "insecure_http",
    "trusted_proxies",
    "data",
    "store",
    "ticket.ttl_seconds",
    "session.idle_seconds",
    "session.absolute_seconds",
    "remember.days",
    "throttle.enabled",
    "pages.newpage.lang",
    "pages.member.lang",
    "pages.member.style",
];

/// Every key that the environment may set, by the name of its variable.
fn variables() -> BTreeMap<String, String> {
    let styles = Styles::standard();
    let fonts = styles
        .iter()
        .map(|style| format!("style.{}.font_path", style.name));
    let keys = KEYS.iter().map(|key| (*key).to_owned()).chain(fonts);
    keys.map(|key| (variable(&key), key)).collect()
}

impl Config {
    /// Reads the file, lays the environment and the command line over it, and checks all of it.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let mut table = match file_of(sources) {
            Some(path) => read_file(&path)?,
            None => toml::Table::new(),
        };
        let variables = variables();
        for (name, value) in &sources.environment {
            match variables.get(name) {
                Some(key) => set(&mut table, key, environment_value(name, key, value)?),
                // Orchestrators inject variables of their own after a service's name
                // (INKGATE_PORT, INKGATE_SERVICE_HOST), so this cannot be an error.
                None if !RESERVED.contains(&name.as_str()) => {
                    tracing::warn!(%name, "ignored: no setting has this name");
                }
                None => {}
            }
        }
        let mut config: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError(one_line(error.message())))?;
        if let Some(data) = &sources.data {
            config.data.clone_from(data);
        }
        if let Some(listen) = sources.listen {
            config.listen = listen;
        }
        config.insecure_http |= sources.insecure_http;
        config.check()?;
        Ok(config)
    }

    /// How long a ticket lives.
    pub fn ticket_life(&self) -> Duration {
        Duration::from_secs(self.ticket.ttl_seconds)
    }

    /// Whether visitors come by https, as `public_url` says.
    pub fn is_secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// Whether serving with these settings keeps passwords from travelling readable beyond this
    /// machine, or the operator has said that they may (SES-07).
    pub fn check_reach(&self) -> Result<(), ConfigError> {
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
        for name in self.style.keys() {
            if Styles::standard().get(name).is_none() {
                return Err(ConfigError(format!(
                    "style.{name}: there is no such style; `inkgate styles` lists them"
                )));
            }
        }
        let style = &self.pages.member.style;
        if Styles::standard().get(style).is_none() {
            return Err(ConfigError(format!(
                "pages.member.style: there is no style {style:?}; `inkgate styles` lists them"
            )));
        }
        Ok(())
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

/// `--config`, or the file in the data folder if there is one.
fn file_of(sources: &Sources) -> Option<PathBuf> {
    if let Some(file) = &sources.file {
        return Some(file.clone());
    }
    let data = sources
        .data
        .clone()
        .or_else(|| sources.environment.get("INKGATE_DATA").map(PathBuf::from))
        .unwrap_or_else(|| Config::default().data);
    Some(data.join(FILE_NAME)).filter(|file| file.exists())
}

fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError(format!("{shown}: cannot be read: {error}")))?;
    let located = |error: toml::de::Error| {
        let line = error
            .span()
            .map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        ConfigError(format!("{shown}:{line}: {}", one_line(error.message())))
    };
    // Parsed as settings first, because only then an error knows its line.
    toml::from_str::<Config>(&text).map_err(located)?;
    toml::from_str(&text).map_err(located)
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `ticket.ttl_seconds` is `INKGATE_TICKET_TTL_SECONDS` in the environment.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}

/// The value as the key's type takes it: written as in the file, or as bare text.
fn environment_value(name: &str, key: &str, text: &str) -> Result<toml::Value, ConfigError> {
    let written = toml::from_str::<toml::Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut table| table.remove("value"));
    let bare = toml::Value::String(text.to_owned());
    let mut why = String::new();
    for value in written.into_iter().chain([bare]) {
        let mut table = toml::Table::new();
        set(&mut table, key, value.clone());
        match table.try_into::<Config>() {
            Ok(_) => return Ok(value),
            Err(error) if why.is_empty() => why = one_line(error.message()),
            Err(_) => {}
        }
    }
    Err(ConfigError(format!("{name}: {why}")))
}

fn set(table: &mut toml::Table, key: &str, value: toml::Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = table
                .entry(section)
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

/// A setting that cannot be used: one line that names the key and says what would do.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// The address that visitors use: scheme and host, nothing behind it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct PublicUrl {
    https: bool,
    authority: String,
}

impl PublicUrl {
    /// Whether it is an `https` address.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, without a port.
    pub fn host(&self) -> &str {
        crate::http::host::without_port(&self.authority)
    }

    /// The origin as browsers write it: `https://login.example.org`.
    pub fn origin(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let refused =
            || format!("public_url: {text:?} is not an address such as https://login.example.org");
        let uri: Uri = text.parse().map_err(|_| refused())?;
        let authority = uri.authority().ok_or_else(refused)?;
        let bare = uri.path().trim_end_matches('/').is_empty() && uri.query().is_none();
        match uri.scheme_str() {
            Some(scheme @ ("https" | "http")) if bare && !authority.as_str().contains('@') => {
                Ok(Self {
                    https: scheme == "https",
                    authority: authority.as_str().to_ascii_lowercase(),
                })
            }
            _ => Err(refused()),
        }
    }
}

/// An address or a CIDR range.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Network(IpNet);

impl Network {
    /// Whether the address is in it; an IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(Self)
            .map_err(|_| {
                format!("trusted_proxies: {text:?} is not an address or a range such as 10.0.0.0/8")
            })
    }
}

fn lang<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Lang, D::Error> {
    let code = String::deserialize(deserializer)?;
    Lang::parse(&code).ok_or_else(|| {
        serde::de::Error::custom(format!("{code:?} is not one of zh-Hans, zh-Hant, en"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inkgate.toml");
        std::fs::write(&file, text).unwrap();
        Config::load(&Sources {
            file: Some(file),
            ..Sources::default()
        })
    }

    fn with_environment(name: &str, value: &str) -> Result<Config, ConfigError> {
        Config::load(&Sources {
            environment: BTreeMap::from([(name.to_owned(), value.to_owned())]),
            data: Some(PathBuf::from("/nonexistent")),
            ..Sources::default()
        })
    }

    #[test]
    fn the_default_file_says_what_the_defaults_are() {
        assert_eq!(with_file(DEFAULT_FILE).unwrap(), Config::default());
    }

    #[test]
    fn the_default_file_names_every_key_and_the_environment_reaches_it() {
        for key in KEYS {
            let name = key.rsplit('.').next().unwrap();
            assert!(DEFAULT_FILE.contains(&format!("{name} = ")), "{key}");
        }
        let table: toml::Table = toml::from_str(DEFAULT_FILE).unwrap();
        let mut found = Vec::new();
        leaves("", &table, &mut found);
        for key in found {
            assert!(KEYS.contains(&key.as_str()), "{key}");
        }
    }

    fn leaves(path: &str, table: &toml::Table, found: &mut Vec<String>) {
        for (name, value) in table {
            let path = format!("{path}{name}");
            match value {
                toml::Value::Table(inner) => leaves(&format!("{path}."), inner, found),
                _ => found.push(path),
            }
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = with_environment("INKGATE_TICKET_TTL_SECONDS", "60").unwrap();
        assert_eq!(config.ticket.ttl_seconds, 60);
        let config = with_environment("INKGATE_THROTTLE_ENABLED", "false").unwrap();
        assert!(!config.throttle.enabled);
        let config = with_environment("INKGATE_TRUSTED_PROXIES", "[\"10.0.0.0/8\"]").unwrap();
        assert_eq!(config.trusted_proxies.len(), 1);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_and_line_key_06() {
        let error = with_file("store = \"memory\"\nlissten = \"x\"\n").unwrap_err();
        let error = error.to_string();
        assert!(error.contains(":2: unknown field `lissten`"), "{error}");
        assert!(!error.contains('\n'));
    }

    #[test]
    fn lives_outside_their_bounds_are_refused_naming_the_key_cap_06() {
        for seconds in ["0", "29", "3601"] {
            let error = with_environment("INKGATE_TICKET_TTL_SECONDS", seconds).unwrap_err();
            assert!(error.0.contains("ticket.ttl_seconds"), "{error}");
        }
        assert!(with_environment("INKGATE_REMEMBER_DAYS", "0").is_err());
        assert!(with_environment("INKGATE_SESSION_ABSOLUTE_SECONDS", "10").is_err());
    }

    #[test]
    fn a_variable_that_makes_no_sense_is_refused_by_its_name() {
        for (name, value) in [
            ("INKGATE_TICKET_TTL_SECONDS", "abc"),
            ("INKGATE_TICKET_TTL_SECONDS", "-1"),
            ("INKGATE_TICKET_TTL_SECONDS", "99999999999999999999"),
            ("INKGATE_LISTEN", "8080"),
            ("INKGATE_STORE", "paper"),
            ("INKGATE_THROTTLE_ENABLED", "maybe"),
            ("INKGATE_PAGES_MEMBER_LANG", "tlh"),
        ] {
            let error = with_environment(name, value).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}: ")), "{error}");
            assert!(!error.contains('\n'));
        }
    }

    #[test]
    fn a_variable_takes_bare_text_that_looks_like_a_number() {
        let config = with_environment("INKGATE_STYLE_INK_FONT_PATH", "2026").unwrap();
        assert_eq!(config.style["ink"].font_path, Some(PathBuf::from("2026")));
    }

    #[test]
    fn listening_beyond_loopback_needs_an_https_address_or_a_clear_wish_ses_07() {
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

    #[test]
    fn a_public_url_is_an_origin() {
        let url = PublicUrl::try_from("https://Login.example.org:8443/".to_owned()).unwrap();
        assert_eq!(url.origin(), "https://login.example.org:8443");
        assert_eq!(url.host(), "login.example.org");
        for bad in [
            "",
            "login.example.org",
            "ftp://a",
            "https://a/b",
            "https://u@a",
            "https://",
        ] {
            assert!(PublicUrl::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
