//! The vendors' test keys: known to an installation for tests and to no other.

use axum::http::StatusCode;
use inkgate_server::Config;
use inkgate_server::config::Profile;
use serde_json::{Value, json};

use crate::site::{Page, Shop, json_of};
use crate::visitor::unthrottled;

const PASSING: [&str; 5] = [
    "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI",
    "1x00000000000000000000AA",
    "1x00000000000000000000BB",
    "10000000-ffff-ffff-ffff-000000000001",
    "20000000-ffff-ffff-ffff-000000000002",
];
const ASKING: &str = "3x00000000000000000000FF";
const BLOCKING: [&str; 3] = [
    "2x00000000000000000000AB",
    "2x00000000000000000000BB",
    "30000000-ffff-ffff-ffff-000000000003",
];

const RECAPTCHA_SECRET: &str = "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe";
const HCAPTCHA_SECRET: &str = "0x0000000000000000000000000000000000000000";
const TURNSTILE_SECRETS: [&str; 3] = [
    "1x0000000000000000000000000000000AA",
    "2x0000000000000000000000000000000AA",
    "3x0000000000000000000000000000000AA",
];
const TURNSTILE_TOKEN: &str = "XXXX.DUMMY.TOKEN.XXXX";
const HCAPTCHA_TOKEN: &str = "10000000-aaaa-bbbb-cccc-000000000001";

async fn for_tests() -> Shop {
    Shop::with(Config {
        profile: Profile::Test,
        ..unthrottled()
    })
    .await
}

async fn ask(page: &mut Page, sitekey: &str) -> Value {
    let answer = page
        .ask("/api/challenge", &json!({ "sitekey": sitekey }))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    json_of(&answer)
}

async fn verify(shop: &Shop, path: &str, secret: &str, token: &str) -> Value {
    let fields = [("secret", secret), ("response", token)];
    json_of(&shop.server.visitor().post(path, &fields).await)
}

fn failure(code: &str) -> Value {
    json!({ "success": false, "error-codes": [code] })
}

#[tokio::test]
async fn test_keys_pass_ask_and_block_as_their_vendors_say() {
    let shop = for_tests().await;
    // Any page on this machine may ask, whatever sites there are.
    let mut page = shop.page_at("http://localhost:3000");
    for sitekey in PASSING {
        let told = ask(&mut page, sitekey).await;
        assert_eq!((&told["kind"], told.get("ticket")), (&json!("none"), None));
        assert!(told["token"].is_string());
    }
    let told = ask(&mut page, ASKING).await;
    let ticket = told["ticket"].as_str().unwrap();
    let wrong = json_of(&page.solve(ticket, "0").await);
    assert_eq!(wrong["error"], "wrong");
    let told = ask(&mut page, ASKING).await;
    let (ticket, answer) = (
        told["ticket"].as_str().unwrap(),
        told["answer"].as_str().unwrap(),
    );
    assert_eq!(
        json_of(&page.solve(ticket, answer).await)["token"],
        TURNSTILE_TOKEN
    );
    for sitekey in BLOCKING {
        let told = ask(&mut page, sitekey).await;
        let (ticket, answer) = (
            told["ticket"].as_str().unwrap(),
            told["answer"].as_str().unwrap(),
        );
        let blocked = json_of(&page.solve(ticket, answer).await);
        assert_eq!(blocked, json!({ "success": false, "error": "wrong" }));
    }
}

#[tokio::test]
async fn test_secrets_take_their_own_tokens_and_no_real_one() {
    let shop = for_tests().await;
    let real = real_token(&shop).await;
    let [passes, fails, is_late] = TURNSTILE_SECRETS;
    let [recaptcha, hcaptcha, turnstile] = [
        "/recaptcha/api/siteverify",
        "/siteverify",
        "/turnstile/v0/siteverify",
    ];
    for _ in 0..2 {
        for (path, secret, token) in [
            (recaptcha, RECAPTCHA_SECRET, "any"),
            (hcaptcha, HCAPTCHA_SECRET, HCAPTCHA_TOKEN),
            (turnstile, passes, TURNSTILE_TOKEN),
        ] {
            let told = verify(&shop, path, secret, token).await;
            assert_eq!(
                (&told["success"], &told["hostname"]),
                (&json!(true), &json!("localhost"))
            );
        }
    }
    for (path, secret, token, code) in [
        (
            hcaptcha,
            HCAPTCHA_SECRET,
            real.as_str(),
            "not-using-dummy-passcode",
        ),
        (
            hcaptcha,
            HCAPTCHA_SECRET,
            TURNSTILE_TOKEN,
            "not-using-dummy-passcode",
        ),
        (turnstile, passes, &real, "invalid-input-response"),
        (turnstile, passes, "", "missing-input-response"),
        (turnstile, fails, TURNSTILE_TOKEN, "invalid-input-response"),
        (turnstile, is_late, TURNSTILE_TOKEN, "timeout-or-duplicate"),
        // A real secret refuses every dummy.
        (
            turnstile,
            &shop.secret,
            TURNSTILE_TOKEN,
            "invalid-input-response",
        ),
        (
            hcaptcha,
            &shop.secret,
            HCAPTCHA_TOKEN,
            "invalid-input-response",
        ),
    ] {
        assert_eq!(
            verify(&shop, path, secret, token).await,
            failure(code),
            "{secret} {token}"
        );
    }
    let told = verify(&shop, turnstile, &shop.secret, &real).await;
    assert_eq!(told["success"], true);
}

/// Solved as told, since an installation for tests tells answers.
async fn real_token(shop: &Shop) -> String {
    let mut page = shop.page();
    let told = ask(&mut page, &shop.key).await;
    let (ticket, answer) = (
        told["ticket"].as_str().unwrap(),
        told["answer"].as_str().unwrap(),
    );
    let solved = json_of(&page.solve(ticket, answer).await);
    solved["token"].as_str().unwrap().to_owned()
}

/// C-40, SUP-10: elsewhere they are unknown, keys, secrets and tokens, and no answer is told.
#[tokio::test]
async fn elsewhere_test_keys_are_unknown() {
    let shop = Shop::open().await;
    let mut page = shop.page();
    for sitekey in PASSING.iter().chain([&ASKING]).chain(&BLOCKING) {
        let refused = page
            .ask("/api/challenge", &json!({ "sitekey": sitekey }))
            .await;
        assert_eq!(json_of(&refused)["error"]["code"], "unknown_sitekey");
    }
    let paths = [
        "/recaptcha/api/siteverify",
        "/siteverify",
        "/turnstile/v0/siteverify",
    ];
    for path in paths {
        for secret in TURNSTILE_SECRETS
            .iter()
            .chain([&RECAPTCHA_SECRET, &HCAPTCHA_SECRET])
        {
            for token in [TURNSTILE_TOKEN, HCAPTCHA_TOKEN] {
                let told = verify(&shop, path, secret, token).await;
                assert_eq!(told, failure("invalid-input-secret"));
                let told = verify(&shop, path, &shop.secret, token).await;
                assert_eq!(told, failure("invalid-input-response"));
            }
        }
    }
    assert!(ask(&mut page, &shop.key).await.get("answer").is_none());
}
