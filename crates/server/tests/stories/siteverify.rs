//! A site's back end redeems a token, in three dialects.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use inkgate_server::Config;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::site::{Shop, json_of};
use crate::visitor::{Answer, FORM, Server, Visitor};

const RECAPTCHA: &str = "/recaptcha/api/siteverify";
const TURNSTILE: &str = "/turnstile/v0/siteverify";
const HCAPTCHA: &str = "/siteverify";

/// In each dialect: the path, the code for a used or expired token, the code for another site's.
const DIALECTS: [(&str, &str, &str); 3] = [
    (RECAPTCHA, "timeout-or-duplicate", "invalid-input-response"),
    (
        HCAPTCHA,
        "invalid-or-already-seen-response",
        "sitekey-secret-mismatch",
    ),
    (TURNSTILE, "timeout-or-duplicate", "invalid-input-response"),
];

/// The token of a right solution.
async fn token(shop: &Shop) -> String {
    token_for(shop, &json!({ "action": "sign-in", "cdata": "order-7" })).await
}

async fn token_for(shop: &Shop, more: &Value) -> String {
    let mut page = shop.page();
    let ticket = page.ticket_for(more).await;
    let solution = shop.server.answer(&ticket);
    let solved = json_of(&page.solve(&ticket, &solution).await);
    solved["token"].as_str().unwrap().to_owned()
}

