//! A widget on a site's page asks for a challenge and earns a token.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use inkgate_server::service::limiter::Act;
use serde_json::{Value, json};

use crate::site::{Shop, json_of};
use crate::visitor::unthrottled;

#[tokio::test]
async fn a_page_gets_a_challenge_draws_it_and_earns_a_token() {
    let shop = Shop::open().await;
    let mut page = shop.page();
    let asked = json!({ "sitekey": shop.key, "action": "sign-in", "cdata": "order-7" });
    let challenge = page.ask("/api/challenge", &asked).await;
    assert_eq!(challenge.status, StatusCode::OK);
    assert_eq!(
        challenge.header("access-control-allow-origin"),
        shop.origin()
    );
    assert_eq!(challenge.header("vary"), "Origin");
    assert_eq!(challenge.header("cache-control"), "no-store");
    assert!(challenge.set_cookies().is_empty());
    let told = json_of(&challenge);
    assert_eq!(told["kind"], "picture");
    assert_eq!(
        (&told["width"], &told["height"]),
        (&json!(300), &json!(170))
    );
    assert_eq!(told["expires_in"], 300);
    let image = told["image"].as_str().unwrap();
    for image in [image.to_owned(), image.replace(".png", "@2x.dark.png")] {
        let picture = page.visitor.get(&image).await;
        assert_eq!(picture.status, StatusCode::OK);
        assert_eq!(
            picture.header("cross-origin-resource-policy"),
            "cross-origin"
        );
    }
    let ticket = told["ticket"].as_str().unwrap();
    let solution = shop.server.answer(ticket);
    let asked = json!({ "ticket": ticket, "solution": solution });
    let solved = page.ask("/api/solve", &asked).await;
    assert_eq!(solved.status, StatusCode::OK);
    let told = json_of(&solved);
    assert_eq!(
        (&told["success"], &told["expires_in"]),
        (&json!(true), &json!(120))
    );
    assert!(told["token"].as_str().unwrap().len() <= 2_048);
    assert!(told.get("error").is_none());
}

/// CAP-03, CAP-20, C-03: used, unknown and foreign look like wrong.
#[tokio::test]
async fn a_solution_is_tried_once_and_misses_look_alike() {
    let shop = Shop::open().await;
    let mut page = shop.page();
    let ticket = page.ticket().await;
    let right = shop.server.answer(&ticket);
    let wrong = page.solve(&ticket, "0").await;
    assert_eq!(
        json_of(&wrong),
        json!({ "success": false, "error": "wrong" })
    );
    let elsewhere = shop.server.visitor().get("/newpage/login/").await.ticket();
    let elsewhere_answer = shop.server.answer(&elsewhere);
    for (ticket, solution) in [
        (ticket.as_str(), right.as_str()),
        ("", ""),
        ("unknown", "unknown"),
        (&elsewhere, &elsewhere_answer),
    ] {
        let missed = page.solve(ticket, solution).await;
        assert_eq!((missed.status, &missed.body), (wrong.status, &wrong.body));
    }
    let late = page.ticket().await;
    let solution = shop.server.answer(&late);
    shop.server
        .clock
        .advance(std::time::Duration::from_secs(300));
    let told = json_of(&page.solve(&late, &solution).await);
    assert_eq!(told, json!({ "success": false, "error": "expired" }));
}

/// C-01, CAP-07
#[tokio::test]
async fn only_a_known_ticket_with_its_answer_passes() {
    let shop = Shop::open().await;
    let mut page = shop.page();
    let other = shop.page().ticket().await;
    for place in 0..25 {
        let ticket = page.ticket().await;
        let right = shop.server.answer(&ticket);
        let of = |which: usize, good: &str, unknown: &str| match which {
            0 => Some(json!(good)),
            1 => Some(json!(unknown)),
            2 => Some(json!("")),
            3 => None,
            _ => Some(json!([good])),
        };
        let mut asked = json!({});
        for (name, value) in [
            ("ticket", of(place / 5, &ticket, &format!("{other}A"))),
            ("solution", of(place % 5, &right, "no such answer")),
        ] {
            if let Some(value) = value {
                asked[name] = value;
            }
        }
        let answer = page.ask("/api/solve", &asked).await;
        let passed = json_of(&answer)["success"] == true;
        assert_eq!(passed, place == 0, "{asked}");
        let is_readable = place / 5 < 3 && place % 5 < 3;
        let expected = if is_readable {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        };
        assert_eq!(answer.status, expected, "{asked}");
    }
}

