//! `/challenge/…`: one ticket, one picture.

use std::path::Path;
use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use inkgate_server::Config;
use inkgate_server::config::StyleConfig;
use sha2::{Digest, Sha256};

use crate::visitor::{Answer, EMAIL, PASSWORD, Server, unthrottled};

/// CAP-11, CAP-31
#[tokio::test]
async fn a_ticket_has_one_picture_that_nobody_keeps() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = visitor.get("/newpage/login/").await.ticket();
    let path = format!("/challenge/{ticket}.png");
    let first = visitor.get(&path).await;
    assert_eq!(first.status, StatusCode::OK);
    for (name, value) in [
        ("content-type", "image/png"),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("etag", ""),
        ("last-modified", ""),
    ] {
        assert_eq!(first.header(name), value, "{name}");
    }
    for _ in 0..100 {
        assert!(visitor.get(&path).await.body == first.body);
    }
    let twice = visitor.get(&format!("/challenge/{ticket}@2x.png")).await;
    assert_eq!(&twice.body[16..24], &[0, 0, 1, 144, 0, 0, 0, 200]);
}

#[tokio::test]
async fn a_used_ticket_draws_until_it_expires_and_then_is_gone() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = visitor.get("/newpage/login/").await.ticket();
    visitor
        .post("/newpage/login/", &[("ticket", &ticket)])
        .await;
    let path = format!("/challenge/{ticket}.png");
    assert_eq!(visitor.get(&path).await.status, StatusCode::OK);
    server.clock.advance(Duration::from_secs(300));
    assert_eq!(visitor.get(&path).await.status, StatusCode::GONE);
}

/// CAP-11: also where one request gives both.
#[tokio::test]
async fn a_picture_that_comes_with_its_ticket_is_the_ticket_s() {
    let server = Server::new();
    let mut visitor = server.visitor();
    for path in ["/newpage/getcode/", "/member/captcha"] {
        let both = visitor.get(path).await;
        let again = format!("/challenge/{}.png", both.header("inkgate-ticket"));
        assert!(visitor.get(&again).await.body == both.body, "{path}");
    }
}

/// CAP-11, CAP-31
#[tokio::test]
async fn a_ticket_s_picture_comes_in_each_format_of_pixels() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = visitor.get("/newpage/login/").await.ticket();
    for (extension, begins) in [
        ("png", &b"\x89PNG\r\n\x1a\n"[..]),
        ("webp", b"RIFF"),
        ("gif", b"GIF89a\xC8\0d\0"),
    ] {
        let path = format!("/challenge/{ticket}.{extension}");
        let picture = visitor.get(&path).await;
        assert_eq!(picture.status, StatusCode::OK);
        assert_eq!(picture.header("content-type"), format!("image/{extension}"));
        assert_eq!(picture.header("cache-control"), "no-store");
        assert!(picture.body.starts_with(begins), "{extension}");
        assert!(visitor.get(&path).await.body == picture.body);
    }
    let path = format!("/challenge/{ticket}@2x.dark.gif");
    let twice = visitor.get(&path).await;
    assert_eq!(&twice.body[6..10], &[144, 1, 200, 0]);
}

/// CAP-10, C-16: a picture is pixels; no other form of it is offered.
#[tokio::test]
async fn a_foreign_or_broken_ticket_is_gone_and_another_format_is_not_there() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let foreign = Server::new()
        .visitor()
        .get("/newpage/login/")
        .await
        .ticket();
    for ticket in [foreign.as_str(), "", "x", "%ff", "..%2f..%2fkeys"] {
        let status = visitor
            .get(&format!("/challenge/{ticket}.png"))
            .await
            .status;
        assert!(
            matches!(status, StatusCode::GONE | StatusCode::NOT_FOUND),
            "{ticket} {status}"
        );
    }
    let ticket = visitor.get("/newpage/login/").await.ticket();
    for suffix in [
        "", ".svg", ".html", ".txt", ".json", ".png.svg", ".png.png", "@3x.png", ".jpeg", ".wav",
    ] {
        let status = visitor
            .get(&format!("/challenge/{ticket}{suffix}"))
            .await
            .status;
        assert!(
            matches!(status, StatusCode::GONE | StatusCode::NOT_FOUND),
            "{suffix}"
        );
    }
}

