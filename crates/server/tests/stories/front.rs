//! The front page, languages, headers and health.

use axum::http::StatusCode;

use inkgate_server::Config;

use crate::visitor::Server;

/// C-65
#[tokio::test]
async fn the_front_page_shows_a_live_picture_of_every_style_and_labels_the_weak() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let front = visitor.get("/").await;
    assert_eq!(front.status, StatusCode::OK);
    let pictures: Vec<&str> = front
        .text()
        .split("src=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|src| src.starts_with("/challenge/"))
        .collect();
    assert_eq!(pictures.len(), server.state.captcha.styles().iter().count());
    for picture in pictures {
        assert_eq!(
            visitor.get(picture).await.status,
            StatusCode::OK,
            "{picture}"
        );
    }
    let labels = front.text().matches("<span class=\"tag\">").count();
    let styles = server.state.captcha.styles().iter();
    assert_eq!(labels, styles.filter(|style| style.weak).count());
    assert!(labels > 0);
    for link in ["/newpage/login/", "/member/login"] {
        assert!(front.text().contains(&format!("href=\"{link}\"")));
    }
}

#[tokio::test]
async fn the_front_page_goes_by_accept_language_and_the_sites_by_their_own() {
    let server = Server::new();
    let lang = |text: &str| {
        text.split("lang=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    };
    for (accepted, spoken) in [
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("de, en;q=0.5", "en"),
        ("", "en"),
        ("\u{fffd}", "en"),
        ("zh-TW;q=x,,;", "en"),
    ] {
        let mut visitor = server.visitor().with_header("accept-language", accepted);
        assert_eq!(lang(visitor.get("/").await.text()), spoken, "{accepted}");
        assert_eq!(lang(visitor.get("/newpage/login/").await.text()), "zh-Hans");
        assert_eq!(lang(visitor.get("/member/login").await.text()), "zh-Hant");
    }
}

#[tokio::test]
async fn a_visitor_chooses_a_language_and_comes_back_to_the_page() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let fields = [("lang", "en"), ("next", "/member/login?next=/newpage/")];
    let chosen = visitor.post("/lang", &fields).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER);
    assert_eq!(chosen.location(), "/member/login?next=/newpage/");
    let form = visitor.get("/member/login").await;
    assert!(form.text().contains("lang=\"en\""));
    let away = visitor
        .post("/lang", &[("lang", "en"), ("next", "//evil.test")])
        .await;
    assert_eq!(away.location(), "/");
    let unknown = visitor.post("/lang", &[("lang", "tlh")]).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

/// WEB-07, WEB-09, SES-16, API-13
#[tokio::test]
async fn every_answer_carries_the_protective_headers() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[]).await;
    assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    for path in [
        "/",
        "/newpage/login/",
        "/member/login",
        "/member/",
        "/nowhere",
        "/challenge/x.png",
        "/healthz",
        "/newpage",
    ] {
        let answer = visitor.get(path).await;
        let csp = answer.header("content-security-policy");
        assert!(
            csp.starts_with(
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"
            ),
            "{path}"
        );
        assert!(csp.contains("frame-ancestors 'none'") && csp.contains("base-uri 'none'"));
        assert!(!csp.contains("unsafe"));
        assert_eq!(csp.contains("blob:"), path == "/member/login", "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
            ("server", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_nothing_else_is_served_beside_them() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let front = visitor.get("/").await;
    let assets: Vec<String> = front
        .text()
        .split('"')
        .filter(|text| text.starts_with("/assets/"))
        .map(str::to_owned)
        .collect();
    assert!(!assets.is_empty());
    for asset in assets {
        let answer = visitor.get(&asset).await;
        assert_eq!(answer.status, StatusCode::OK, "{asset}");
        assert!(answer.header("cache-control").contains("immutable"));
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    // WEB-14
    for path in [
        "/assets/",
        "/assets/x",
        "/assets/..%2fkeys",
        "/assets/%2e%2e/keys",
        "/assets/.git",
        "/keys",
        "/inkgate-data/keys",
    ] {
        assert_eq!(
            visitor.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

/// WEB-05: the address that others are told is `public_url`'s, never the request's.
#[tokio::test]
async fn the_front_page_tells_other_sites_where_the_widget_is() {
    for (public_url, address) in [
        (None, "https://captcha.example.org"),
        (Some("http://127.0.0.1:9000"), "http://127.0.0.1:9000"),
    ] {
        let server = Server::with(Config {
            public_url: public_url.map(|url| url.to_owned().try_into().unwrap()),
            ..Config::default()
        });
        let front = server.visitor().get("/").await;
        let script = format!("&lt;script src=\"{address}/api.js\"");
        assert!(front.text().contains(&script), "{}", front.text());
    }
}

#[tokio::test]
async fn the_process_says_that_it_lives() {
    let server = Server::new();
    let answer = server.visitor().get("/healthz").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "ok\n"));
}
