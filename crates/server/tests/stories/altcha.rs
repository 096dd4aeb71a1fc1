//! ALTCHA's protocol, with ALTCHA's own crate as the widget and as the judge.

use altcha::{Payload, SolveChallengeOptions, VerifySolutionOptions};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::site::{Shop, json_of};
use crate::work::easy;

async fn challenge(shop: &Shop, query: &str) -> Value {
    let path = format!("/altcha/{}/challenge{query}", shop.key);
    let answer = shop.page().visitor.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), shop.origin());
    json_of(&answer)
}

/// What the widget puts into the form.
async fn payload(shop: &Shop) -> Value {
    let challenge: altcha::Challenge = serde_json::from_value(challenge(shop, "").await).unwrap();
    let solution = altcha::solve_challenge(SolveChallengeOptions::new(&challenge))
        .unwrap()
        .unwrap();
    serde_json::to_value(Payload {
        challenge,
        solution,
    })
    .unwrap()
}

fn text(payload: &Value) -> String {
    STANDARD.encode(payload.to_string())
}

async fn redeem(shop: &Shop, path: &str, secret: &str, response: &str) -> Value {
    let fields = [("secret", secret), ("response", response)];
    json_of(&shop.server.visitor().post(path, &fields).await)
}

async fn verify(shop: &Shop, response: &str) -> Value {
    redeem(shop, "/turnstile/v0/siteverify", &shop.secret, response).await
}

/// What ALTCHA's crate says of a payload.
fn judged(shop: &Shop, payload: &Value) -> Option<bool> {
    let secret = shop.server.state.keys.current().derive("altcha signature");
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let payload: Payload = serde_json::from_value(payload.clone()).ok()?;
    let options = VerifySolutionOptions::new(&payload.challenge, &payload.solution, secret);
    Some(altcha::verify_solution(options).is_ok_and(|result| result.verified))
}

#[tokio::test]
async fn what_altcha_solves_is_redeemed_once_in_every_dialect() {
    let shop = Shop::with(easy()).await;
    for path in [
        "/recaptcha/api/siteverify",
        "/turnstile/v0/siteverify",
        "/siteverify",
    ] {
        let payload = payload(&shop).await;
        assert_eq!(judged(&shop, &payload), Some(true));
        let told = redeem(&shop, path, &shop.secret, &text(&payload)).await;
        assert_eq!(told["success"], true, "{told}");
        assert_eq!(told["hostname"], "shop.example.org");
        let again = redeem(&shop, path, &shop.secret, &text(&payload)).await;
        assert_eq!(again["success"], false);
    }
    let asked = challenge(&shop, "?action=order").await;
    let asked: altcha::Challenge = serde_json::from_value(asked).unwrap();
    let solution = altcha::solve_challenge(SolveChallengeOptions::new(&asked)).unwrap();
    let payload = json!({ "challenge": asked, "solution": solution });
    assert_eq!(verify(&shop, &text(&payload)).await["action"], "order");
}

/// CAP-01, C-08, CAP-21
#[tokio::test]
async fn a_payload_that_is_shown_a_thousand_times_at_once_is_good_once() {
    let shop = Shop::with(easy()).await;
    let text = text(&payload(&shop).await);
    let tries = (0..1_000).map(|_| {
        let (mut visitor, secret) = (shop.server.visitor(), shop.secret.clone());
        let response = text.clone();
        tokio::spawn(async move {
            let fields = [("secret", secret.as_str()), ("response", response.as_str())];
            json_of(&visitor.post("/turnstile/v0/siteverify", &fields).await)
        })
    });
    let mut passed = 0;
    for attempt in tries.collect::<Vec<_>>() {
        let told = attempt.await.unwrap();
        match told["success"] == true {
            true => passed += 1,
            false => assert_eq!(told["error-codes"], json!(["timeout-or-duplicate"])),
        }
    }
    assert_eq!(passed, 1);
}

