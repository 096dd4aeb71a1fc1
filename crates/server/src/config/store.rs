//! Where things are kept: `store` and `members`.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;

/// The address of a store. Its `Debug` shows no name or password.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub enum StoreAddress {
    /// `memory`: the process's memory.
    Memory,
    /// `sqlite`, or `sqlite:FOLDER`: files in the data folder, or in another.
    Sqlite(Option<PathBuf>),
    /// `postgres://…`
    Postgres(String),
    /// `redis://…`, `rediss://…`, and each with `+sentinel` or `+cluster`.
    Redis(String),
    /// `file:PATH`: the address stands in a file, as secrets do. Gone once the configuration is loaded.
    File(PathBuf),
}

impl StoreAddress {
    /// The folder of a SQLite store.
    pub fn folder<'a>(&'a self, data: &'a Path) -> Option<&'a Path> {
        match self {
            Self::Sqlite(folder) => Some(folder.as_deref().unwrap_or(data)),
            _ => None,
        }
    }

    /// Reads the file, where the address stands in one.
    pub(super) fn resolve(&mut self, key: &str) -> Result<(), ConfigError> {
        if let Self::File(path) = self {
            let shown = path.display();
            let text = std::fs::read_to_string(&*path)
                .map_err(|error| ConfigError(format!("{key}: {shown}: cannot be read: {error}")))?;
            *self = match Self::try_from(text.trim().to_owned()) {
                Ok(Self::File(_)) | Err(_) => {
                    return Err(ConfigError(format!("{key}: {shown}: holds no {KINDS}")));
                }
                Ok(address) => address,
            };
        }
        Ok(())
    }
}

const KINDS: &str = "\"sqlite\", \"memory\", postgres://…, redis://… or rediss://…";

impl TryFrom<String> for StoreAddress {
    type Error = String;

    /// What is wrong never repeats the text, which may hold a password.
    fn try_from(text: String) -> Result<Self, String> {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        match (text.as_str(), scheme) {
            ("memory", _) => Ok(Self::Memory),
            ("sqlite", _) => Ok(Self::Sqlite(None)),
            (_, Some("postgres" | "postgresql")) => Ok(Self::Postgres(text)),
            (_, Some(scheme)) if is_redis(scheme) => Ok(Self::Redis(text)),
            (_, None) => match text.split_once(':') {
                Some(("sqlite", folder)) if !folder.is_empty() => {
                    Ok(Self::Sqlite(Some(folder.into())))
                }
                Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
                _ => Err(format!("it is none of {KINDS}")),
            },
            _ => Err(format!("it is none of {KINDS}")),
        }
    }
}

fn is_redis(scheme: &str) -> bool {
    let (first, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
    matches!(first, "redis" | "rediss") && matches!(kind, "" | "sentinel" | "cluster")
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("Memory"),
            Self::Sqlite(folder) => f.debug_tuple("Sqlite").field(folder).finish(),
            Self::Postgres(_) => f.write_str("Postgres"),
            Self::Redis(_) => f.write_str("Redis"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<StoreAddress, String> {
        StoreAddress::try_from(text.to_owned())
    }

    #[test]
    fn an_address_says_what_keeps_things() {
        assert_eq!(address("memory"), Ok(StoreAddress::Memory));
        assert_eq!(address("sqlite"), Ok(StoreAddress::Sqlite(None)));
        let elsewhere = address("sqlite:/srv/ink").unwrap();
        assert_eq!(
            elsewhere.folder(Path::new("data")),
            Some(Path::new("/srv/ink"))
        );
        for url in ["postgres://a/b", "postgresql://a/b"] {
            assert!(matches!(address(url), Ok(StoreAddress::Postgres(_))));
        }
        for url in [
            "redis://a",
            "rediss://a",
            "redis+sentinel://a/b",
            "rediss+cluster://a",
        ] {
            assert!(matches!(address(url), Ok(StoreAddress::Redis(_))));
        }
        for bad in [
            "",
            "sql",
            "sqlite:",
            "file:",
            "mysql://a",
            "redis+moon://a",
            "sqlite+x://a",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    /// LOG-02
    #[test]
    fn an_address_does_not_show_its_password() {
        for url in ["postgres://ann:s3cret@a/b", "redis://:s3cret@a"] {
            assert!(!format!("{:?}", address(url)).contains("s3cret"));
        }
        let refused = address("mysql://ann:s3cret@a/b").unwrap_err();
        assert!(!refused.contains("s3cret"), "{refused}");
    }

    #[test]
    fn an_address_may_stand_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store");
        let resolve = |text: &str| {
            std::fs::write(&file, text).unwrap();
            let mut address = address(&format!("file:{}", file.display())).unwrap();
            address.resolve("store").map(|()| address)
        };
        assert_eq!(
            resolve("redis://a\n"),
            Ok(StoreAddress::Redis("redis://a".to_owned()))
        );
        let refused = resolve("s3cret").unwrap_err().to_string();
        assert!(
            refused.starts_with("store: ") && !refused.contains("s3cret"),
            "{refused}"
        );
        assert!(resolve(&format!("file:{}", file.display())).is_err());
        std::fs::remove_file(&file).unwrap();
        let mut gone = address(&format!("file:{}", file.display())).unwrap();
        assert!(
            gone.resolve("store")
                .unwrap_err()
                .to_string()
                .contains("cannot be read")
        );
    }
}