/// API-08, C-39: exactly the pages of the sites may ask and read.
#[tokio::test]
async fn only_pages_of_the_sites_are_answered() {
    let shop = Shop::open().await;
    shop.add("blog", &["blog.example.org"]).await;
    shop.server.clock.advance(std::time::Duration::from_secs(1));
    let preflight = async |origin: &str| {
        let mut visitor = shop.server.visitor().with_header("origin", origin);
        visitor
            .send(Method::OPTIONS, "/api/challenge", None, Body::empty())
            .await
    };
    for origin in [
        "https://shop.example.org",
        "http://shop.example.org:8080",
        "https://blog.example.org",
    ] {
        let answer = preflight(origin).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("access-control-allow-methods"), "POST");
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "Content-Type"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    for origin in [
        "null",
        "https://evil.test",
        "https://shop.example.org.evil.test",
        "https://evil-shop.example.org",
        "https://a.shop.example.org",
        "https://example.org",
        "https://shop.example.org@evil.test",
        "https://shop.example.org:443.evil.test",
        "shop.example.org",
        "",
    ] {
        let answer = preflight(origin).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let mut page = shop.page_at(origin);
        let asked = page
            .ask("/api/challenge", &json!({ "sitekey": shop.key }))
            .await;
        assert_eq!(asked.status, StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(json_of(&asked)["error"]["code"], "host_not_allowed");
        assert_eq!(asked.header("access-control-allow-origin"), "");
    }
    // Every browser says where a page is; whoever does not, has no site.
    let asked = json!({ "sitekey": shop.key }).to_string();
    let mut program = shop.server.visitor();
    let kind = Some("application/json");
    let answer = program
        .send(Method::POST, "/api/challenge", kind, asked.into())
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    // A page of one site asks with the key of another: it may read that it may not.
    let mut page = shop.page_at("https://blog.example.org");
    let asked = page
        .ask("/api/challenge", &json!({ "sitekey": shop.key }))
        .await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    assert_eq!(
        asked.header("access-control-allow-origin"),
        "https://blog.example.org"
    );
}

/// CAP-22, C-12: a ticket of one host is no good on another, of the same site or not, and is used up there.
#[tokio::test]
async fn a_ticket_is_solved_on_its_own_host() {
    let shop = Shop::open().await;
    shop.add("blog", &["blog.example.org"]).await;
    shop.server.clock.advance(std::time::Duration::from_secs(1));
    for other in ["https://blog.example.org", "https://www.shop.example.org"] {
        let mut page = shop.page();
        let ticket = page.ticket().await;
        let solution = shop.server.answer(&ticket);
        for mut page in [shop.page_at(other), page] {
            let told = json_of(&page.solve(&ticket, &solution).await);
            assert_eq!(told, json!({ "success": false, "error": "wrong" }));
        }
    }
}

/// CAP-26, C-42, C-33: a page names a preset and an action that its site has, and nothing else.
#[tokio::test]
async fn a_client_chooses_nothing_but_what_its_site_allows() {
    let shop = Shop::open().await;
    let mut page = shop.page();
    for (name, value, code) in [
        ("preset", json!("newpage"), "preset_not_allowed"),
        ("preset", json!("../ink"), "preset_not_allowed"),
        ("preset", json!(""), "preset_not_allowed"),
        ("action", json!("sign-out"), "action_not_allowed"),
        ("action", json!("a b"), "bad_request"),
        ("action", json!("a".repeat(33)), "bad_request"),
        ("cdata", json!("a".repeat(256)), "bad_request"),
        ("cdata", json!("<b>"), "bad_request"),
        ("sitekey", json!("nobody"), "unknown_sitekey"),
        ("sitekey", json!("newpage"), "unknown_sitekey"),
        ("sitekey", json!(7), "bad_request"),
        ("width", json!(10_000), "bad_request"),
        ("length", json!(1), "bad_request"),
        ("style", json!("member"), "bad_request"),
        ("answer", json!("AAAAA"), "bad_request"),
        ("seed", json!("00"), "bad_request"),
        ("alphabet", json!("A"), "bad_request"),
        ("expires_in", json!(3_600), "bad_request"),
    ] {
        let mut asked = json!({ "sitekey": shop.key });
        asked[name] = value;
        let answer = page.ask("/api/challenge", &asked).await;
        assert_eq!(json_of(&answer)["error"]["code"], code, "{asked}");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{asked}");
    }
    for (preset, width) in [("ink", 300), ("member", 60)] {
        let asked = json!({ "sitekey": shop.key, "preset": preset });
        let told = json_of(&page.ask("/api/challenge", &asked).await);
        assert_eq!(told["width"], width);
    }
}

/// API-03, API-04, API-07, API-12: every refusal is an object with a code, a sentence and the request's number.
#[tokio::test]
async fn what_is_no_request_is_refused_in_one_form() {
    let shop = Shop::open().await;
    let good = format!("{{\"sitekey\":{:?}}}", shop.key);
    let deep = format!("{{\"sitekey\":{}", "[".repeat(8_000));
    let list = format!("[{:?}]", shop.key);
    let twice = good.replace('}', ",\"sitekey\":\"a\"}");
    let long = format!("{good}{}", " ".repeat(17_000));
    let mut numbers = Vec::new();
    for (kind, body, status, code) in [
        ("application/json", "", 400, "bad_request"),
        ("application/json", "{", 400, "bad_request"),
        ("application/json", "[]", 400, "bad_request"),
        ("application/json", &list, 400, "bad_request"),
        ("application/json", "null", 400, "bad_request"),
        ("application/json", "\"\\ud800\"", 400, "bad_request"),
        ("application/json", &deep, 400, "bad_request"),
        ("application/json", &twice, 400, "bad_request"),
        ("application/json", &long, 413, "too_large"),
        ("text/plain", &good, 415, "unsupported_media_type"),
        (
            "application/json; charset=gbk",
            &good,
            415,
            "unsupported_media_type",
        ),
        ("application/jsonp", &good, 415, "unsupported_media_type"),
        (
            "application/x-www-form-urlencoded",
            "sitekey=a",
            415,
            "unsupported_media_type",
        ),
    ] {
        let mut page = shop.page();
        let answer = page
            .visitor
            .post_raw("/api/challenge", kind, body.into())
            .await;
        assert_eq!(answer.status.as_u16(), status, "{kind} {body:.40}");
        assert_eq!(answer.header("content-type"), "application/json");
        let error = &json_of(&answer)["error"];
        assert_eq!(error["code"], code);
        assert!(!error["message"].as_str().unwrap().is_empty());
        let number = error["request_id"].as_str().unwrap();
        assert_eq!(number.len(), 16);
        numbers.push(number.to_owned());
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 13);
    let mut page = shop.page();
    let json = "application/json; charset=UTF-8";
    let answer = page
        .visitor
        .post_raw("/api/challenge", json, good.into())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let refused = page.visitor.get("/api/challenge").await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.header("allow"), "POST");
    assert_eq!(json_of(&refused)["error"]["code"], "method_not_allowed");
    let lost = page.visitor.get("/api/nothing").await;
    assert_eq!(lost.status, StatusCode::NOT_FOUND);
}

