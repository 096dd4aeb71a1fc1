//! What an operator's Prometheus reads on the admin listener.

use axum::http::StatusCode;
use inkgate_server::Config;
use serde_json::json;

use crate::site::{Shop, json_of};
use crate::store::flaky;
use crate::visitor::Server;

/// The value of the one line that begins so.
async fn metric(server: &Server, line: &str) -> String {
    let text = text(server).await;
    let mut found = text
        .lines()
        .filter_map(|each| each.strip_prefix(line)?.strip_prefix(' '));
    let value = found
        .next()
        .unwrap_or_else(|| panic!("no {line} in {text}"));
    assert!(found.next().is_none());
    value.to_owned()
}

async fn text(server: &Server) -> String {
    let answer = server.operator().get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    answer.text().to_owned()
}

#[tokio::test]
async fn a_challenge_is_counted_from_its_issue_to_its_redemption() {
    let shop = Shop::open().await;
    let mut page = shop.page();
    let challenge = page
        .ask("/api/challenge", &json!({ "sitekey": shop.key }))
        .await;
    let (ticket, wrong) = (json_of(&challenge), page.ticket().await);
    page.visitor.get(ticket["image"].as_str().unwrap()).await;
    let ticket = ticket["ticket"].as_str().unwrap();
    shop.server
        .clock
        .advance(std::time::Duration::from_millis(3_500));
    let solution = shop.server.answer(ticket);
    let solved = json_of(&page.solve(ticket, &solution).await);
    page.solve(ticket, &solution).await;
    page.solve(&wrong, "0").await;
    page.solve("unknown", "0").await;
    let token = solved["token"].as_str().unwrap();
    for path in [
        "/recaptcha/api/siteverify",
        "/siteverify",
        "/turnstile/v0/siteverify",
    ] {
        let fields = [("secret", shop.secret.as_str()), ("response", token)];
        shop.server.visitor().post(path, &fields).await;
    }
    shop.server
        .visitor()
        .post("/siteverify", &[("secret", "nobody")])
        .await;
    shop.server.visitor().get("/newpage/login/").await;
    for (line, value) in [
        (
            "inkgate_challenges_total{site=\"shop\",kind=\"picture\",style=\"ink\"}",
            "2",
        ),
        (
            "inkgate_challenges_total{site=\"newpage\",kind=\"picture\",style=\"newpage\"}",
            "1",
        ),
        ("inkgate_pictures_total{style=\"ink\"}", "1"),
        (
            "inkgate_solutions_total{site=\"shop\",kind=\"picture\",style=\"ink\",outcome=\"right\"}",
            "1",
        ),
        (
            "inkgate_solutions_total{site=\"shop\",kind=\"picture\",style=\"ink\",outcome=\"wrong\"}",
            "1",
        ),
        (
            "inkgate_solutions_total{site=\"shop\",kind=\"picture\",style=\"ink\",outcome=\"used\"}",
            "1",
        ),
        (
            "inkgate_solutions_total{site=\"-\",kind=\"-\",style=\"-\",outcome=\"unknown\"}",
            "1",
        ),
        (
            "inkgate_solve_seconds_count{site=\"shop\",kind=\"picture\",style=\"ink\"}",
            "1",
        ),
        (
            "inkgate_solve_seconds_sum{site=\"shop\",kind=\"picture\",style=\"ink\"}",
            "3.5",
        ),
        (
            "inkgate_solve_seconds_bucket{le=\"2.0\",site=\"shop\",kind=\"picture\",style=\"ink\"}",
            "0",
        ),
        (
            "inkgate_solve_seconds_bucket{le=\"4.0\",site=\"shop\",kind=\"picture\",style=\"ink\"}",
            "1",
        ),
        (
            "inkgate_redemptions_total{site=\"shop\",dialect=\"recaptcha\",outcome=\"redeemed\"}",
            "1",
        ),
        (
            "inkgate_redemptions_total{site=\"shop\",dialect=\"hcaptcha\",outcome=\"used\"}",
            "1",
        ),
        (
            "inkgate_redemptions_total{site=\"shop\",dialect=\"turnstile\",outcome=\"used\"}",
            "1",
        ),
        (
            "inkgate_redemptions_total{site=\"-\",dialect=\"hcaptcha\",outcome=\"unknown_secret\"}",
            "1",
        ),
        (
            "inkgate_requests_total{route=\"/api/solve\",status=\"200\"}",
            "4",
        ),
    ] {
        assert_eq!(metric(&shop.server, line).await, value, "{line}");
    }
    let text = text(&shop.server).await;
    assert!(text.ends_with("# EOF\n"));
    for secret in [
        ticket,
        token,
        &shop.secret,
        &solution,
        "192.0.2.1",
        "shop.example.org",
    ] {
        assert!(!text.contains(secret));
    }
}