async fn post(server: &Server, path: &str, fields: &[(&str, &str)]) -> Value {
    let answer = server.visitor().post(path, fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{path} {fields:?}");
    json_of(&answer)
}

async fn post_json(server: &Server, path: &str, body: &str) -> Answer {
    let kind = Some("application/json");
    let mut visitor = server.visitor();
    visitor
        .send(Method::POST, path, kind, Body::from(body.to_owned()))
        .await
}

fn failure(code: &str) -> Value {
    json!({ "success": false, "error-codes": [code] })
}

/// What each dialect says of a success, to the letter, and what it does not say: there is no
/// score, no name of an app, no field of another dialect.
#[tokio::test]
async fn each_dialect_tells_a_success_in_its_own_words() {
    let shop = Shop::open().await;
    let fields = async |token| [("secret", shop.secret.clone()), ("response", token)];
    let second = |millis: u64| inkgate::Timestamp::from_millis(millis / 1_000 * 1_000).to_string();
    let now = shop.server.clock.now();
    let (to_the_second, hostname) = (second(now.as_millis()), "shop.example.org");
    for (path, expected) in [
        (
            RECAPTCHA,
            json!({ "success": true, "challenge_ts": to_the_second, "hostname": hostname }),
        ),
        (
            HCAPTCHA,
            json!({
                "success": true, "challenge_ts": to_the_second, "hostname": hostname,
                "credit": false,
            }),
        ),
        (
            TURNSTILE,
            json!({
                "success": true, "error-codes": [], "challenge_ts": now.to_string(),
                "hostname": hostname, "action": "sign-in", "cdata": "order-7",
            }),
        ),
    ] {
        let fields = fields(token(&shop).await).await;
        let fields = fields
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let answer = shop.server.visitor().post(path, &fields).await;
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(json_of(&answer), expected, "{path}");
    }
    let token = token_for(&shop, &json!({})).await;
    let body = json!({ "secret": shop.secret, "response": token, "remoteip": "192.0.2.7" });
    let told = json_of(&post_json(&shop.server, HCAPTCHA, &body.to_string()).await);
    let expected = json!({
        "success": true, "error-codes": [], "challenge_ts": now.to_string(),
        "hostname": hostname, "action": "", "cdata": "",
    });
    assert_eq!(told, expected);
}

/// CAP-21, C-01, C-02, C-29: every failure has the code of its dialect, and used and expired have
/// one code.
#[tokio::test]
async fn each_dialect_tells_a_failure_in_its_own_words() {
    let shop = Shop::open().await;
    let (_, other_secret) = shop.add("blog", &["blog.example.org"]).await;
    shop.server.clock.advance(Duration::from_secs(1));
    let secret = shop.secret.as_str();
    for (path, spent, foreign) in DIALECTS {
        let verify = async |secret: &str, response: &str| {
            post(
                &shop.server,
                path,
                &[("secret", secret), ("response", response)],
            )
            .await
        };
        assert_eq!(verify("", "x").await, failure("missing-input-secret"));
        assert_eq!(verify("nobody", "x").await, failure("invalid-input-secret"));
        assert_eq!(verify(secret, "").await, failure("missing-input-response"));
        assert_eq!(verify(secret, "x").await, failure("invalid-input-response"));
        let long = "a".repeat(3_000);
        assert_eq!(
            verify(secret, &long).await,
            failure("invalid-input-response")
        );
        let none = post(&shop.server, path, &[]).await;
        assert_eq!(none, failure("missing-input-secret"));

        let good = token(&shop).await;
        // An unknown secret burns nothing.
        assert_eq!(
            verify("nobody", &good).await,
            failure("invalid-input-secret")
        );
        assert_eq!(verify(secret, &good).await["success"], true);
        assert_eq!(verify(secret, &good).await, failure(spent));

        let late = token(&shop).await;
        shop.server.clock.advance(Duration::from_secs(120));
        assert_eq!(verify(secret, &late).await, failure(spent));

        // Another site's secret burns what it is shown, C-12.
        let stray = token(&shop).await;
        assert_eq!(verify(&other_secret, &stray).await, failure(foreign));
        assert_eq!(verify(secret, &stray).await, failure(spent));

        // A ticket is no token.
        let ticket = shop.page().ticket().await;
        assert_eq!(
            verify(secret, &ticket).await,
            failure("invalid-input-response")
        );
    }
}

/// CAP-05, C-11: two minutes, unless the operator says otherwise.
#[tokio::test]
async fn a_token_is_good_until_the_last_millisecond_of_its_life() {
    let shop = Shop::open().await;
    for (millis, is_good) in [(119_999, true), (120_000, false)] {
        let token = token(&shop).await;
        shop.server.clock.advance(Duration::from_millis(millis));
        let fields = [("secret", shop.secret.as_str()), ("response", &token)];
        assert_eq!(
            post(&shop.server, TURNSTILE, &fields).await["success"],
            is_good
        );
    }
}

/// API-04, C-30: fields that are doubled or no text are told so, and nothing is burnt.
#[tokio::test]
async fn doubled_fields_and_other_types_are_a_bad_request_and_burn_nothing() {
    let shop = Shop::open().await;
    let token = token(&shop).await;
    let (secret, good) = (shop.secret.as_str(), token.as_str());
    for (path, ..) in DIALECTS {
        for fields in [
            [("secret", secret), ("response", good), ("response", good)],
            [("secret", secret), ("secret", secret), ("response", good)],
            [("secret", secret), ("secret", ""), ("response", good)],
        ] {
            assert_eq!(
                post(&shop.server, path, &fields).await,
                failure("bad-request")
            );
        }
    }
    for path in [TURNSTILE, HCAPTCHA] {
        for body in [
            format!("{{\"secret\":{secret:?},\"response\":{good:?},\"response\":{good:?}}}"),
            format!("{{\"secret\":{secret:?},\"response\":[{good:?}]}}"),
            format!("{{\"secret\":{secret:?},\"response\":{{\"a\":{good:?}}}}}"),
            format!("{{\"secret\":7,\"response\":{good:?}}}"),
            format!("[{secret:?},{good:?}]"),
            "7".to_owned(),
        ] {
            let told = post_json(&shop.server, path, &body).await;
            assert_eq!(
                (told.status, json_of(&told)),
                (StatusCode::OK, failure("bad-request")),
                "{body}"
            );
        }
    }
    assert_eq!(
        post(
            &shop.server,
            TURNSTILE,
            &[("secret", secret), ("response", good)]
        )
        .await["success"],
        true
    );
}

/// API-02, API-03, API-07: which bodies are read, and that a secret in the address is not.
#[tokio::test]
async fn a_dialect_reads_its_own_kinds_of_body_and_no_query() {
    let shop = Shop::open().await;
    let body = format!("secret={}&response=x", shop.secret);
    let json = format!("{{\"secret\":{:?},\"response\":\"x\"}}", shop.secret);
    let (unreadable, refused) = (failure("invalid-input-response"), failure("bad-request"));
    for (path, kind, body, expected) in [
        (RECAPTCHA, FORM, &body, &unreadable),
        (RECAPTCHA, "application/json", &json, &refused),
        (HCAPTCHA, FORM, &body, &unreadable),
        (HCAPTCHA, "application/json", &json, &unreadable),
        (TURNSTILE, FORM, &body, &unreadable),
        (
            TURNSTILE,
            "application/json; charset=utf-8",
            &json,
            &unreadable,
        ),
        (TURNSTILE, FORM, &json, &failure("missing-input-secret")),
        (TURNSTILE, "text/plain", &json, &refused),
        (
            TURNSTILE,
            "application/json; charset=utf8",
            &json,
            &unreadable,
        ),
        // What Apache's HTTP client says by itself.
        (
            RECAPTCHA,
            "application/x-www-form-urlencoded; charset=ISO-8859-1",
            &body,
            &unreadable,
        ),
        (
            HCAPTCHA,
            "application/x-www-form-urlencoded;charset=us-ascii",
            &body,
            &unreadable,
        ),
        (
            HCAPTCHA,
            "application/json;charset=UTF8",
            &json,
            &unreadable,
        ),
        (TURNSTILE, "application/jsonp", &json, &refused),
        (TURNSTILE, "", &body, &refused),
    ] {
        let told = shop
            .server
            .visitor()
            .post_raw(path, kind, body.clone().into())
            .await;
        assert_eq!(
            (told.status, &json_of(&told)),
            (StatusCode::OK, expected),
            "{path} {kind}"
        );
    }
    let multipart = format!(
        "--b\r\nContent-Disposition: form-data; name=\"secret\"\r\n\r\n{}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"response\"\r\n\r\nx\r\n--b--\r\n",
        shop.secret
    );
    for (path, ..) in DIALECTS {
        let kind = "multipart/form-data; boundary=b";
        let mut visitor = shop.server.visitor();
        for (kind, body) in [
            (kind, multipart.clone()),
            (
                "multipart/form-data; charset=UTF-8; boundary=b",
                format!("\r\n{multipart}"),
            ),
        ] {
            let told = visitor.post_raw(path, kind, body.into()).await;
            assert_eq!(json_of(&told), unreadable);
        }
        let told = visitor.post_raw(path, kind, body.clone().into()).await;
        assert_eq!(
            (told.status.as_u16(), json_of(&told)),
            (400, refused.clone())
        );
        let nothing = shop
            .server
            .visitor()
            .send(Method::POST, path, None, Body::empty())
            .await;
        assert_eq!(json_of(&nothing), failure("missing-input-secret"));
    }
    let query = format!("{TURNSTILE}?{body}");
    assert_eq!(
        post(&shop.server, &query, &[]).await,
        failure("missing-input-secret")
    );
    for (path, body, status) in [
        (TURNSTILE, "{".to_owned(), 400),
        (TURNSTILE, "\u{0}".to_owned(), 400),
        (TURNSTILE, format!("{{\"other\":{}", "[".repeat(8_000)), 400),
        (TURNSTILE, format!("{json}{}", " ".repeat(17_000)), 413),
    ] {
        let told = post_json(&shop.server, path, &body).await;
        assert_eq!(told.status.as_u16(), status);
        assert_eq!(json_of(&told), failure("bad-request"));
    }
    let not_utf8 = shop
        .server
        .visitor()
        .post_raw(RECAPTCHA, FORM, b"secret=%ff".to_vec())
        .await;
    assert_eq!(
        (not_utf8.status.as_u16(), json_of(&not_utf8)),
        (400, failure("bad-request"))
    );
}

/// API-08, API-09: back ends ask by POST; browsers of other sites may not read the answer.
#[tokio::test]
async fn siteverify_takes_posts_only_and_has_no_cors() {
    let shop = Shop::open().await;
    for (path, ..) in DIALECTS {
        let refused = shop.server.visitor().get(path).await;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(refused.header("allow"), "POST");
        let mut page = shop.page();
        let preflight = page
            .visitor
            .send(Method::OPTIONS, path, None, Body::empty())
            .await;
        let asked = page.visitor.post(path, &[]).await;
        for answer in [preflight, asked] {
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
    }
}

/// C-12, CAP-22, API-15: three sites, three secrets, three actions and hosts; only where all are
/// its own a token is good.
#[tokio::test]
async fn a_token_is_good_for_its_site_action_and_host_only() {
    let shop = Shop::open().await;
    let (key, secret) = shop.add("blog", &["shop.example.org"]).await;
    shop.server.clock.advance(Duration::from_secs(1));
    let sites = [(&shop.key, &shop.secret), (&key, &secret)];
    for (key, owner) in sites {
        for (_, secret) in sites {
            for (action, host) in [
                ("sign-in", "shop.example.org"),
                ("order", "shop.example.org"),
                ("", "shop.example.org"),
                ("sign-in", "www.shop.example.org"),
                ("sign-in", "shop.example.org.evil.test"),
            ] {
                let more = json!({ "sitekey": key, "action": "sign-in" });
                let token = token_for(&shop, &more).await;
                let ask = async |secret: &str, action: &str, hostname: &str| {
                    let body = json!({
                        "secret": secret, "response": token,
                        "action": action, "hostname": hostname,
                    });
                    json_of(&post_json(&shop.server, HCAPTCHA, &body.to_string()).await)
                };
                let told = ask(secret, action, host).await;
                let is_all_its_own =
                    (secret, action, host) == (owner, "sign-in", "shop.example.org");
                assert_eq!(told["success"], is_all_its_own, "{action} {host}");
                let again = ask(owner, "sign-in", "shop.example.org").await;
                assert_eq!(again, failure("timeout-or-duplicate"));
            }
        }
    }
}

/// hCaptcha's `sitekey`: which site the back end believes that it is.
#[tokio::test]
async fn a_site_key_beside_another_sites_secret_is_a_mismatch_and_burns_nothing() {
    let shop = Shop::open().await;
    let token = token(&shop).await;
    let ask = async |path, key: &str| {
        let fields = [
            ("secret", shop.secret.as_str()),
            ("response", &token),
            ("sitekey", key),
        ];
        post(&shop.server, path, &fields).await
    };
    assert_eq!(
        ask(HCAPTCHA, "another").await,
        failure("sitekey-secret-mismatch")
    );
    assert_eq!(ask(HCAPTCHA, &shop.key).await["success"], true);
    // The others have no such field.
    assert_eq!(
        ask(RECAPTCHA, "another").await,
        failure("timeout-or-duplicate")
    );
}

/// hCaptcha has one secret for all site keys of an account: the token says which site is meant.
#[tokio::test]
async fn sites_that_share_a_secret_redeem_each_its_own_tokens() {
    let shop = Shop::open().await;
    let mut keys = vec![shop.key.clone()];
    for name in ["archive", "blog", "zoo"] {
        let hosts = ["shop.example.org"];
        keys.push(shop.add_under(&shop.secret, name, &hosts, &["ink"]).await);
    }
    let (_, other_secret) = shop.add("other", &["other.example.org"]).await;
    shop.server.clock.advance(Duration::from_secs(1));
    for key in &keys {
        for (path, ..) in DIALECTS {
            let token = token_for(&shop, &json!({ "sitekey": key })).await;
            let fields = [("secret", shop.secret.as_str()), ("response", &token)];
            let told = post(&shop.server, path, &fields).await;
            assert_eq!(told["success"], true, "{key} {path}");
            assert_eq!(post(&shop.server, path, &fields).await["success"], false);
        }
        for named in &keys {
            let token = token_for(&shop, &json!({ "sitekey": key })).await;
            let fields = [
                ("secret", shop.secret.as_str()),
                ("response", &token),
                ("sitekey", named),
            ];
            let told = post(&shop.server, HCAPTCHA, &fields).await;
            assert_eq!(told["success"], named == key, "{key} {named}");
        }
        let token = token_for(&shop, &json!({ "sitekey": key })).await;
        let fields = [("secret", other_secret.as_str()), ("response", &token)];
        let told = post(&shop.server, HCAPTCHA, &fields).await;
        assert_eq!(told, failure("sitekey-secret-mismatch"));
    }
}

const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const OTHER_UUID: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// API-05: of a hundred parallel redemptions under one key all get the one answer; under another
/// key, another site's secret or none, the token is used.
#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_lets_a_back_end_ask_again() {
    let shop = Arc::new(Shop::open().await);
    let (_, other_secret) = shop.add("blog", &["blog.example.org"]).await;
    shop.server.clock.advance(Duration::from_secs(1));
    let token = Arc::new(token(&shop).await);
    let barrier = Arc::new(Barrier::new(100));
    let asks: Vec<_> = (0..100)
        .map(|_| {
            let (shop, token, barrier) =
                (Arc::clone(&shop), Arc::clone(&token), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                ask_under(&shop.server, &shop.secret, &token, UUID).await
            })
        })
        .collect();
    let mut told = Vec::new();
    for ask in asks {
        told.push(ask.await.unwrap());
    }
    assert!(
        told.iter()
            .all(|one| one["success"] == true && *one == told[0])
    );
    for (secret, key) in [
        (&shop.secret, OTHER_UUID),
        (&shop.secret, ""),
        (&other_secret, UUID),
    ] {
        let told = ask_under(&shop.server, secret, &token, key).await;
        assert_eq!(told, failure("timeout-or-duplicate"));
    }
    let malformed = ask_under(&shop.server, &shop.secret, &token, "again").await;
    assert_eq!(malformed, failure("bad-request"));
    shop.server.clock.advance(Duration::from_secs(120));
    let late = ask_under(&shop.server, &shop.secret, &token, UUID).await;
    assert_eq!(late, failure("timeout-or-duplicate"));
    // reCAPTCHA has no such field: a token is redeemed once there, whatever is sent beside it.
    let token = self::token(&shop).await;
    for expected in [true, false] {
        let fields = [
            ("secret", shop.secret.as_str()),
            ("response", &token),
            ("idempotency_key", UUID),
        ];
        assert_eq!(
            post(&shop.server, RECAPTCHA, &fields).await["success"],
            expected
        );
    }
}

