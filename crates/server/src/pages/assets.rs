//! Style sheet, scripts and mark: compiled in, at addresses that carry a digest of the content.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// What the pages load. A file's address changes with its content, so it may be kept for ever.
#[derive(Debug)]
pub(crate) struct Assets(Vec<Asset>);

#[derive(Debug)]
struct Asset {
    name: &'static str,
    url: String,
    kind: &'static str,
    bytes: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! file {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../assets/", $name)).as_slice(),
        )
    };
}

impl Assets {
    /// Computes the addresses.
    pub(crate) fn new() -> Self {
        let files = [
            (file!("inkgate.css"), CSS),
            (file!("newpage.js"), SCRIPT),
            (file!("member.js"), SCRIPT),
            (file!("reveal.js"), SCRIPT),
            (file!("mark.svg"), SVG),
        ];
        Self(
            files
                .map(|((name, bytes), kind)| Asset::new(name, kind, bytes))
                .into(),
        )
    }

    /// The address of a file, such as `/assets/inkgate.<digest>.css`.
    ///
    /// # Panics
    ///
    /// If there is no such file: templates name them, and every template is rendered in a test.
    pub(crate) fn url(&self, name: &str) -> &str {
        let asset = self.0.iter().find(|asset| asset.name == name);
        &asset.expect("templates name files that exist").url
    }

    /// The file at an address: its content type and its bytes.
    pub(crate) fn get(&self, url: &str) -> Option<(&'static str, &'static [u8])> {
        let asset = self.0.iter().find(|asset| asset.url == url)?;
        Some((asset.kind, asset.bytes))
    }
}

impl Asset {
    fn new(name: &'static str, kind: &'static str, bytes: &'static [u8]) -> Self {
        let (stem, extension) = name.rsplit_once('.').expect("every file has an extension");
        let mut digest = String::new();
        for byte in &Sha256::digest(bytes)[..8] {
            write!(digest, "{byte:02x}").expect("a String takes everything");
        }
        Self {
            name,
            url: format!("/assets/{stem}.{digest}.{extension}"),
            kind,
            bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_served_at_its_address_and_nowhere_else() {
        let assets = Assets::new();
        for name in [
            "inkgate.css",
            "newpage.js",
            "member.js",
            "reveal.js",
            "mark.svg",
        ] {
            let (kind, bytes) = assets.get(assets.url(name)).unwrap();
            assert!(!bytes.is_empty() && kind.contains('/'), "{name}");
            assert_eq!(assets.get(&format!("/assets/{name}")), None);
        }
        assert_eq!(assets.get(""), None);
        assert_eq!(assets.get("/assets/../Cargo.toml"), None);
    }

    #[test]
    fn an_address_changes_with_the_content() {
        let one = Asset::new("a.css", CSS, b"one");
        let two = Asset::new("a.css", CSS, b"two");
        assert_ne!(one.url, two.url);
        assert!(one.url.starts_with("/assets/a.") && one.url.ends_with(".css"));
    }

    #[test]
    fn the_style_sheet_stays_small() {
        let assets = Assets::new();
        let (_, css) = assets.get(assets.url("inkgate.css")).unwrap();
        assert!(css.len() < 12_000, "{} bytes", css.len());
    }
}