/// API-11
#[tokio::test]
async fn there_is_no_jsonp() {
    let shop = Shop::open().await;
    let asked = json!({ "sitekey": shop.key });
    let answer = shop
        .page()
        .ask("/api/challenge?callback=alert", &asked)
        .await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.text().starts_with('{'));
}

/// The rule "throttle before the mark".
#[tokio::test]
async fn a_throttled_solution_leaves_the_ticket_good() {
    let shop = Shop::with(inkgate_server::Config::default()).await;
    let mut page = shop.page();
    let ticket = page.ticket().await;
    let solution = shop.server.answer(&ticket);
    while page.solve("", "").await.status == StatusCode::OK {}
    let told = page.solve(&ticket, &solution).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(told.header("access-control-allow-origin"), shop.origin());
    assert!(
        told.header("access-control-expose-headers")
            .contains("Retry-After")
    );
    let wait: u64 = told.header("retry-after").parse().unwrap();
    shop.server
        .clock
        .advance(std::time::Duration::from_secs(wait));
    assert_eq!(
        json_of(&page.solve(&ticket, &solution).await)["success"],
        true
    );
}

/// CAP-34: all addresses together may ask only so often for one site, and other sites go on.
#[tokio::test]
async fn a_site_s_challenges_are_limited_from_wherever_they_are_asked() {
    let shop = Shop::with(inkgate_server::Config::default()).await;
    let (blog, _) = shop.add("blog", &["shop.example.org"]).await;
    let book = shop.server.state.sites.book().await.unwrap();
    let site: &inkgate_store::Site = book.by_key(&shop.key).unwrap();
    let mut others = 0;
    while shop.server.state.limiter.admit(Act::IssueFor, site).is_ok() {
        others += 1;
    }
    assert_eq!(others, 10_000);
    let mut page = shop.page();
    let asked = json!({ "sitekey": page.sitekey });
    let told = page.ask("/api/challenge", &asked).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    page.sitekey = blog;
    page.ticket().await;
}