/// API-05: a token from before the fence is spent, also for whoever asks twice under one key.
#[tokio::test]
async fn an_idempotency_key_gets_no_token_past_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::sqlite(folder.path()).await;
    let (unused, used) = (token(&shop).await, token(&shop).await);
    let told = ask_under(&shop.server, &shop.secret, &used, UUID).await;
    assert_eq!(told["success"], true);
    tokio::time::sleep(Duration::from_millis(2)).await;
    let shop = shop.sqlite_again(folder.path()).await;
    for key in [UUID, UUID, UUID, OTHER_UUID, ""] {
        let told = ask_under(&shop.server, &shop.secret, &unused, key).await;
        assert_eq!(told, failure("timeout-or-duplicate"), "{key}");
    }
    // What was answered before, and is still known, is answered again.
    let again = ask_under(&shop.server, &shop.secret, &used, UUID).await;
    assert_eq!(again, told);
    let fresh = token(&shop).await;
    for _ in 0..2 {
        let told = ask_under(&shop.server, &shop.secret, &fresh, UUID).await;
        assert_eq!(told["success"], true);
    }
}

/// API-05: what is asked under a key is the whole question: another one is a second use.
#[tokio::test]
async fn another_question_under_the_same_idempotency_key_is_spent() {
    let shop = Shop::open().await;
    let ask = async |token: &str, more: &Value| {
        let mut body = json!({ "secret": shop.secret, "response": token, "idempotency_key": UUID });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        json_of(&post_json(&shop.server, HCAPTCHA, &body.to_string()).await)
    };
    let (here, spent) = ("shop.example.org", failure("timeout-or-duplicate"));
    let questions = [
        json!({ "action": "order" }),
        json!({ "action": "sign-in" }),
        json!({ "hostname": "www.shop.example.org" }),
        json!({ "action": "sign-in", "hostname": here }),
        json!({}),
    ];
    for first in &questions {
        let token = token(&shop).await;
        let told = ask(&token, first).await;
        for question in &questions {
            let expected = if question == first { &told } else { &spent };
            assert_eq!(ask(&token, question).await, *expected, "{first} {question}");
        }
    }
}

