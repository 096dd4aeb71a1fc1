//! Cap's protocol, as its widget speaks it.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::site::{Shop, json_of};
use crate::visitor::Answer;
use crate::work::easy;

async fn challenge(shop: &Shop) -> Value {
    let path = format!("/cap/{}/challenge", shop.key);
    let answer = shop
        .page()
        .visitor
        .post_raw(&path, "text/plain", Vec::new())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    json_of(&answer)
}

/// As the widget's fallback does it: the first number whose digest, behind the salt, begins with the target.
fn solve(challenge: &Value) -> Vec<u32> {
    let puzzles = challenge["challenge"].as_array().unwrap();
    let first = |puzzle: &Value| {
        let (salt, target) = (puzzle[0].as_str().unwrap(), puzzle[1].as_str().unwrap());
        let begins = |nonce: &u32| {
            let digest = Sha256::digest(format!("{salt}{nonce}"));
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            hex.starts_with(target)
        };
        (0..).find(begins).unwrap()
    };
    puzzles.iter().map(first).collect()
}

async fn redeem(shop: &Shop, body: &Value) -> Answer {
    shop.page()
        .ask(&format!("/cap/{}/redeem", shop.key), body)
        .await
}

async fn verify(shop: &Shop, key: &str, secret: &str, response: &str) -> Answer {
    let body = json!({ "secret": secret, "response": response }).to_string();
    let path = format!("/cap/{key}/siteverify");
    shop.server
        .visitor()
        .post_raw(&path, "application/json", body.into_bytes())
        .await
}

#[tokio::test]
async fn what_cap_s_widget_solves_is_redeemed_once() {
    let shop = Shop::with(easy()).await;
    let told = challenge(&shop).await;
    assert!(told["challenge"].as_array().unwrap().len() >= 10);
    let expires = told["expires"].as_u64().unwrap();
    assert_eq!(expires - shop.server.clock.now().as_millis(), 300_000);
    let body = json!({ "token": told["token"], "solutions": solve(&told) });
    let redeemed = json_of(&redeem(&shop, &body).await);
    assert_eq!(redeemed["success"], true);
    let expires = redeemed["expires"].as_u64().unwrap();
    assert_eq!(expires - shop.server.clock.now().as_millis(), 120_000);
    let token = redeemed["token"].as_str().unwrap();
    let first = json_of(&verify(&shop, &shop.key, &shop.secret, token).await);
    assert_eq!(first, json!({ "success": true }));
    let second = json_of(&verify(&shop, &shop.key, &shop.secret, token).await);
    assert_eq!(
        second,
        json!({ "success": false, "error": "timeout-or-duplicate" })
    );
    let again = redeem(&shop, &body).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(json_of(&again)["success"], false);
}

/// C-32, C-03: no work, too little, borrowed work, work for another scheme.
#[tokio::test]
async fn what_is_no_proof_uses_the_ticket_up() {
    let shop = Shop::with(easy()).await;
    let borrowed = solve(&challenge(&shop).await);
    for wrong in [
        vec![],
        vec![0],
        vec![0; borrowed.len()],
        borrowed.clone(),
        [borrowed, vec![1]].concat(),
    ] {
        let told = challenge(&shop).await;
        let right = solve(&told);
        for solutions in [wrong.clone(), right] {
            let body = json!({ "token": told["token"], "solutions": solutions });
            let answer = redeem(&shop, &body).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong:?}");
        }
    }
    let ticket = shop.page().ticket_for(&json!({ "preset": "work" })).await;
    let work = vec![0; 4];
    let answer = redeem(&shop, &json!({ "token": ticket, "solutions": work })).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

/// API-04, API-07, C-30: every field missing, doubled, huge, negative or in another spelling.
#[tokio::test]
async fn what_is_no_list_of_solutions_is_refused_and_leaves_the_ticket_good() {
    let shop = Shop::with(easy()).await;
    let told = challenge(&shop).await;
    let (token, right) = (&told["token"], solve(&told));
    for body in [
        json!({}),
        json!({ "token": token }),
        json!({ "solutions": right }),
        json!({ "token": token, "solutions": null }),
        json!({ "token": token, "solutions": right[0] }),
        json!({ "token": token, "solutions": [-1] }),
        json!({ "token": token, "solutions": [1.5] }),
        json!({ "token": token, "solutions": [1e300] }),
        json!({ "token": token, "solutions": ["1"] }),
        json!({ "token": token, "solutions": [4_294_967_296_u64] }),
        json!({ "token": 1, "solutions": right }),
        json!({ "token": token, "solutions": right, "instr": {} }),
    ] {
        let answer = redeem(&shop, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let list = json!(right).to_string();
    for body in [
        format!("{{\"token\":{token},\"solutions\":{list},\"solutions\":{list}}}"),
        format!("{{\"token\":{token},\"token\":{token},\"solutions\":{list}}}"),
        format!("{{\"token\":{token},\"solutions\":[0{}", &list[1..]),
    ] {
        let path = format!("/cap/{}/redeem", shop.key);
        let answer = shop
            .page()
            .visitor
            .post_raw(&path, "application/json", body.into_bytes())
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    let answer = redeem(&shop, &json!({ "token": token, "solutions": right })).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// CAP-22, C-12: of another page, another site, another time.
#[tokio::test]
async fn a_proof_elsewhere_or_too_late_fails() {
    let shop = Shop::with(easy()).await;
    let (blog, secret) = shop
        .add_with("blog", &["shop.example.org"], &["work"])
        .await;
    let told = challenge(&shop).await;
    let body = json!({ "token": told["token"], "solutions": solve(&told) });
    let answer = shop.page().ask(&format!("/cap/{blog}/redeem"), &body).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let told = challenge(&shop).await;
    let body = json!({ "token": told["token"], "solutions": solve(&told) });
    let answer = shop
        .page_at("https://www.shop.example.org")
        .ask(&format!("/cap/{}/redeem", shop.key), &body)
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let told = challenge(&shop).await;
    let body = json!({ "token": told["token"], "solutions": solve(&told) });
    let token = json_of(&redeem(&shop, &body).await)["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let mixed = json_of(&verify(&shop, &blog, &shop.secret, &token).await);
    assert_eq!(mixed["success"], false, "the address names another site");
    let foreign = json_of(&verify(&shop, &blog, &secret, &token).await);
    assert_eq!(foreign["success"], false);
    let late = challenge(&shop).await;
    let body = json!({ "token": late["token"], "solutions": solve(&late) });
    shop.server.clock.advance(Duration::from_secs(300));
    assert_eq!(redeem(&shop, &body).await.status, StatusCode::FORBIDDEN);
}
