//! A page asks for work instead of a picture, or besides, and a machine does it.

use std::collections::HashSet;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use inkgate::{Contents, Keyring, Via};
use inkgate_server::Config;
use inkgate_server::config::WorkConfig;
use serde_json::{Value, json};

use crate::site::{Page, Shop, json_of};
use crate::visitor::{Answer, unthrottled};

/// Little work: a few milliseconds, and 2^20 guesses.
pub(crate) fn easy() -> Config {
    Config {
        work: WorkConfig {
            effort: 25_600,
            ..WorkConfig::default()
        },
        ..unthrottled()
    }
}

/// The counters that solve a ticket's puzzles.
pub(crate) fn counters(shop: &Shop, ticket: &str) -> Vec<u32> {
    shop.server.state.captcha.puzzles(ticket).unwrap().solve()
}

async fn ticket(page: &mut Page) -> String {
    page.ticket_for(&json!({ "preset": "work" })).await
}

async fn prove(page: &mut Page, ticket: &str, work: impl Into<Value>) -> Answer {
    let asked = json!({ "ticket": ticket, "work": work.into() });
    page.ask("/api/solve", &asked).await
}

fn way(keyring: &Keyring, token: &str) -> Via {
    match keyring.inspect(token).unwrap() {
        Contents::Token(pass) => pass.via,
        Contents::Ticket(_) => panic!("no token"),
    }
}

#[tokio::test]
async fn a_machine_earns_a_token_by_work_that_is_redeemed_like_any_other() {
    let shop = Shop::with(easy()).await;
    let mut page = shop.page();
    let asked = json!({ "sitekey": shop.key, "preset": "work", "action": "order" });
    let told = json_of(&page.ask("/api/challenge", &asked).await);
    assert_eq!(told["kind"], "work");
    assert_eq!(told["work"]["algorithm"], "pbkdf2-sha256");
    let of = |name: &str| told["work"][name].as_u64().unwrap();
    assert_eq!((of("puzzles"), of("cost"), of("bits")), (4, 250, 5));
    assert_eq!(told["work"]["nonce"].as_str().unwrap().len(), 32);
    assert!(told["image"].is_string(), "there is a way out");
    let ticket = told["ticket"].as_str().unwrap();
    let solved = json_of(&prove(&mut page, ticket, counters(&shop, ticket)).await);
    assert_eq!(solved["success"], true);
    let token = solved["token"].as_str().unwrap();
    assert_eq!(way(&shop.server.state.keys.current(), token), Via::Work);
    let fields = [("secret", shop.secret.as_str()), ("response", token)];
    let mut back_end = shop.server.visitor();
    let first = json_of(&back_end.post("/turnstile/v0/siteverify", &fields).await);
    assert_eq!(
        (&first["success"], &first["action"]),
        (&json!(true), &json!("order"))
    );
    let second = json_of(&back_end.post("/turnstile/v0/siteverify", &fields).await);
    assert_eq!(second["error-codes"], json!(["timeout-or-duplicate"]));
}

/// CAP-01, C-02, C-07: of a thousand at once, one.
#[tokio::test]
async fn a_proof_that_is_sent_a_thousand_times_at_once_earns_one_token() {
    let shop = Shop::with(easy()).await;
    let page = shop.page();
    let ticket = ticket(&mut shop.page()).await;
    let work = counters(&shop, &ticket);
    let tries = (0..1_000).map(|_| {
        let (visitor, sitekey) = (page.visitor.clone(), page.sitekey.clone());
        let (ticket, work) = (ticket.clone(), work.clone());
        tokio::spawn(async move {
            let mut page = Page { visitor, sitekey };
            json_of(&prove(&mut page, &ticket, work).await)["success"] == true
        })
    });
    let mut passed = 0;
    for attempt in tries.collect::<Vec<_>>() {
        passed += usize::from(attempt.await.unwrap());
    }
    assert_eq!(passed, 1);
}