async fn ask_under(server: &Server, secret: &str, token: &str, key: &str) -> Value {
    let fields = [
        ("secret", secret),
        ("response", token),
        ("idempotency_key", key),
    ];
    post(server, TURNSTILE, &fields).await
}

/// CAP-01, C-07, API-05: of a thousand parallel redemptions one succeeds, on every store.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_parallel_redemptions_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    for shop in [Shop::open().await, Shop::sqlite(folder.path()).await] {
        let shop = Arc::new(shop);
        let token = Arc::new(token(&shop).await);
        let barrier = Arc::new(Barrier::new(1_000));
        let asks: Vec<_> = (0..1_000)
            .map(|place| {
                let (shop, token, barrier) =
                    (Arc::clone(&shop), Arc::clone(&token), Arc::clone(&barrier));
                tokio::spawn(async move {
                    barrier.wait().await;
                    let fields = [("secret", shop.secret.as_str()), ("response", &token)];
                    post(&shop.server, DIALECTS[place % 3].0, &fields).await
                })
            })
            .collect();
        let mut redeemed = 0;
        for ask in asks {
            let told = ask.await.unwrap();
            match told["success"].as_bool().unwrap() {
                true => redeemed += 1,
                false => assert!(told["error-codes"][0].as_str().unwrap().contains("-or-")),
            }
        }
        assert_eq!(redeemed, 1);
    }
}

