//! Style sheet, scripts and mark: compiled in, at addresses that carry a digest of the content.

use std::fmt::Write as _;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// What the pages load. A file's address changes with its content, so it may be kept for ever.
#[derive(Debug)]
pub(crate) struct Assets(Vec<Asset>);

#[derive(Debug)]
struct Asset {
    name: &'static str,
    url: String,
    kind: &'static str,
    bytes: Bytes,
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! file {
    ($name:literal, $kind:ident) => {
        Asset::new(
            $name,
            $kind,
            include_bytes!(concat!("../../assets/", $name)).as_slice(),
        )
    };
}

macro_rules! script_with {
    ($module:expr, $name:literal) => {
        Asset::importing(
            &$module,
            $name,
            include_str!(concat!("../../assets/", $name)),
        )
    };
}

impl Assets {
    /// Computes the addresses.
    pub(crate) fn new() -> Self {
        let picture = file!("picture.js", SCRIPT);
        Self(vec![
            file!("inkgate.css", CSS),
            script_with!(picture, "newpage.js"),
            script_with!(picture, "member.js"),
            script_with!(picture, "login.js"),
            picture,
            file!("reveal.js", SCRIPT),
            file!("mark.svg", SVG),
        ])
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
    pub(crate) fn get(&self, url: &str) -> Option<(&'static str, Bytes)> {
        let asset = self.0.iter().find(|asset| asset.url == url)?;
        Some((asset.kind, asset.bytes.clone()))
    }
}

impl Asset {
    fn new(name: &'static str, kind: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let (stem, extension) = name.rsplit_once('.').expect("every file has an extension");
        let mut digest = String::new();
        for byte in &Sha256::digest(&bytes)[..8] {
            write!(digest, "{byte:02x}").expect("a String takes everything");
        }
        Self {
            name,
            url: format!("/assets/{stem}.{digest}.{extension}"),
            kind,
            bytes,
        }
    }

    /// A script that imports another, which it has to find at its real address.
    fn importing(module: &Self, name: &'static str, text: &str) -> Self {
        let text = text.replace(&format!("./{}", module.name), &module.url);
        Self::new(name, SCRIPT, text)
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
            "picture.js",
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
        let one = Asset::new("a.css", CSS, "one");
        let two = Asset::new("a.css", CSS, "two");
        assert_ne!(one.url, two.url);
        assert!(one.url.starts_with("/assets/a.") && one.url.ends_with(".css"));
    }

    #[test]
    fn a_script_imports_another_at_its_address_and_changes_with_it() {
        let assets = Assets::new();
        for name in ["newpage.js", "member.js"] {
            let (_, bytes) = assets.get(assets.url(name)).unwrap();
            let text = String::from_utf8(bytes.into()).unwrap();
            let import = format!("from \"{}\";", assets.url("picture.js"));
            assert!(text.contains(&import), "{name}");
        }
        let importing = |text| {
            let module = Asset::new("b.js", SCRIPT, text);
            Asset::importing(&module, "a.js", "import \"./b.js\";").url
        };
        assert_ne!(importing("one"), importing("two"));
    }

    #[test]
    fn the_style_sheet_stays_small() {
        let assets = Assets::new();
        let (_, css) = assets.get(assets.url("inkgate.css")).unwrap();
        assert!(css.len() < 12_000, "{} bytes", css.len());
    }
}
