//! What goes wrong is told as a page, in the visitor's language, with the right status.

use axum::body::Body;
use axum::http::{Method, StatusCode};

use crate::visitor::{Server, unthrottled};

#[tokio::test]
async fn a_wrong_trailing_slash_leads_to_the_right_path_and_keeps_the_query() {
    let server = Server::new();
    let mut visitor = server.visitor();
    for (wrong, right) in [
        ("/newpage/login", "/newpage/login/"),
        ("/newpage/getcode?t=1", "/newpage/getcode/?t=1"),
        ("/member/login/?next=/a", "/member/login?next=/a"),
        ("/member/captcha/", "/member/captcha"),
        ("/member", "/member/"),
        ("/newpage", "/newpage/"),
    ] {
        let answer = visitor.get(wrong).await;
        assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT, "{wrong}");
        assert_eq!(answer.location(), right);
    }
    let post = visitor.post("/member/login/", &[]).await;
    assert_eq!(post.status, StatusCode::PERMANENT_REDIRECT);
}

/// API-09
#[tokio::test]
async fn only_the_declared_methods_are_answered() {
    let server = Server::new();
    let mut visitor = server.visitor();
    for (path, allowed) in [
        ("/", "GET"),
        ("/newpage/getcode/", "GET"),
        ("/newpage/login/", "GET POST"),
        ("/member/login", "GET POST"),
        ("/member/logout", "POST"),
        ("/lang", "POST"),
        ("/healthz", "GET"),
    ] {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "QUERY"] {
            let method: Method = method.parse().unwrap();
            let status = visitor
                .send(method.clone(), path, None, Body::empty())
                .await
                .status;
            let is_refused = status == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(
                is_refused,
                !allowed.contains(method.as_str()),
                "{method} {path} {status}"
            );
        }
    }
    let refused = visitor.get("/member/logout").await;
    assert!(refused.header("allow").contains("POST"));
}

#[tokio::test]
async fn an_error_is_a_page_in_the_site_s_language() {
    let server = Server::new();
    let mut visitor = server.visitor();
    for (path, lang) in [
        ("/nowhere", "en"),
        ("/newpage/nowhere", "zh-Hans"),
        ("/member/nowhere", "zh-Hant"),
    ] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(
            answer.text().contains(&format!("lang=\"{lang}\"")),
            "{path}"
        );
    }
}

/// WEB-05
#[tokio::test]
async fn a_host_that_is_not_ours_gets_nothing_and_is_not_reflected() {
    let server = Server::new();
    let mut visitor = server.visitor();
    visitor.host = "evil.test".to_owned();
    let answer = visitor.get("/").await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(!answer.text().contains("evil.test"));
    visitor.host = "localhost:8080".to_owned();
    assert_eq!(visitor.get("/").await.status, StatusCode::OK);
    let mut doubled = visitor.with_header("host", "localhost");
    assert_eq!(doubled.get("/").await.status, StatusCode::BAD_REQUEST);
}

/// INP-09: whatever is in the query or the cookies, the pages answer.
#[tokio::test]
async fn hostile_queries_and_cookies_are_harmless() {
    let server = Server::with(unthrottled());
    for text in [
        "%00",
        "%ff%fe",
        "<script>alert(1)</script>",
        "'\"><img src=x onerror=alert(1)>",
        "${7*7}",
        "%0d%0aX: y",
        "../../etc/passwd",
        "a=b&a=c&a[]=d",
    ] {
        let mut visitor = server.visitor();
        // Those with a percent sign are percent-encoded as they are.
        let escaped = match text.contains('%') {
            true => text.replace(' ', "+"),
            false => form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        };
        for path in ["/", "/newpage/login/", "/member/login", "/member/"] {
            for key in ["again", "next", "t"] {
                let answer = visitor.get(&format!("{path}?{key}={escaped}")).await;
                assert!(
                    answer.status.as_u16() < 400,
                    "{path} {text} {}",
                    answer.status
                );
                assert!(
                    !answer.text().contains("<script>alert")
                        && !answer.text().contains("<img src=x")
                );
                assert!(!answer.headers.contains_key("x"));
            }
        }
        for name in [
            "inkgate_session",
            "inkgate_remember",
            "inkgate_lang",
            "inkgate_ticket_member",
            "name",
        ] {
            let mut visitor = server.visitor();
            visitor
                .cookies
                .insert(name.to_owned(), text.replace([';', ' ', '"'], ""));
            for path in ["/", "/member/", "/member/login"] {
                let status = visitor.get(path).await.status;
                assert!(status.as_u16() < 400, "{name}={text} {path} {status}");
            }
        }
    }
}