/// CAP-38, C-31: no changed character makes another token, and no part of one fits into another.
#[tokio::test]
async fn altered_and_spliced_tokens_fail_and_the_original_stays_good() {
    let shop = Shop::open().await;
    let (one, two) = (token(&shop).await, token(&shop).await);
    let ask = async |token: &str| {
        let fields = [("secret", shop.secret.as_str()), ("response", token)];
        post(&shop.server, RECAPTCHA, &fields).await
    };
    for place in 0..one.len() {
        let mut altered = one.clone().into_bytes();
        altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        assert_eq!(
            ask(&altered).await,
            failure("invalid-input-response"),
            "{place}"
        );
        let spliced = format!("{}{}", &one[..place], &two[place..]);
        let is_whole = spliced == one || spliced == two;
        assert!(
            is_whole || ask(&spliced).await == failure("invalid-input-response"),
            "{place}"
        );
    }
    for spelt in [
        format!("{one}="),
        format!("{one} "),
        one.replace('_', "/").replace('-', "+") + "A",
    ] {
        assert_eq!(ask(&spelt).await, failure("invalid-input-response"));
    }
    for token in [one, two] {
        assert_eq!(ask(&token).await["success"], true);
    }
}

/// API-06: wrong secrets are soon told no more, and a site's own goes on from the same address.
#[tokio::test]
async fn wrong_secrets_are_limited_harder_than_right_ones() {
    let shop = Shop::with(Config::default()).await;
    let mut visitor = shop.server.visitor();
    let ask = async |visitor: &mut Visitor, secret: &str| {
        visitor
            .post(TURNSTILE, &[("secret", secret), ("response", "x")])
            .await
    };
    let mut told = 0;
    let refused = loop {
        let answer = ask(&mut visitor, "wrong").await;
        match answer.status {
            StatusCode::OK => told += 1,
            _ => break answer,
        }
    };
    assert_eq!(told, 20);
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "10");
    assert_eq!(json_of(&refused), failure("internal-error"));
    assert_eq!(ask(&mut visitor, &shop.secret).await.status, StatusCode::OK);
    let mut elsewhere = shop.server.visitor();
    elsewhere.address.set_ip([198, 51, 100, 7].into());
    assert_eq!(ask(&mut elsewhere, "wrong").await.status, StatusCode::OK);
}

