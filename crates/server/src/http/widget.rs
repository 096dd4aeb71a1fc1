//! `GET /api.js` and the vendors' paths: the widget, alone or with a vendor's page interface.

use std::fmt::Write as _;
use std::future::ready;
use std::io::Write as _;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::state::AppState;

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../../../../widget/", $name))
    };
}

const CORE: &str = file!("inkgate.js");
const SETTINGS: &str = file!("settings.js");
const VENDOR: &str = file!("vendor.js");

/// Every path with the files that it sends as one: pages use a vendor's global as soon as its one
/// script has run, so none of them may be fetched later.
const SCRIPTS: [(&str, &[&str]); 4] = [
    ("/api.js", &[CORE]),
    (
        "/recaptcha/api.js",
        &[CORE, SETTINGS, VENDOR, file!("recaptcha.js")],
    ),
    ("/1/api.js", &[CORE, SETTINGS, VENDOR, file!("hcaptcha.js")]),
    (
        "/turnstile/v0/api.js",
        &[CORE, SETTINGS, VENDOR, file!("turnstile.js")],
    ),
];

/// What a page or its worker loads where a machine is to work.
const WORK: (&str, &[&str]) = ("/work.js", &[file!("work.js")]);

/// The routes of all scripts.
pub(crate) fn routes() -> Router<AppState> {
    let scripts = SCRIPTS.iter().chain([&WORK]);
    scripts.fold(Router::new(), |router, (path, files)| {
        let script = Script::of(files);
        let send = move |headers: HeaderMap| ready(script.send(&headers));
        router.route(path, get(send))
    })
}

/// A script as it is sent, compressed once and for all.
#[derive(Clone, Debug)]
struct Script {
    plain: Bytes,
    compressed: Bytes,
    tag: HeaderValue,
}

impl Script {
    fn of(files: &[&str]) -> Self {
        let plain = files.join("\n");
        let mut tag = String::from("W/\"");
        for byte in &Sha256::digest(&plain)[..8] {
            write!(tag, "{byte:02x}").expect("a String takes everything");
        }
        tag.push('"');
        Self {
            compressed: gzip(plain.as_bytes()).into(),
            plain: plain.into(),
            tag: HeaderValue::from_str(&tag).expect("hexadecimal digits and quotes"),
        }
    }

    /// The address stays the same when the widget changes, so it is asked again after an hour; any
    /// site may load it.
    fn send(&self, asked: &HeaderMap) -> Response {
        let tags = asked.get_all(header::IF_NONE_MATCH).iter();
        let mut tags = tags.flat_map(|tags| tags.as_bytes().split(|&c| c == b','));
        let is_known = tags.any(|tag| tag.trim_ascii() == self.tag.as_bytes());
        let is_compressed = takes_gzip(asked);
        let kept = [
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=3600"),
            ),
            (header::ETAG, self.tag.clone()),
            (header::VARY, HeaderValue::from_static("Accept-Encoding")),
            (
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                HeaderValue::from_static("*"),
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("cross-origin"),
            ),
        ];
        if is_known {
            return (StatusCode::NOT_MODIFIED, kept).into_response();
        }
        let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
        if is_compressed {
            let coding = [(header::CONTENT_ENCODING, "gzip")];
            return (kept, kind, coding, self.compressed.clone()).into_response();
        }
        (kept, kind, self.plain.clone()).into_response()
    }
}

/// RFC 9110 section 12.5.3; what is weighed with nothing is refused.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let codings = asked.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = codings
        .filter_map(|codings| codings.to_str().ok())
        .flat_map(|codings| codings.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        is_gzip && weight != Some(0.0)
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("a Vec takes everything")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(files: &[&str]) -> usize {
        gzip(files.join("\n").as_bytes()).len()
    }

    #[test]
    fn the_widget_stays_within_12_kb_and_each_vendor_s_files_within_4() {
        assert!(size(&[CORE]) <= 12_000, "{} bytes", size(&[CORE]));
        for (path, files) in &SCRIPTS[1..] {
            let added = &files[1..];
            assert!(size(added) <= 4_000, "{path}: {} bytes", size(added));
            for file in added {
                assert!(file.len() <= 4_000, "{path}: {} bytes", file.len());
            }
        }
    }

    /// C-34, WEB-12
    #[test]
    fn nothing_is_evaluated_framed_or_posted_to_other_windows() {
        for (path, files) in SCRIPTS {
            let script = files.join("\n");
            for word in [
                "eval(",
                "Function(",
                "innerHTML",
                "postMessage",
                "iframe",
                "document.write",
                "style=",
            ] {
                assert!(!script.contains(word), "{path}: {word}");
            }
        }
    }

    #[test]
    fn a_browser_that_knows_a_script_is_not_sent_it_again() {
        let script = Script::of(&[CORE]);
        let mut asked = HeaderMap::new();
        assert_eq!(script.send(&asked).status(), StatusCode::OK);
        asked.insert(header::IF_NONE_MATCH, HeaderValue::from_static("W/\"00\""));
        assert_eq!(script.send(&asked).status(), StatusCode::OK);
        asked.insert(header::IF_NONE_MATCH, script.tag.clone());
        assert_eq!(script.send(&asked).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_script_is_compressed_for_whoever_can_read_that() {
        let script = Script::of(&[CORE]);
        let coding = |accepted: &'static str| {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            script
                .send(&asked)
                .headers()
                .get(header::CONTENT_ENCODING)
                .cloned()
        };
        for yes in [
            "gzip",
            "br, gzip, zstd",
            "GZIP;q=0.5",
            "identity;q=0, gzip; q=1",
        ] {
            assert_eq!(coding(yes), Some(HeaderValue::from_static("gzip")), "{yes}");
        }
        for no in [
            "",
            "br",
            "gzip;q=0",
            "gzip; q=0.0, br",
            "notgzip",
            "identity",
        ] {
            assert_eq!(coding(no), None, "{no}");
        }
    }
}