/// C-32, C-03: no work, too little, and that of another ticket fail alike, and use the ticket up.
#[tokio::test]
async fn what_is_no_proof_uses_the_ticket_up() {
    let shop = Shop::with(easy()).await;
    let mut page = shop.page();
    let borrowed = counters(&shop, &ticket(&mut page).await);
    let zeros = vec![0; 4];
    for wrong in [
        vec![],
        vec![0],
        zeros,
        vec![u32::MAX; 4],
        borrowed.clone(),
        [borrowed, vec![0]].concat(),
    ] {
        let ticket = ticket(&mut page).await;
        let right = counters(&shop, &ticket);
        let told = json_of(&prove(&mut page, &ticket, wrong.clone()).await);
        assert_eq!(
            told,
            json!({ "success": false, "error": "wrong" }),
            "{wrong:?}"
        );
        let told = json_of(&prove(&mut page, &ticket, right).await);
        assert_eq!(told["success"], false, "used by {wrong:?}");
    }
    let ticket = ticket(&mut page).await;
    let mut almost = counters(&shop, &ticket);
    let puzzles = shop.server.state.captcha.puzzles(&ticket).unwrap();
    almost[3] = (0..)
        .find(|&counter| !puzzles.is_solved(3, counter))
        .unwrap();
    assert_eq!(
        json_of(&prove(&mut page, &ticket, almost).await)["error"],
        "wrong"
    );
}

/// CAP-22, C-05: a proof is good on its own page, for its life.
#[tokio::test]
async fn a_proof_of_another_page_or_time_is_none() {
    let shop = Shop::with(easy()).await;
    let mut page = shop.page();
    let issued = ticket(&mut page).await;
    let work = counters(&shop, &issued);
    let mut other = shop.page_at("https://www.shop.example.org");
    let told = json_of(&prove(&mut other, &issued, work).await);
    assert_eq!(told["error"], "wrong");
    let late = ticket(&mut page).await;
    let work = counters(&shop, &late);
    shop.server.clock.advance(Duration::from_secs(300));
    let told = json_of(&prove(&mut page, &late, work).await);
    assert_eq!(told["error"], "expired");
}

