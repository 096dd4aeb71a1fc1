//! Where settings come from: the file, the environment over it, the command line over both.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use inkgate::Styles;

use super::{Config, ConfigError};

/// The name of the configuration file inside the data folder.
pub const FILE_NAME: &str = "inkgate.toml";

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
const RESERVED: [&str; 4] = [
    "INKGATE_AUDIT_LOG",
    "INKGATE_KEYS",
    "INKGATE_LOG",
    "INKGATE_LOG_FORMAT",
];

/// The keys that the environment may set; besides, `style.NAME.font_path` and `faces` of every style.
const KEYS: [&str; 37] = [
    "admin_listen",
    "profile",
    "listen",
    "public_url",
    "cookie_domain",
    "insecure_http",
    "trusted_proxies",
    "data",
    "store",
    "members",
    "ticket.ttl_seconds",
    "token.ttl_seconds",
    "session.idle_seconds",
    "session.absolute_seconds",
    "remember.days",
    "throttle.enabled",
    "work.effort",
    "work.picture_instead",
    "policy.adaptive",
    "policy.failures",
    "policy.forget_seconds",
    "policy.failure_percent",
    "policy.attack_per_minute",
    "login.name",
    "login.logo",
    "login.style",
    "login.captcha",
    "login.captcha_after_failures",
    "login.captcha_after_attack",
    "login.registration",
    "mail.smtp",
    "mail.from",
    "mail.password_file",
    "pages.member.captcha",
    "pages.newpage.lang",
    "pages.member.lang",
    "pages.member.style",
];

/// Every key that the environment may set, by the name of its variable.
fn variables() -> BTreeMap<String, String> {
    let styles = Styles::standard();
    let fonts = styles
        .iter()
        .flat_map(|style| ["font_path", "faces"].map(|key| format!("style.{}.{key}", style.name)));
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
                None if !RESERVED.contains(&name.as_str()) && !is_site_secret(name) => {
                    tracing::warn!(%name, "ignored: no setting has this name");
                }
                None => {}
            }
        }
        let mut config: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError(one_line(error.message())))?;
        config.store.resolve("store")?;
        if let Some(members) = &mut config.members {
            members.resolve("members")?;
        }
        for site in &mut config.site {
            site.learn_secret(&sources.environment)?;
        }
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
}

/// `INKGATE_SITE_SHOP_SECRET`: read by the site that has the name.
fn is_site_secret(name: &str) -> bool {
    name.starts_with("INKGATE_SITE_") && name.ends_with("_SECRET")
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
        let before = &text[..error.span().map_or(0, |span| span.start)];
        let line = before.matches('\n').count();
        let key = text.lines().nth(line).and_then(|line| line.split_once('='));
        let key = key.map_or(String::new(), |(key, _)| format!("{}: ", key.trim()));
        let why = one_line(error.message());
        ConfigError(format!("{shown}:{}: {key}{why}", line + 1))
    };
    // Parsed as settings first, because only then an error knows its line.
    toml::from_str::<Config>(&text).map_err(located)?;
    let mut table = toml::from_str(&text).map_err(located)?;
    find_fonts_beside(path, &mut table);
    Ok(table)
}

/// Relative paths of fonts in the file at `path` begin where it lies.
fn find_fonts_beside(path: &Path, table: &mut toml::Table) {
    let folder = path.parent().unwrap_or(Path::new(""));
    let find = |font: &mut toml::Value| {
        if let toml::Value::String(text) = font {
            *text = folder.join(&*text).to_string_lossy().into_owned();
        }
    };
    let styles = table.get_mut("style").and_then(toml::Value::as_table_mut);
    for (_, style) in styles.into_iter().flatten() {
        if let Some(font) = style.get_mut("font_path") {
            find(font);
        }
        if let Some(faces) = style.get_mut("faces").and_then(toml::Value::as_array_mut) {
            faces.iter_mut().for_each(find);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DEFAULT_FILE;

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

    /// KEY-06
    #[test]
    fn an_unknown_key_is_refused_by_name_and_line() {
        let error = with_file("store = \"memory\"\nlissten = \"x\"\n").unwrap_err();
        let error = error.to_string();
        assert!(error.contains(":2: lissten: unknown field"), "{error}");
        assert!(!error.contains('\n'));
        for (text, told) in [
            (
                "[ticket]\nttl_seconds = \"x\"\n",
                ":2: ttl_seconds: invalid type",
            ),
            ("listen = 1\n", ":1: listen: invalid type"),
            (
                "store = \"memory\"\nstore = \"sqlite\"\n",
                ":2: store: duplicate key",
            ),
            ("[remember]\ndays = -1\n", ":2: days: invalid value"),
        ] {
            let error = with_file(text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    /// CAP-06
    #[test]
    fn lives_outside_their_bounds_are_refused_naming_the_key() {
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
    fn faces_are_a_list_in_the_environment_too() {
        let faces = r#"["a.ttf", "/b.otf"]"#;
        let config = with_environment("INKGATE_STYLE_INK_FACES", faces).unwrap();
        assert_eq!(
            config.style["ink"].faces,
            ["a.ttf", "/b.otf"].map(PathBuf::from)
        );
        let error = with_environment("INKGATE_STYLE_INK_FACES", "a.ttf").unwrap_err();
        assert!(error.0.starts_with("INKGATE_STYLE_INK_FACES: "), "{error}");
        let many = format!("{:?}", ["a.ttf"; 17]);
        let error = with_environment("INKGATE_STYLE_INK_FACES", &many).unwrap_err();
        assert!(error.0.contains("style.ink.faces"), "{error}");
    }

    #[test]
    fn fonts_are_found_beside_the_file_that_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inkgate.toml");
        let text = "[style.ink]\nfont_path = \"a.ttf\"\nfaces = [\"more/b.ttf\", \"/c.ttf\"]\n";
        std::fs::write(&file, text).unwrap();
        let config = Config::load(&Sources {
            file: Some(file),
            ..Sources::default()
        });
        let ink = &config.unwrap().style["ink"];
        assert_eq!(ink.font_path, Some(folder.path().join("a.ttf")));
        let faces = [folder.path().join("more/b.ttf"), "/c.ttf".into()];
        assert_eq!(ink.faces, faces);
    }
}
