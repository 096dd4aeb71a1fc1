//! `/challenge/…`: one ticket, one picture.

use std::time::Duration;

use axum::http::StatusCode;

use crate::visitor::Server;

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
            matches!(
                status,
                StatusCode::GONE | StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST
            ),
            "{ticket} {status}"
        );
    }
    let ticket = visitor.get("/newpage/login/").await.ticket();
    for suffix in ["", ".svg", ".png.png", "@3x.png", ".webp", ".wav"] {
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

/// CAP-08, C-13, C-17: no answer leaves the server but as pixels.
#[tokio::test]
async fn no_answer_is_in_any_header_cookie_or_page() {
    let server = Server::new();
    for number in 0..200u8 {
        let mut visitor = server.visitor();
        visitor.address.set_ip([198, 51, 100, number].into());
        let form = visitor.get("/member/login").await;
        let code = server.answer(&form.ticket());
        let ticket = form.ticket();
        for text in [form.text().to_owned(), format!("{:?}", form.headers)] {
            let text = text.replace(&ticket, "").to_uppercase();
            // Digests and colours are hexadecimal too; five characters of an answer are not in them by design.
            assert!(!words(&text).any(|word| word == code), "{code}");
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}
