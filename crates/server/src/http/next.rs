//! Where to go after signing in: a path on this site or nowhere.

use axum::http::Uri;

use crate::config::{Config, PublicUrl};

/// The path if it surely stays on this site, else `None` (WEB-04, C-35).
///
/// Browsers strip tabs and line ends from addresses and read `\` as `/`, so `/\evil` and
/// `/<tab>/evil` leave the site: anything but plain visible ASCII is refused. Percent-encoding is
/// decoded once for the check, as a proxy might.
pub(crate) fn local_path(text: &str) -> Option<&str> {
    let decoded = percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .ok()?;
    let is_local = |path: &str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path
                .chars()
                .all(|c| !c.is_control() && !c.is_whitespace() && c != '\\')
    };
    let is_plain = text.len() <= 2_048 && text.bytes().all(|b| b.is_ascii_graphic());
    (is_plain && is_local(text) && is_local(&decoded)).then_some(text)
}

/// The text if it is a path on this site, or an address of it or of a site under `cookie_domain`,
/// by https where visitors come so (WEB-04).
pub(crate) fn way_back<'a>(config: &Config, text: &'a str) -> Option<&'a str> {
    if let Some(path) = local_path(text) {
        return Some(path);
    }
    let is_plain = text.len() <= 2_048 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let uri: Uri = is_plain.then_some(text)?.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let host = authority.host().to_ascii_lowercase();
    let is_host_and_port = !authority.as_str().contains('@') && !host.is_empty();
    let is_own = |public: &PublicUrl| public.host() == host;
    let is_near = config.public_url.as_ref().is_some_and(is_own) || config.is_under_gate(&host);
    let is_safe = scheme == "https" || scheme == "http" && !config.is_secure();
    (is_host_and_port && is_near && is_safe).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WEB-04
    #[test]
    fn only_a_site_under_the_gate_is_led_back_to() {
        let config = Config {
            public_url: Some("https://login.example.org".to_owned().try_into().unwrap()),
            cookie_domain: Some("example.org".to_owned()),
            ..Config::default()
        };
        for good in [
            "/member/",
            "https://app.example.org/",
            "https://app.example.org/a?b=c&d=%2f",
            "https://APP.example.org:8443/",
            "https://example.org/",
            "https://login.example.org/account",
        ] {
            assert_eq!(way_back(&config, good), Some(good));
        }
        for bad in [
            "",
            "http://app.example.org/",
            "https://evil.test/",
            "https://example.org.evil.test/",
            "https://evilexample.org/",
            "https://app.example.org@evil.test/",
            "https://user@app.example.org/",
            "https://evil.test\\.example.org/",
            "https:\\\\evil.test\\.example.org",
            "https:///app.example.org/",
            "//app.example.org/",
            "ftp://app.example.org/",
            "javascript://app.example.org/%0aalert(1)",
            "https://app.example.org/\n",
            "https://app.example.org/é",
            "https://.example.org.evil.test/",
        ] {
            assert_eq!(way_back(&config, bad), None, "{bad:?}");
        }
        let without = Config {
            cookie_domain: None,
            ..config
        };
        assert_eq!(way_back(&without, "https://app.example.org/"), None);
        let own = "https://login.example.org/app?x=1";
        assert_eq!(way_back(&without, own), Some(own));
    }

    #[test]
    fn only_a_path_on_this_site_is_followed_web_04() {
        for good in [
            "/",
            "/member/",
            "/member/?a=b#c",
            "/a//b",
            "/%E6%9C%83%E5%93%A1/",
            "/redirect?to=https://example.org/",
        ] {
            assert_eq!(local_path(good), Some(good));
        }
        for bad in [
            "",
            "member",
            "//e",
            "///e",
            "////e",
            "/\\e",
            "\\\\e",
            "\\/e",
            "/%5ce",
            "/%5Ce",
            "/%2f/e",
            "/%2fe",
            "%2f%2fe",
            "%2fe",
            "https:e",
            "https:/e",
            "https://e",
            "HTTPS://e",
            "http:///e",
            "javascript:alert(1)",
            "data:text/html,x",
            "mailto:a@b",
            "@e",
            "e@f",
            "/\t/e",
            "/%09/e",
            "/\n/e",
            "/%0a/e",
            "/%0d%0aSet-Cookie:a=b",
            "/\r/e",
            "/\0e",
            "/%00e",
            " /e",
            " //e",
            "/ /e",
            "/%20/e",
            "/\u{2028}/e",
            "/\u{a0}/e",
            "\u{ff0f}\u{ff0f}e",
            "/\u{202e}e",
            "/%ff",
            "/%c0%af",
            "?next=//e",
            "#//e",
            ".//e",
            "..//e",
            "/\u{7f}e",
        ] {
            assert_eq!(local_path(bad), None, "{bad:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(4_000))), None);
    }
}
