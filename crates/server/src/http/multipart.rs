//! `multipart/form-data` (RFC 7578), as far as back ends send it: text fields, no files. PHP's curl
//! and `fetch` with a `FormData` send their fields so.

use axum::http::HeaderMap;
use zeroize::Zeroizing;

use super::extract::media_type;
use crate::Error;

/// The boundary of a multipart body (RFC 2046 section 5.1.1); `None` if the body is none.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<String> {
    let (kind, parameters) = media_type(headers)?;
    let mut boundaries = parameters
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("boundary"));
    let (Some((_, value)), None) = (boundaries.next(), boundaries.next()) else {
        return None;
    };
    let value = value
        .strip_prefix('"')
        .map_or(Some(value), |rest| rest.strip_suffix('"'))?;
    let is_multipart = kind.eq_ignore_ascii_case("multipart/form-data")
        && (1..=70).contains(&value.len())
        && value
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&c));
    is_multipart.then(|| value.to_owned())
}

/// The fields of a body, in their order.
pub(crate) fn fields(
    boundary: &str,
    body: &[u8],
) -> Result<Vec<(String, Zeroizing<String>)>, Error> {
    let text = std::str::from_utf8(body)
        .ok()
        .and_then(|text| parts(boundary, text));
    text.ok_or(Error::BadRequest(
        "the multipart body is no list of text fields",
    ))
}

fn parts(boundary: &str, text: &str) -> Option<Vec<(String, Zeroizing<String>)>> {
    let delimiter = format!("\r\n--{boundary}");
    // What stands before the first part is for readers that know no parts.
    let mut rest = match text.strip_prefix(&delimiter[2..]) {
        Some(rest) => rest,
        None => text.split_once(&delimiter)?.1,
    };
    let mut fields = Vec::new();
    loop {
        if let Some(end) = rest.strip_prefix("--") {
            return matches!(end, "" | "\r\n").then_some(fields);
        }
        let (part, after) = rest.strip_prefix("\r\n")?.split_once(&delimiter)?;
        let (head, value) = part.split_once("\r\n\r\n")?;
        fields.push((name(head)?, Zeroizing::new(value.to_owned())));
        rest = after;
    }
}

/// The name in a part's `Content-Disposition`, which has nothing else: a file is no text.
fn name(head: &str) -> Option<String> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, value) = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))?;
    let (kind, parameter) = value.trim().split_once(';')?;
    let name = parameter.trim().strip_prefix("name=")?;
    let name = name
        .strip_prefix('"')
        .map_or(Some(name), |rest| rest.strip_suffix('"'))?;
    let is_field = kind.eq_ignore_ascii_case("form-data") && !name.contains(['"', ';']);
    is_field.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use axum::http::header::CONTENT_TYPE;

    const CURL: &str = "--X1\r\nContent-Disposition: form-data; name=\"secret\"\r\n\r\n0x00\r\n\
        --X1\r\nContent-Disposition: form-data; name=\"response\"\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\r\na-b_c\r\n2\r\n--X1--\r\n";

    fn read(boundary: &str, body: &str) -> Option<Vec<(String, String)>> {
        let fields = fields(boundary, body.as_bytes()).ok()?;
        let text = |(name, value): (String, Zeroizing<String>)| (name, value.to_string());
        Some(fields.into_iter().map(text).collect())
    }

    #[test]
    fn fields_are_read_as_clients_send_them() {
        let expected = [("secret", "0x00"), ("response", "a-b_c\r\n2")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read("X1", CURL).unwrap(), expected);
        assert_eq!(read("X1", CURL.trim_end()).unwrap(), expected);
        assert_eq!(read("X1", "--X1--\r\n").unwrap(), []);
        for preamble in ["\r\n", "This is a message in parts.\r\n", "a\r\nb\r\n"] {
            assert_eq!(read("X1", &format!("{preamble}{CURL}")).unwrap(), expected);
        }
        // What looks like a boundary within a line is none (RFC 2046 section 5.1.1).
        let within = format!("no line before{CURL}");
        assert_eq!(read("X1", &within).unwrap(), expected[1..]);
    }

    /// API-03
    #[test]
    fn a_body_that_is_cut_off_or_holds_a_file_is_refused() {
        for length in 0..CURL.trim_end().len() {
            assert_eq!(read("X1", &CURL[..length]), None, "{length}");
        }
        assert_eq!(read("X2", CURL), None);
        assert_eq!(read("X1", &format!("{CURL}x")), None);
        let file = CURL.replace("\"secret\"", "\"secret\"; filename=\"a\"");
        assert_eq!(read("X1", &file), None);
        assert_eq!(read("X1", &CURL.replace("form-data", "attachment")), None);
        assert!(fields("X1", CURL.replace("0x00", "\u{0}").as_bytes()).is_ok());
        assert!(fields("X1", &[b"--X1\r\n\xff\r\n\r\n", CURL.as_bytes()].concat()).is_err());
    }

    #[test]
    fn a_boundary_is_read_from_the_type() {
        let of = |kind: &'static str| {
            boundary(&HeaderMap::from_iter([(
                CONTENT_TYPE,
                HeaderValue::from_static(kind),
            )]))
        };
        assert_eq!(
            of("multipart/form-data; boundary=----a1"),
            Some("----a1".to_owned())
        );
        assert_eq!(
            of("Multipart/Form-Data;boundary=\"a:b\""),
            Some("a:b".to_owned())
        );
        for any_order in [
            "multipart/form-data; charset=utf-8; boundary=a1",
            "multipart/form-data; boundary=a1; charset=ISO-8859-1",
            "multipart/form-data;charset=\"UTF-8\";Boundary=\"a1\";",
        ] {
            assert_eq!(of(any_order), Some("a1".to_owned()), "{any_order}");
        }
        for bad in [
            "multipart/form-data",
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a b",
            "multipart/form-data; boundary=\"a",
            "multipart/form-data; charset=utf-8",
            "multipart/mixed; boundary=a",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