/// C-31, C-32, API-04: CVE-2025-68113 and its kin. Nothing in it can be changed, left out, moved or spelled otherwise.
#[tokio::test]
async fn a_payload_that_differs_in_anything_is_refused() {
    let shop = Shop::with(easy()).await;
    let other = payload(&shop).await;
    for (place, values) in [
        (
            "/challenge/parameters/algorithm",
            vec![json!("SHA-256"), json!("PBKDF2/SHA-512"), json!("")],
        ),
        (
            "/challenge/parameters/cost",
            vec![
                json!(1),
                json!(0),
                json!(-1),
                json!(99),
                json!(70_000),
                json!(100.0),
                json!("100"),
            ],
        ),
        (
            "/challenge/parameters/data",
            vec![
                json!({}),
                json!(null),
                json!({ "ticket": "" }),
                other["challenge"]["parameters"]["data"].clone(),
            ],
        ),
        (
            "/challenge/parameters/data/ticket",
            vec![json!("x"), json!(1), json!("A".repeat(1_401))],
        ),
        (
            "/challenge/parameters/expiresAt",
            vec![json!(0), json!(-1), json!(9_999_999_999_u64), json!(null)],
        ),
        (
            "/challenge/parameters/keyLength",
            vec![json!(1), json!(0), json!(64)],
        ),
        (
            "/challenge/parameters/keyPrefix",
            vec![json!(""), json!("0"), json!("000"), json!("0 ")],
        ),
        (
            "/challenge/parameters/nonce",
            vec![json!(""), other["challenge"]["parameters"]["nonce"].clone()],
        ),
        (
            "/challenge/parameters/salt",
            vec![json!(""), other["challenge"]["parameters"]["salt"].clone()],
        ),
        (
            "/challenge/signature",
            vec![
                json!(""),
                json!("00"),
                other["challenge"]["signature"].clone(),
                json!(null),
            ],
        ),
        (
            "/solution/counter",
            vec![
                json!(-1),
                json!(1e9),
                json!("1"),
                json!(4_294_967_296_u64),
                json!(null),
                json!(4_294_967_295_u32),
            ],
        ),
        (
            "/solution/derivedKey",
            vec![
                json!(""),
                json!("00"),
                other["solution"]["derivedKey"].clone(),
            ],
        ),
        (
            "/challenge/parameters",
            vec![other["challenge"]["parameters"].clone()],
        ),
        (
            "/challenge",
            vec![other["challenge"].clone(), json!(null), json!([])],
        ),
        (
            "/solution",
            vec![other["solution"].clone(), json!(null), json!({})],
        ),
    ] {
        for value in values {
            let mut payload = payload(&shop).await;
            *payload.pointer_mut(place).unwrap() = value.clone();
            let told = verify(&shop, &text(&payload)).await;
            assert_eq!(told["success"], false, "{place} {value}");
            assert_ne!(judged(&shop, &payload), Some(true), "{place} {value}");
        }
        let mut lacking = payload(&shop).await;
        let (parent, name) = place.rsplit_once('/').unwrap();
        lacking
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(name);
        let told = verify(&shop, &text(&lacking)).await;
        assert_eq!(
            told["error-codes"],
            json!(["invalid-input-response"]),
            "without {place}"
        );
        let mut more = payload(&shop).await;
        more.pointer_mut(parent).unwrap()["more"] = json!(1);
        let told = verify(&shop, &text(&more)).await;
        assert_eq!(
            told["error-codes"],
            json!(["invalid-input-response"]),
            "more beside {place}"
        );
    }
    for spelled in [
        |json: String| STANDARD.encode(json.replacen("{\"", "{\"solution\":{},\"", 1)),
        |json: String| STANDARD.encode(json).trim_end_matches('=').to_owned() + "*",
        |json: String| STANDARD.encode(json) + "=",
        |json: String| STANDARD.encode(format!("{json}{json}")),
        |json: String| format!("{}{}", STANDARD.encode(&json), "A".repeat(9_000)),
        |_: String| "eyJ".to_owned(),
        |_: String| STANDARD.encode("{\"a\":".repeat(900)),
    ] {
        let response = spelled(payload(&shop).await.to_string());
        let told = verify(&shop, &response).await;
        assert_eq!(told["success"], false, "{response}");
    }
}

