//! What is asked for rises at once when the moment needs it, falls slowly, and metrics say why.

use std::time::Duration;

use inkgate_server::Config;
use inkgate_server::config::{PolicyConfig, WorkConfig};
use serde_json::json;

use crate::site::{Page, Shop, json_of};

fn adaptive() -> Config {
    Config {
        policy: PolicyConfig {
            adaptive: true,
            ..PolicyConfig::default()
        },
        work: WorkConfig {
            effort: 25_600,
            ..WorkConfig::default()
        },
        ..Config::default()
    }
}

/// What a page is asked for: kind and bits of work.
async fn asked(page: &mut Page, preset: &str) -> (String, u64) {
    let asked = json!({ "sitekey": page.sitekey, "preset": preset });
    let told = json_of(&page.ask("/api/challenge", &asked).await);
    let kind = told["kind"].as_str().unwrap_or_else(|| panic!("{told}"));
    (kind.to_owned(), told["work"]["bits"].as_u64().unwrap_or(0))
}

async fn fail(page: &mut Page, times: usize) {
    for _ in 0..times {
        let ticket = page.ticket().await;
        page.solve(&ticket, "0").await;
    }
}

fn at(shop: &Shop, address: &str) -> Page {
    let mut page = shop.page();
    page.visitor.address = format!("{address}:40000").parse().unwrap();
    page
}

async fn metrics(shop: &Shop) -> String {
    shop.server
        .operator()
        .get("/metrics")
        .await
        .text()
        .to_owned()
}