/// What a back end is told in one word, its operator can tell apart.
#[tokio::test]
async fn a_spent_token_is_counted_by_why_it_is_spent() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::sqlite(folder.path()).await;
    let (first, second) = (shop.token().await, shop.token().await);
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let shop = shop.sqlite_again(folder.path()).await;
    let fresh = shop.token().await;
    let key = "0f8fad5b-d9cb-469f-a165-70867728950e";
    for (token, key) in [
        (&fresh, key),
        (&fresh, key),
        (&fresh, key),
        (&fresh, ""),
        (&first, ""),
        (&second, key),
        (&second, key),
    ] {
        let fields = [
            ("secret", shop.secret.as_str()),
            ("response", token),
            ("idempotency_key", key),
        ];
        let path = "/turnstile/v0/siteverify";
        shop.server.visitor().post(path, &fields).await;
    }
    let shop_late = Shop::open().await;
    let late = shop_late.token().await;
    let clock = &shop_late.server.clock;
    clock.advance(std::time::Duration::from_secs(120));
    let fields = [("secret", shop_late.secret.as_str()), ("response", &late)];
    let path = "/recaptcha/api/siteverify";
    shop_late.server.visitor().post(path, &fields).await;
    for (server, dialect, outcome, count) in [
        (&shop.server, "turnstile", "redeemed", "1"),
        (&shop.server, "turnstile", "repeated", "2"),
        (&shop.server, "turnstile", "forgotten", "2"),
        (&shop.server, "turnstile", "used", "2"),
        (&shop_late.server, "recaptcha", "expired", "1"),
    ] {
        let line = format!(
            "inkgate_redemptions_total{{site=\"shop\",dialect=\"{dialect}\",outcome=\"{outcome}\"}}"
        );
        assert_eq!(metric(server, &line).await, count, "{outcome}");
    }
}

/// LOG-05: whatever clients send, there are no more series than before.
#[tokio::test]
async fn what_clients_say_adds_no_series() {
    let shop = Shop::open().await;
    let flood = async |round: usize| {
        for number in 0..50 {
            let word = format!("word-{round}-{number}");
            let mut page = shop.page();
            let asked = json!({ "sitekey": word, "action": word, "preset": word });
            page.ask("/api/challenge", &asked).await;
            page.solve(&word, &word).await;
            page.visitor.get(&format!("/{word}")).await;
            page.visitor.get(&format!("/challenge/{word}.png")).await;
            let fields = [
                ("secret", word.as_str()),
                ("response", &word),
                ("sitekey", &word),
            ];
            shop.server.visitor().post("/siteverify", &fields).await;
        }
        text(&shop.server).await.lines().count()
    };
    assert_eq!(flood(0).await, flood(1).await);
}

#[tokio::test]
async fn what_a_limit_refuses_is_counted() {
    let server = Server::with(Config::default());
    let mut visitor = server.visitor();
    while visitor.get("/newpage/getcode/").await.status == StatusCode::OK {}
    assert_eq!(
        metric(&server, "inkgate_throttled_total{act=\"issue\"}").await,
        "1"
    );
}

/// API-14: metrics and readiness are not on the public port, where being alive asks no store.
#[tokio::test]
async fn the_public_port_tells_only_that_it_lives() {
    let (server, store) = flaky();
    for path in ["/metrics", "/readyz"] {
        let answer = server.visitor().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(server.operator().get("/readyz").await.text(), "ready\n");
    store.leave();
    let mut operator = server.operator();
    assert_eq!(
        operator.get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(operator.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(operator.get("/metrics").await.status, StatusCode::OK);
    store.come_back();
    assert_eq!(operator.get("/readyz").await.status, StatusCode::OK);
    assert_eq!(
        operator.get("/newpage/login/").await.status,
        StatusCode::NOT_FOUND
    );
}
