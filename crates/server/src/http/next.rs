//! Where to go after signing in: a path on this site or nowhere.

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

#[cfg(test)]
mod tests {
    use super::*;

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