#[tokio::test]
async fn an_address_that_fails_is_asked_for_more_at_once_and_for_less_slowly() {
    let shop = Shop::with(adaptive()).await;
    let mut page = at(&shop, "198.51.100.7");
    assert_eq!(asked(&mut page, "work").await, ("work".to_owned(), 5));
    fail(&mut page, 2).await;
    assert_eq!(asked(&mut page, "work").await.0, "work");
    fail(&mut page, 1).await;
    assert_eq!(asked(&mut page, "work").await.0, "picture");
    fail(&mut page, 3).await;
    assert_eq!(
        asked(&mut page, "work").await,
        ("picture-and-work".to_owned(), 7)
    );
    fail(&mut page, 6).await;
    assert_eq!(
        asked(&mut page, "work").await,
        ("picture-and-work".to_owned(), 8)
    );
    let mut other = at(&shop, "203.0.113.7");
    assert_eq!(
        asked(&mut other, "work").await.0,
        "work",
        "others do not feel it"
    );
    shop.server.clock.advance(Duration::from_secs(60));
    assert_eq!(
        asked(&mut page, "work").await.1,
        7,
        "a minute forgives little"
    );
    shop.server.clock.advance(Duration::from_secs(24 * 60));
    assert_eq!(asked(&mut page, "work").await.0, "work");
    let text = metrics(&shop).await;
    for line in [
        "inkgate_rises_total{site=\"shop\",why=\"address\"} 3",
        "inkgate_asked_total{site=\"shop\",asks=\"longer\",why=\"address\"}",
        "inkgate_asked_total{site=\"shop\",asks=\"work\",why=\"site\"}",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

/// Nothing that a browser keeps takes part, so nothing is gained by forgetting it.
#[tokio::test]
async fn a_browser_without_its_past_is_asked_for_no_less() {
    let shop = Shop::with(adaptive()).await;
    let mut page = at(&shop, "198.51.100.7");
    fail(&mut page, 3).await;
    let mut fresh = at(&shop, "198.51.100.7");
    fresh.visitor = fresh.visitor.with_header("user-agent", "another");
    assert_eq!(asked(&mut fresh, "work").await.0, "picture");
}

/// THR-03: who changes addresses within a network is counted by the network.
#[tokio::test]
async fn a_network_whose_addresses_fail_is_asked_for_more() {
    let shop = Shop::with(adaptive()).await;
    for host in 1..=12 {
        fail(&mut at(&shop, &format!("198.51.100.{host}")), 1).await;
    }
    let mut fresh = at(&shop, "198.51.100.99");
    assert_eq!(asked(&mut fresh, "work").await.0, "picture");
    assert!(
        metrics(&shop)
            .await
            .contains("rises_total{site=\"shop\",why=\"network\"} 1")
    );
}

/// A machine that never fails is one, too.
#[tokio::test]
async fn an_address_that_succeeds_again_and_again_is_asked_for_more() {
    let shop = Shop::with(adaptive()).await;
    let mut page = at(&shop, "198.51.100.7");
    for _ in 0..24 {
        let ticket = page.ticket_for(&json!({ "preset": "work" })).await;
        let work = crate::work::counters(&shop, &ticket);
        let told = page
            .ask("/api/solve", &json!({ "ticket": ticket, "work": work }))
            .await;
        assert_eq!(json_of(&told)["success"], true);
    }
    assert_eq!(asked(&mut page, "work").await.0, "picture");
}

#[tokio::test]
async fn a_site_on_which_half_of_all_tries_fail_asks_everybody_for_more_and_falls_by_steps() {
    let shop = Shop::with(adaptive()).await;
    for network in 0..45 {
        let mut page = at(&shop, &format!("10.0.{network}.1"));
        let (ticket, right) = (page.ticket().await, page.ticket().await);
        page.solve(&ticket, "0").await;
        if network % 4 == 0 {
            page.solve(&right, &shop.server.answer(&right)).await;
        }
    }
    let mut fresh = at(&shop, "203.0.113.7");
    assert_eq!(asked(&mut fresh, "work").await.0, "picture-and-work");
    assert!(
        metrics(&shop)
            .await
            .contains("rises_total{site=\"shop\",why=\"failures\"} 1")
    );
    shop.server.clock.advance(Duration::from_secs(600));
    assert_eq!(asked(&mut fresh, "work").await.0, "picture");
    shop.server.clock.advance(Duration::from_secs(600));
    assert_eq!(asked(&mut fresh, "work").await.0, "work");
}

/// ALTCHA's challenges cost nothing to ask for.
#[tokio::test]
async fn challenges_that_nobody_solves_do_not_lower_the_share_of_failures() {
    let shop = Shop::with(adaptive()).await;
    for network in 0..45 {
        let path = format!("/altcha/{}/challenge", shop.key);
        let mut other = at(&shop, &format!("10.1.{network}.1"));
        for _ in 0..3 {
            other.visitor.get(&path).await;
        }
        let mut page = at(&shop, &format!("10.0.{network}.1"));
        let ticket = page.ticket().await;
        page.solve(&ticket, "0").await;
    }
    let mut fresh = at(&shop, "203.0.113.7");
    assert_ne!(asked(&mut fresh, "work").await.0, "work");
}

#[tokio::test]
async fn a_flood_of_challenges_is_an_attack() {
    let mut config = adaptive();
    config.policy.attack_per_minute = 20;
    let shop = Shop::with(config).await;
    for n in 0..145 {
        let mut page = at(&shop, &format!("10.0.{n}.1"));
        asked(&mut page, "work").await;
    }
    let mut fresh = at(&shop, "203.0.113.7");
    assert_eq!(asked(&mut fresh, "work").await.0, "picture-and-work");
    assert!(
        metrics(&shop)
            .await
            .contains("rises_total{site=\"shop\",why=\"rate\"} 1")
    );
    shop.server.clock.advance(Duration::from_secs(1_200));
    assert_eq!(asked(&mut fresh, "work").await.0, "work");
}

#[tokio::test]
async fn an_operator_says_by_hand_that_there_is_an_attack() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::with(Config {
        data: folder.path().to_owned(),
        ..adaptive()
    })
    .await;
    let mut page = shop.page();
    assert_eq!(asked(&mut page, "ink").await.0, "picture");
    std::fs::write(folder.path().join("under-attack"), "").unwrap();
    shop.server.clock.advance(Duration::from_secs(1));
    assert_eq!(
        asked(&mut page, "ink").await,
        ("picture-and-work".to_owned(), 7)
    );
    assert!(
        metrics(&shop)
            .await
            .contains("rises_total{site=\"shop\",why=\"hand\"} 1")
    );
    std::fs::remove_file(folder.path().join("under-attack")).unwrap();
    shop.server.clock.advance(Duration::from_secs(1));
    assert_eq!(asked(&mut page, "ink").await.0, "picture");
}

/// C-66: whoever has no scripts reads a longer answer where others' machines work.
#[tokio::test]
async fn without_scripts_a_longer_picture_takes_the_place_of_work() {
    let shop = Shop::with(adaptive()).await;
    let path = format!("/fallback?sitekey={}", shop.key);
    let mut visitor = shop.server.visitor();
    let short = visitor.get(&path).await.ticket();
    let usual = shop.server.answer(&short).chars().count();
    let mut page = shop.page();
    page.visitor.address = visitor.address;
    fail(&mut page, 3).await;
    let long = visitor.get(&path).await.ticket();
    assert_eq!(shop.server.answer(&long).chars().count(), usual + 2);
    let picture = visitor.get(&format!("/challenge/{long}.png")).await;
    assert_eq!(picture.status, 200, "it can be drawn");
}