/// API-04, API-07, C-25, C-30, C-45: what is no list of counters is refused, and leaves the ticket good.
#[tokio::test]
async fn every_field_of_a_proof_missing_doubled_huge_negative_or_in_another_spelling_is_refused() {
    let shop = Shop::with(easy()).await;
    let mut page = shop.page();
    let ticket = ticket(&mut page).await;
    let work = counters(&shop, &ticket);
    let list = json!(work).to_string();
    let first = work[0];
    let with = |first: &str| {
        let rest = json!(work[1..]).to_string();
        format!("{{\"ticket\":\"{ticket}\",\"work\":[{first},{}", &rest[1..])
    };
    let mut refused = vec![
        json!({ "ticket": ticket }).to_string(),
        json!({ "work": work }).to_string(),
        json!({ "ticket": ticket, "work": null }).to_string(),
        json!({ "ticket": ticket, "work": {} }).to_string(),
        json!({ "ticket": ticket, "work": list }).to_string(),
        json!({ "ticket": ticket, "work": first }).to_string(),
        json!({ "ticket": ticket, "work": [work] }).to_string(),
        json!({ "ticket": [ticket], "work": work }).to_string(),
        json!({ "ticket": ticket, "work": work, "bits": 1 }).to_string(),
        format!("{{\"ticket\":\"{ticket}\",\"work\":{list},\"work\":{list}}}"),
        format!("{{\"ticket\":\"{ticket}\",\"ticket\":\"{ticket}\",\"work\":{list}}}"),
        format!("[\"{ticket}\",{list}]"),
    ];
    for spelled in [
        format!("-{first}"),
        format!("{first}.0"),
        format!("{first}e0"),
        format!("0{first}"),
        format!("+{first}"),
        format!("\"{first}\""),
        "4294967296".to_owned(),
        "18446744073709551616".to_owned(),
        "-1".to_owned(),
        "1e9".to_owned(),
        "null".to_owned(),
        "true".to_owned(),
        "9".repeat(400),
    ] {
        refused.push(with(&spelled));
    }
    for body in refused {
        let shown = body.clone();
        let kind = Some("application/json");
        let answer = page
            .visitor
            .send(Method::POST, "/api/solve", kind, Body::from(body))
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{shown}");
    }
    let long = json!({ "ticket": ticket, "work": vec![1; 9_000] });
    assert_eq!(
        page.ask("/api/solve", &long).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let told = json_of(&prove(&mut page, &ticket, work).await);
    assert_eq!(told["success"], true, "the ticket is still good");
}

#[tokio::test]
async fn whose_machine_is_slow_may_read_the_picture_instead_unless_the_operator_forbids_it() {
    for allowed in [true, false] {
        let config = Config {
            work: WorkConfig {
                picture_instead: allowed,
                ..easy().work
            },
            ..unthrottled()
        };
        let shop = Shop::with(config).await;
        let mut page = shop.page();
        let asked = json!({ "sitekey": shop.key, "preset": "work" });
        let told = json_of(&page.ask("/api/challenge", &asked).await);
        assert_eq!(told["image"].is_string(), allowed);
        let ticket = told["ticket"].as_str().unwrap();
        let solved = json_of(&page.solve(ticket, &shop.server.answer(ticket)).await);
        assert_eq!(solved["success"], allowed);
        if allowed {
            let token = solved["token"].as_str().unwrap();
            assert_eq!(way(&shop.server.state.keys.current(), token), Via::Picture);
        }
    }
}

#[tokio::test]
async fn where_both_are_asked_for_one_is_not_enough() {
    let shop = Shop::with(easy()).await;
    let mut page = shop.page();
    let issue = async |page: &mut Page| {
        let asked = json!({ "sitekey": shop.key, "preset": "ink-work" });
        let told = json_of(&page.ask("/api/challenge", &asked).await);
        assert_eq!(told["kind"], "picture-and-work");
        told["ticket"].as_str().unwrap().to_owned()
    };
    let ticket = issue(&mut page).await;
    let (right, work) = (shop.server.answer(&ticket), counters(&shop, &ticket));
    let both = json!({ "ticket": ticket, "solution": right, "work": work });
    let told = json_of(&page.ask("/api/solve", &both).await);
    assert_eq!(told["success"], true);
    let token = told["token"].as_str().unwrap();
    assert_eq!(
        way(&shop.server.state.keys.current(), token),
        Via::PictureAndWork
    );
    for lacking in ["solution", "work"] {
        let ticket = issue(&mut page).await;
        let (right, work) = (shop.server.answer(&ticket), counters(&shop, &ticket));
        let mut both = json!({ "ticket": ticket, "solution": right, "work": work });
        both.as_object_mut().unwrap().remove(lacking);
        let told = json_of(&page.ask("/api/solve", &both).await);
        assert_eq!(told["success"], false, "without {lacking}");
    }
    // A picture's ticket does not become one of work by bringing some.
    let picture = page.ticket().await;
    let told = json_of(&prove(&mut page, &picture, vec![0; 4]).await);
    assert_eq!(told["error"], "wrong");
}

/// CAP-13: what puzzles are about is new with each ticket.
#[tokio::test]
async fn no_two_tickets_ask_for_the_same_work() {
    let shop = Shop::with(easy()).await;
    let mut page = shop.page();
    let mut nonces = HashSet::new();
    for _ in 0..50 {
        let ticket = ticket(&mut page).await;
        let puzzles = shop.server.state.captcha.puzzles(&ticket).unwrap();
        nonces.insert(*puzzles.nonce());
    }
    assert_eq!(nonces.len(), 50);
}