/// CAP-08, CAP-13, C-09, C-13 to C-15
#[tokio::test]
async fn no_answer_leaves_with_a_challenge_and_no_challenge_comes_twice() {
    let shop = Shop::with(unthrottled()).await;
    let mut page = shop.page();
    let mut seen = std::collections::HashSet::new();
    let asked = json!({ "sitekey": shop.key });
    let first = page.ask("/api/challenge", &asked).await.headers;
    for _ in 0..500 {
        let challenge = page.ask("/api/challenge", &asked).await;
        let told = json_of(&challenge);
        let ticket = told["ticket"].as_str().unwrap();
        let answer = shop.server.answer(ticket);
        let mut rest: Value = told.clone();
        for field in ["ticket", "image"] {
            rest.as_object_mut().unwrap().remove(field);
        }
        // What is the same for all says nothing, though "content" has an answer in it.
        let news = challenge.headers.iter();
        let news = news.filter(|(name, value)| first.get(*name) != Some(value));
        let headers: Vec<_> = news.map(|(_, value)| value).collect();
        let headers = format!("{headers:?}");
        assert!(!rest.to_string().to_uppercase().contains(&answer));
        assert!(!headers.to_uppercase().contains(&answer));
        assert!(seen.insert(ticket.to_owned()));
    }
}

/// C-44: neither issuing nor drawing stores anything, so neither needs room in the store.
#[tokio::test]
async fn issuing_and_drawing_store_nothing() {
    let shop = Shop::without_room().await;
    let mut page = shop.page();
    for _ in 0..50 {
        let ticket = page.ticket().await;
        let picture = page.visitor.get(&format!("/challenge/{ticket}.png")).await;
        assert_eq!(picture.status, StatusCode::OK);
    }
    let ticket = page.ticket().await;
    let refused = page.solve(&ticket, "0").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json_of(&refused)["error"]["code"], "unavailable");
}

/// API-10: what programs ask is answered where it was asked.
#[tokio::test]
async fn the_api_never_redirects() {
    let shop = Shop::open().await;
    for path in [
        "/api/challenge/",
        "/api/solve/",
        "/api",
        "/siteverify/",
        "/turnstile/v0/siteverify/",
        "/recaptcha/api/siteverify/",
    ] {
        let answer = shop.page().ask(path, &json!({})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.location(), "");
    }
}