/// CAP-08, C-13, C-14, C-17: no answer leaves the server but as pixels and sealed in the ticket.
///
/// The style is one of letters: five upper-case ones are not met by chance in a page. And without
/// their tickets the pages of one visit are those of the next, whose answers are others.
#[tokio::test]
async fn no_answer_is_in_any_header_cookie_or_page() {
    let mut config = unthrottled();
    config.pages.member.style = "ink".to_owned();
    let server = Server::with(config);
    server.member().await;
    let mut first_visit = None;
    for _ in 0..20 {
        let mut visitor = server.visitor();
        let form = visitor.get("/member/login").await;
        let picture = visitor
            .get(&format!("/challenge/{}.png", form.ticket()))
            .await;
        let captcha = visitor.get("/member/captcha").await;
        let cookie = captcha.header("inkgate-ticket").to_owned();
        let failed = visitor.sign_in(&server, &[("captcha", "x")]).await;
        let ticket = form.ticket();
        let code = server.answer(&ticket);
        let fields = [
            ("ticket", ticket.as_str()),
            ("captcha", &code),
            ("useremail", EMAIL),
            ("userpassword", PASSWORD),
        ];
        let passed = visitor.post("/member/login", &fields).await;
        assert_eq!(passed.status, StatusCode::SEE_OTHER);
        let home = visitor.get("/member/").await;
        let newpage = visitor.get("/newpage/login/").await;
        let tickets = [&ticket, &cookie, &failed.ticket(), &newpage.ticket()].map(String::clone);
        let code = server.answer(&newpage.ticket());
        let fields = [("ticket", tickets[3].as_str()), ("verify_code", &code)];
        let right = visitor.post("/newpage/login/", &fields).await;
        assert_eq!(right.status, StatusCode::OK);
        let pages = [&form, &failed, &passed, &home, &newpage, &right];
        let pages = pages.map(|page| told(page, &tickets));
        let pictures = [&picture, &captcha].map(|picture| told(picture, &tickets));
        for ticket in &tickets[..3] {
            let answer = server.answer(ticket);
            for told in pages.iter().chain(&pictures) {
                for form in forms(&answer) {
                    let shown = String::from_utf8_lossy(told);
                    assert!(!holds(told, &form), "{answer} as {form:?} in {shown}");
                }
            }
        }
        let first_visit = first_visit.get_or_insert_with(|| pages.clone());
        assert!(*first_visit == pages);
    }
}

/// Headers, in order, and body, without what is noise: tickets and the handle of the session.
fn told(answer: &Answer, tickets: &[String]) -> Vec<u8> {
    let lines = answer.headers.iter();
    let mut lines: Vec<_> = lines
        .map(|(name, value)| match value.to_str().unwrap() {
            value
                if value.starts_with("inkgate_session=")
                    || value.starts_with("inkgate_device=") =>
            {
                format!("{name}: {}", &value[value.find(';').unwrap()..])
            }
            value => format!("{name}: {value}"),
        })
        .collect();
    lines.sort();
    let mut told = lines.join("\n").into_bytes();
    match std::str::from_utf8(&answer.body) {
        Ok(page) => told.extend(page.bytes()),
        Err(_) => return [told, answer.body.clone()].concat(),
    }
    let mut text = String::from_utf8(told).unwrap();
    for ticket in tickets {
        text = text.replace(ticket, "");
    }
    text.into_bytes()
}

/// An answer as it might be written.
fn forms(answer: &str) -> Vec<Vec<u8>> {
    let digest = Sha256::digest(answer);
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let wide: Vec<u8> = answer.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let texts = [
        answer.to_owned(),
        answer.chars().rev().collect(),
        hex(answer.as_bytes()),
        hex(&digest),
        STANDARD_NO_PAD.encode(answer),
        STANDARD_NO_PAD.encode(digest),
    ];
    let texts = texts.map(String::into_bytes);
    texts.into_iter().chain([wide, digest.to_vec()]).collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// CAP-39: what is no font, or only part of one, ends the start with a line that names it.
#[test]
fn a_broken_font_ends_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let font = include_bytes!("../../../engine/fonts/rubik/rubik-700.ttf");
    let started_with = |path: &Path| {
        let mut config = Config::default();
        let font_path = Some(path.to_owned());
        let style = StyleConfig {
            font_path,
            ..StyleConfig::default()
        };
        config.style.insert("newpage".to_owned(), style);
        inkgate_server::styles(&config)
    };
    let refused = |path: &Path| {
        let told = started_with(path).unwrap_err().to_string();
        let shown = path.display().to_string();
        assert!(
            told.starts_with("style.newpage.font_path: ") && told.contains(&shown),
            "{told}"
        );
        assert!(!told.contains('\n'), "{told}");
    };
    let path = folder.path().join("a.ttf");
    std::fs::write(&path, font).unwrap();
    assert!(started_with(&path).is_ok());
    for percent in 0..20 {
        std::fs::write(&path, &font[..font.len() * percent * 5 / 100]).unwrap();
        refused(&path);
    }
    for junk in [
        b"no font at all".to_vec(),
        vec![0; 1 << 16],
        [&font[..4], &[0xff; 4_096]].concat(),
        std::iter::repeat_n(b"<svg/>", 100)
            .flatten()
            .copied()
            .collect(),
    ] {
        std::fs::write(&path, junk).unwrap();
        refused(&path);
    }
    let large = std::fs::File::create(&path).unwrap();
    large.set_len(1 << 30).unwrap();
    refused(&path);
    for path in ["/dev/zero", "/nowhere/a.ttf", "/dev", "/dev/null"] {
        refused(Path::new(path));
    }
}
