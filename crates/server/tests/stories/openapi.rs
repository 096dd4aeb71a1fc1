//! The description of the API, for programs and for people.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::Value;

use crate::site::json_of;
use crate::visitor::Server;

const ASKED: [(&str, &str); 10] = [
    ("get", "/altcha/{sitekey}/challenge"),
    ("post", "/cap/{sitekey}/challenge"),
    ("post", "/cap/{sitekey}/redeem"),
    ("post", "/cap/{sitekey}/siteverify"),
    ("post", "/api/challenge"),
    ("post", "/api/solve"),
    ("get", "/challenge/{picture}"),
    ("post", "/recaptcha/api/siteverify"),
    ("post", "/siteverify"),
    ("post", "/turnstile/v0/siteverify"),
];

async fn description(server: &Server) -> Value {
    let answer = server.visitor().get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    json_of(&answer)
}

/// API-16: what is described is there, and answers as described, whatever it is sent.
#[tokio::test]
async fn every_operation_of_the_description_is_answered_with_a_status_of_it() {
    let server = Server::new();
    let description = description(&server).await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = description["paths"].as_object().unwrap();
    let mut found = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            found.push((method.as_str(), path.as_str()));
            let statuses = operation["responses"].as_object().unwrap();
            let path = path
                .replace("{picture}", "AAAA.png")
                .replace("{sitekey}", "key");
            for (kind, body) in [
                ("application/json", "{}"),
                ("application/json", "{"),
                ("application/x-www-form-urlencoded", "secret=a&response=b"),
                ("text/plain", "x"),
            ] {
                let method: Method = method.to_uppercase().parse().unwrap();
                let mut visitor = server.visitor();
                let body = Body::from(body);
                let answer = visitor.send(method, &path, Some(kind), body).await;
                assert!(
                    statuses.contains_key(answer.status.as_str()),
                    "{path} {}",
                    answer.status
                );
            }
        }
    }
    found.sort();
    let mut asked = ASKED;
    asked.sort();
    assert_eq!(found, asked);
}

/// Every reference leads somewhere, and the fields are those of the wire.
#[tokio::test]
async fn the_description_is_whole() {
    let description = description(&Server::new()).await;
    let text = description.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let goal = reference.split('"').next().unwrap();
        assert!(description.pointer(goal).is_some(), "{goal}");
    }
    let fields = |name: &str| {
        let schema = &description["components"]["schemas"][name];
        let fields = schema["properties"]
            .as_object()
            .unwrap_or_else(|| panic!("{name}"));
        fields.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(
        fields("ChallengeRequest"),
        ["action", "cdata", "preset", "sitekey"]
    );
    assert_eq!(
        fields("SolveResponse"),
        ["error", "expires_in", "success", "token"]
    );
    assert_eq!(
        fields("TurnstileSuccess"),
        [
            "action",
            "cdata",
            "challenge_ts",
            "error-codes",
            "hostname",
            "success"
        ]
    );
    assert_eq!(
        fields("RecaptchaSuccess"),
        ["challenge_ts", "hostname", "success"]
    );
}

/// WEB-07, WEB-13: a page without script, from this installation alone.
#[tokio::test]
async fn the_page_tells_every_operation_and_loads_nothing_from_elsewhere() {
    let server = Server::new();
    let answer = server.visitor().get("/docs").await;
    assert_eq!(answer.status, StatusCode::OK);
    let csp = answer.header("content-security-policy");
    assert!(csp.starts_with("default-src 'none'") && !csp.contains("unsafe"));
    let page = answer.text();
    for (method, path) in ASKED {
        assert!(
            page.contains(&format!("{} {path}", method.to_uppercase())),
            "{path}"
        );
    }
    for word in ["sitekey", "idempotency_key", "error-codes", "413"] {
        assert!(page.contains(word), "{word}");
    }
    for word in ["<script", "http://", "https://", "style=", "onload"] {
        assert!(!page.contains(word), "{word}");
    }
}