/// API-06: a site that asks too often waits, and the others do not.
#[tokio::test]
async fn a_site_is_limited_from_wherever_it_asks() {
    let shop = Shop::with(Config::default()).await;
    let (_, other) = shop.add("blog", &["blog.example.org"]).await;
    let ask = async |number: u32, secret: &str| {
        let mut visitor = shop.server.visitor();
        visitor
            .address
            .set_ip(std::net::Ipv4Addr::from(0xc633_6400 + number % 200).into());
        visitor.post(RECAPTCHA, &[("secret", secret)]).await.status
    };
    let mut count = 0;
    while ask(count, &shop.secret).await == StatusCode::OK {
        count += 1;
        assert!(count < 5_000);
    }
    assert_eq!(count, 2_000);
    assert_eq!(ask(count, &other).await, StatusCode::OK);
}

/// C-30: whatever a visitor sends for a token, and a back end passes on, is answered with 200.
#[tokio::test]
async fn a_token_of_any_characters_is_none_of_ours() {
    let shop = Shop::open().await;
    for (path, ..) in DIALECTS {
        for odd in ["\n", "a\0b", "\u{202e}", " ", "验证", "\u{1b}[2J"] {
            let fields = [("secret", shop.secret.as_str()), ("response", odd)];
            let told = post(&shop.server, path, &fields).await;
            assert_eq!(told, failure("invalid-input-response"), "{path} {odd:?}");
        }
    }
}