/// CAP-22, C-05, C-12: for its own site, while its ticket lives.
#[tokio::test]
async fn a_payload_of_another_site_or_time_fails() {
    let shop = Shop::with(easy()).await;
    let (_, secret) = shop.add("blog", &["blog.example.org"]).await;
    let foreign = text(&payload(&shop).await);
    let told = redeem(&shop, "/siteverify", &secret, &foreign).await;
    assert_eq!(told["error-codes"], json!(["sitekey-secret-mismatch"]));
    let again = verify(&shop, &foreign).await;
    assert_eq!(
        again["error-codes"],
        json!(["timeout-or-duplicate"]),
        "it was used"
    );
    let late = text(&payload(&shop).await);
    shop.server
        .clock
        .advance(std::time::Duration::from_secs(300));
    let told = verify(&shop, &late).await;
    assert_eq!(told["error-codes"], json!(["timeout-or-duplicate"]));
}

/// A proof for our own widget, or for Cap's, is none for ALTCHA's.
#[tokio::test]
async fn work_of_another_scheme_is_no_payload() {
    let shop = Shop::with(easy()).await;
    let ticket = shop.page().ticket_for(&json!({ "preset": "work" })).await;
    let mut payload = payload(&shop).await;
    payload["challenge"]["parameters"]["data"]["ticket"] = json!(ticket);
    let told = verify(&shop, &text(&payload)).await;
    assert_eq!(told["error-codes"], json!(["invalid-input-response"]));
    // And ALTCHA's ticket is not solved at our own API by ALTCHA's counter in another list.
    let other = self::payload(&shop).await;
    let ticket = other["challenge"]["parameters"]["data"]["ticket"].clone();
    let counter = other["solution"]["counter"].clone();
    let asked = json!({ "ticket": ticket, "work": [counter, counter] });
    let told = json_of(&shop.page().ask("/api/solve", &asked).await);
    assert_eq!(told["error"], "wrong");
}

/// Neither widget shows a picture: whoever reads the ticket's was not asked to, and would go round the policy.
#[tokio::test]
async fn a_ticket_of_another_s_widget_is_not_good_for_reading_a_picture() {
    let shop = Shop::with(easy()).await;
    let altcha = challenge(&shop, "").await;
    let path = format!("/cap/{}/challenge", shop.key);
    let mut page = shop.page();
    let cap = page.visitor.post_raw(&path, "text/plain", Vec::new()).await;
    let cap = json_of(&cap);
    for ticket in [&altcha["parameters"]["data"]["ticket"], &cap["token"]] {
        let ticket = ticket.as_str().unwrap();
        let told = json_of(&shop.page().solve(ticket, &shop.server.answer(ticket)).await);
        assert_eq!(told["error"], "wrong");
    }
}

/// API-08, CAP-26: only the site's own pages are asked, and only where the site allows work alone.
#[tokio::test]
async fn work_is_for_sites_that_allow_it_and_for_their_pages() {
    let shop = Shop::with(easy()).await;
    let path = format!("/altcha/{}/challenge", shop.key);
    let elsewhere = shop
        .page_at("https://evil.example")
        .visitor
        .get(&path)
        .await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    let nowhere = shop.server.visitor().get(&path).await;
    assert_eq!(nowhere.status, StatusCode::FORBIDDEN);
    for (path, code) in [
        ("/altcha/nobody/challenge", "unknown_sitekey"),
        (&format!("{path}?action=fly"), "action_not_allowed"),
        (&format!("{path}?action=a%20b"), "bad_request"),
    ] {
        let answer = shop.page().visitor.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(json_of(&answer)["error"]["code"], code, "{path}");
    }
    let (key, _) = shop
        .add_with("pictures", &["shop.example.org"], &["ink"])
        .await;
    shop.server.clock.advance(std::time::Duration::from_secs(1));
    for path in [
        format!("/altcha/{key}/challenge"),
        format!("/cap/{key}/challenge"),
    ] {
        let mut page = shop.page();
        let answer = match path.starts_with("/cap") {
            true => page.visitor.post(&path, &[]).await,
            false => page.visitor.get(&path).await,
        };
        assert_eq!(json_of(&answer)["error"]["code"], "preset_not_allowed");
    }
}