/// WEB-05 is about browsers: a back end may call us by the name that its network has for us.
#[tokio::test]
async fn a_back_end_may_call_by_any_name() {
    let shop = Shop::open().await;
    for (path, ..) in DIALECTS {
        let token = token(&shop).await;
        let mut back_end = shop.server.visitor();
        back_end.host = "inkgate:8080".to_owned();
        let fields = [("secret", shop.secret.as_str()), ("response", &token)];
        let answer = back_end.post(path, &fields).await;
        assert_eq!(json_of(&answer)["success"], true, "{path}");
        assert_eq!(json_of(&answer)["hostname"], "shop.example.org");
    }
    let mut browser = shop.server.visitor();
    browser.host = "evil.test".to_owned();
    let page = browser.get("/link/siteverify").await;
    assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST);
}

/// KEY-05, C-29
#[tokio::test]
async fn a_rotated_secret_is_good_for_its_grace_and_a_removed_site_at_once_no_more() {
    let shop = Shop::open().await;
    let new = shop.rotate(Duration::from_secs(60)).await;
    shop.server.clock.advance(Duration::from_secs(1));
    for secret in [&shop.secret, &new] {
        let token = token(&shop).await;
        let fields = [("secret", secret.as_str()), ("response", &token)];
        assert_eq!(
            post(&shop.server, RECAPTCHA, &fields).await["success"],
            true
        );
    }
    let token = token(&shop).await;
    shop.server.clock.advance(Duration::from_secs(61));
    let fields = |secret| [("secret", secret), ("response", token.as_str())];
    let told = post(&shop.server, RECAPTCHA, &fields(&shop.secret)).await;
    assert_eq!(told, failure("invalid-input-secret"));
    shop.remove().await;
    shop.server.clock.advance(Duration::from_secs(1));
    let told = post(&shop.server, RECAPTCHA, &fields(&new)).await;
    assert_eq!(told, failure("invalid-input-secret"));
}

/// STO-05: while the store is away nothing passes, and a back end is told to ask again.
#[tokio::test]
async fn while_the_store_is_full_nothing_is_redeemed() {
    let shop = Shop::with_room_for_marks(1).await;
    let token = token(&shop).await;
    for (path, code) in [
        (TURNSTILE, "internal-error"),
        (RECAPTCHA, "bad-request"),
        (HCAPTCHA, "bad-request"),
    ] {
        let fields = [("secret", shop.secret.as_str()), ("response", &token)];
        let told = shop.server.visitor().post(path, &fields).await;
        assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(json_of(&told), failure(code));
        assert_ne!(told.header("retry-after"), "");
    }
}
