//! Site two: a login guarded by a picture.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};

use inkgate_server::Config;

use crate::visitor::{Answer, EMAIL, NAME, PASSWORD, Server, Visitor};

const LOGIN: &str = "/member/login";

fn assert_refused(answer: &Answer, text: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains(text), "{}", answer.text());
    assert_eq!(answer.value_of("useremail"), EMAIL);
    assert_eq!(answer.value_of("userpassword"), "");
    assert!(!answer.text().contains(PASSWORD));
    assert!(!answer.ticket().is_empty());
}

#[tokio::test]
async fn a_member_signs_in_is_greeted_once_and_signs_out() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);
    let form = visitor.get(LOGIN).await;
    assert!(form.text().contains("會員登入") && form.text().contains("驗證碼"));

    let answer = visitor.sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/member/");
    let home = visitor.get("/member/").await;
    assert!(home.text().contains("登入成功") && home.text().contains(NAME));
    let home = visitor.get("/member/").await;
    assert!(!home.text().contains("登入成功") && home.text().contains(NAME));

    let left = visitor.post("/member/logout", &[]).await;
    assert_eq!(
        (left.status, left.location()),
        (StatusCode::SEE_OTHER, LOGIN)
    );
    assert!(visitor.cookies.keys().eq(["inkgate_device"]));
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);
}

/// SES-04, C-54
#[tokio::test]
async fn a_signed_out_session_is_dead_and_a_get_does_not_sign_out() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[]).await;
    let mut copy = visitor.clone();
    assert_eq!(
        visitor.get("/member/logout").await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(copy.get("/member/").await.status, StatusCode::OK);
    visitor.post("/member/logout", &[]).await;
    assert_eq!(copy.get("/member/").await.location(), LOGIN);
}

/// AUT-11, C-49: a wrong captcha never reaches the password.
#[tokio::test]
async fn a_wrong_captcha_is_told_before_the_password_is_looked_at() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    for captcha in ["?????", ""] {
        let answer = visitor.sign_in(&server, &[("captcha", captcha)]).await;
        assert_refused(&answer, "驗證碼輸入錯誤");
        assert!(!answer.text().contains("登入失敗"));
        let answer = visitor
            .sign_in(&server, &[("captcha", captcha), ("userpassword", "wrong")])
            .await;
        assert_refused(&answer, "驗證碼輸入錯誤");
    }
    // These fourteen captcha failures count no try of the account, which allows ten.
    for _ in 0..10 {
        visitor.sign_in(&server, &[("captcha", "x")]).await;
    }
    let answer = visitor.sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// C-50: one solved picture is one password.
#[tokio::test]
async fn a_wrong_password_uses_the_ticket_up() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let ticket = visitor.get(LOGIN).await.ticket();
    let code = server.answer(&ticket);
    let mut fields = [
        ("ticket", ticket.as_str()),
        ("captcha", &code),
        ("useremail", EMAIL),
        ("userpassword", "wrong password"),
    ];
    assert_refused(&visitor.post(LOGIN, &fields).await, "登入失敗，密碼錯誤");
    fields[3].1 = PASSWORD;
    assert_refused(&visitor.post(LOGIN, &fields).await, "驗證碼輸入錯誤");
}

/// AUT-07: the pages differ in the ticket alone.
#[tokio::test]
async fn unknown_disabled_and_wrong_look_alike() {
    let server = Server::new();
    let member = server.member().await;
    let mut visitor = server.visitor();
    let mut told = Vec::new();
    let wrong = visitor.sign_in(&server, &[("userpassword", "wrong")]).await;
    told.push(without_ticket(&wrong));
    for email in ["nobody@example.org", "nobody", "", "' OR 1=1 --"] {
        let unknown = visitor.sign_in(&server, &[("useremail", email)]).await;
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        if email == "nobody@example.org" {
            told.push(without_ticket(&unknown).replace("nobody@example.org", EMAIL));
        }
    }
    server
        .state
        .members
        .set_disabled(member.id, true)
        .await
        .unwrap();
    told.push(without_ticket(&visitor.sign_in(&server, &[]).await));
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
}

fn without_ticket(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.text().replace(&answer.ticket(), "TICKET")
}

/// AUT-01, AUT-10: what is too long to be a password is a wrong one.
#[tokio::test]
async fn missing_doubled_and_endless_passwords_are_wrong_ones() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let endless = "a".repeat(10_000);
    for password in ["", "correct horse batter", &endless] {
        let answer = visitor
            .sign_in(&server, &[("userpassword", password)])
            .await;
        assert_refused(&answer, "登入失敗，密碼錯誤");
    }
    let doubled = [("userpassword", PASSWORD), ("userpassword", PASSWORD)];
    assert_refused(
        &visitor.sign_in(&server, &doubled).await,
        "登入失敗，密碼錯誤",
    );
}

/// AUT-14: one account, however the address is typed.
#[tokio::test]
async fn an_address_may_be_typed_in_any_case_and_with_space_around() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    for email in ["MEI@Example.ORG", " mei@example.org "] {
        let answer = visitor.sign_in(&server, &[("useremail", email)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{email}");
    }
}

/// WEB-04, C-35
#[tokio::test]
async fn signing_in_leads_to_a_path_on_this_site_or_home() {
    let server = Server::new();
    server.member().await;
    for (next, location) in [
        ("/newpage/login/?a=b", "/newpage/login/?a=b"),
        ("", "/member/"),
        ("//evil.test", "/member/"),
        ("/\\evil.test", "/member/"),
        ("https://evil.test/", "/member/"),
        ("javascript:alert(1)", "/member/"),
        ("/%0d%0aSet-Cookie:x=y", "/member/"),
    ] {
        let mut visitor = server.visitor();
        let answer = visitor.sign_in(&server, &[("next", next)]).await;
        assert_eq!(answer.location(), location);
    }
    let mut visitor = server.visitor();
    let form = visitor.get("/member/login?next=/newpage/login/").await;
    assert_eq!(form.value_of("next"), "/newpage/login/");
    let form = visitor.get("/member/login?next=//evil.test").await;
    assert_eq!(form.value_of("next"), "");
}

/// SES-02, SES-03, SES-17: ids planted before are neither adopted nor left alive.
#[tokio::test]
async fn signing_in_starts_a_new_session_and_ends_the_one_before() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let planted = "A".repeat(43);
    visitor
        .cookies
        .insert("inkgate_session".into(), planted.clone());
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);
    visitor
        .cookies
        .insert("inkgate_session".into(), planted.clone());
    visitor.sign_in(&server, &[]).await;
    assert_ne!(visitor.cookies["inkgate_session"], planted);
    let mut first = visitor.clone();
    visitor.sign_in(&server, &[]).await;
    assert_eq!(first.get("/member/").await.location(), LOGIN);
    assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
}

/// SES-05
#[tokio::test]
async fn a_session_ends_when_idle_and_at_its_absolute_end() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[]).await;
    server.clock.advance(Duration::from_secs(1_799));
    assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    let mut idle = visitor.clone();
    server.clock.advance(Duration::from_secs(1_800));
    assert_eq!(idle.get("/member/").await.location(), LOGIN);

    visitor.sign_in(&server, &[]).await;
    for _ in 0..24 {
        server.clock.advance(Duration::from_secs(1_799));
        assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    }
    server.clock.advance(Duration::from_secs(24));
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);
}

/// SES-12
#[tokio::test]
async fn a_new_password_or_an_account_disabled_or_removed_ends_every_session() {
    let server = Server::new();
    let member = server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[("rememberme", "1")]).await;
    let hash = member.password.clone().unwrap();
    server
        .state
        .members
        .set_password(member.id, hash)
        .await
        .unwrap();
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);

    visitor.sign_in(&server, &[("rememberme", "1")]).await;
    assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    server
        .state
        .members
        .set_disabled(member.id, true)
        .await
        .unwrap();
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);

    let members = &server.state.members;
    members.set_disabled(member.id, false).await.unwrap();
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);
    visitor.sign_in(&server, &[("rememberme", "1")]).await;
    let mut restarted = visitor.clone();
    restarted.cookies.remove("inkgate_session");
    assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    members.remove(member.id).await.unwrap();
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);
    assert_eq!(restarted.get("/member/").await.location(), LOGIN);
    // Whoever comes later under the same address is somebody else.
    server.member().await;
    assert_eq!(visitor.get("/member/").await.location(), LOGIN);
    assert_eq!(restarted.get("/member/").await.location(), LOGIN);
}

#[tokio::test]
async fn the_greeting_is_shown_once_however_many_pages_are_fetched() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[]).await;
    for _ in 0..3 {
        let head = visitor
            .send(Method::HEAD, "/member/", None, Body::empty())
            .await;
        assert_eq!(head.status, StatusCode::OK);
    }
    let together: Vec<_> = (0..12)
        .map(|_| {
            let mut tab = visitor.clone();
            tokio::spawn(async move { tab.get("/member/").await.text().contains("登入成功") })
        })
        .collect();
    let mut greeted = 0;
    for tab in together {
        greeted += usize::from(tab.await.unwrap());
    }
    assert_eq!(greeted, 1);
}

#[tokio::test]
async fn a_cookie_that_another_program_set_does_no_harm() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[]).await;
    // They are sent in alphabetical order: one before ours and one behind.
    for (name, value) in [
        ("a", "caf\u{e9}"),
        ("z", "\u{540d}"),
        ("b", "\"quoted, and odd\""),
        ("y", "=;;="),
    ] {
        visitor.cookies.insert(name.to_owned(), value.to_owned());
        assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    }
    let ticket = visitor.get("/newpage/login/").await.ticket();
    let code = server.answer(&ticket);
    let fields = [("ticket", ticket.as_str()), ("verify_code", &code)];
    let answer = visitor.post("/newpage/login/", &fields).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// INP-06: a form has the fields it has, whatever else is sent with it.
#[tokio::test]
async fn fields_that_a_form_does_not_have_are_ignored() {
    let server = Server::new();
    let member = server.member().await;
    let mut visitor = server.visitor();
    let extra = [
        ("id", "7"),
        ("is_admin", "1"),
        ("email", "other@example.org"),
        ("name", "Somebody"),
        ("password", "x"),
        ("disabled", "1"),
        ("epoch", "9"),
        ("created", "0"),
        ("style", "x"),
        ("site", "newpage"),
        ("action", "x"),
    ];
    let answer = visitor.sign_in(&server, &extra).await;
    assert_eq!(answer.location(), "/member/");
    assert!(visitor.get("/member/").await.text().contains(NAME));
    let after = server.state.members.list().await.unwrap();
    assert_eq!(after, [member]);
}

/// WEB-11: what a visitor types or is called is text, and adds no tag to the page.
#[tokio::test]
async fn hostile_texts_stay_texts() {
    const HOSTILE: [&str; 12] = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onfocus=alert(1) autofocus='",
        "</title></textarea></script><svg onload=alert(1)>",
        "javascript:/*--></title><b>*/alert(1)",
        "<!--<b>-->",
        "{{7*7}}{% raw %}<b>",
        "${7*7}<b>",
        "&lt;script&gt;&#60;b&#62;",
        "<b/x=\"`'>",
        "]]><b>",
        "<a href=//evil.test>",
    ];
    let tags = |answer: &Answer| answer.text().matches('<').count();
    for hostile in HOSTILE {
        let server = Server::new();
        server.member_called(hostile).await;
        let mut visitor = server.visitor();
        let next = form_urlencoded::byte_serialize(hostile.as_bytes()).collect::<String>();
        let kept = format!("/{hostile}");
        for (plain, told) in [
            (
                visitor
                    .post(LOGIN, &[("refresh", "1"), ("useremail", "mei")])
                    .await,
                visitor
                    .post(LOGIN, &[("refresh", "1"), ("useremail", hostile)])
                    .await,
            ),
            (
                visitor.post(LOGIN, &[("useremail", "mei")]).await,
                visitor
                    .post(LOGIN, &[("useremail", hostile), ("next", &kept)])
                    .await,
            ),
            (
                visitor
                    .post("/newpage/login/", &[("refresh", "1"), ("username", "mei")])
                    .await,
                visitor
                    .post(
                        "/newpage/login/",
                        &[("refresh", "1"), ("username", hostile)],
                    )
                    .await,
            ),
            (
                visitor.get("/member/login?next=/a").await,
                visitor.get(&format!("/member/login?next=/{next}")).await,
            ),
        ] {
            assert!(!told.text().contains(hostile), "{hostile}");
            assert_eq!(tags(&plain), tags(&told), "{hostile}");
        }
        let answer = visitor.sign_in(&server, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let home = visitor.get("/member/").await;
        let again = visitor.get("/member/").await;
        let called = Server::new();
        called.member().await;
        let mut plain = called.visitor();
        plain.sign_in(&called, &[]).await;
        assert_eq!(tags(&home), tags(&plain.get("/member/").await), "{hostile}");
        for page in [home, again, visitor.get(LOGIN).await] {
            assert!(!page.text().contains(hostile), "{hostile}");
        }
    }
}

/// Whatever comes after the ticket was used, its cookie goes; a throttled check uses nothing and
/// leaves it.
#[tokio::test]
async fn the_ticket_cookie_ends_with_its_ticket() {
    const COOKIE: &str = "inkgate_ticket_member";
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    for number in 0..11u8 {
        visitor.address.set_ip([198, 51, 100, number].into());
        visitor.get("/member/captcha").await;
        let code = server.answer(&visitor.cookies[COOKIE]);
        let fields = [
            ("captcha", code.as_str()),
            ("useremail", EMAIL),
            ("userpassword", "wrong"),
        ];
        let status = visitor.post(LOGIN, &fields).await.status;
        match number {
            5.. => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
            _ => assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY),
        }
        assert!(!visitor.cookies.contains_key(COOKIE), "{number} {status}");
    }
    visitor.get("/member/captcha").await;
    let fields = [("captcha", "x"), ("ticket", "")];
    while visitor.clone().post(LOGIN, &fields).await.status != StatusCode::TOO_MANY_REQUESTS {}
    assert!(visitor.cookies.contains_key(COOKIE));
}

/// C-55: the display cookie signs nobody in.
#[tokio::test]
async fn the_name_cookie_is_for_show() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[]).await;
    assert_eq!(visitor.cookies["name"], "%E6%9E%97%E7%BE%8E");
    let mut forged = server.visitor();
    forged
        .cookies
        .insert("name".into(), "%E6%9E%97%E7%BE%8E".into());
    assert_eq!(forged.get("/member/").await.location(), LOGIN);
}

/// SES-06, C-58
#[tokio::test]
async fn every_cookie_is_http_only_lax_and_host_bound_under_https() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let mut lines = visitor.get("/member/captcha").await.set_cookies();
    let answer = visitor.sign_in(&server, &[("rememberme", "1")]).await;
    lines.extend(answer.set_cookies());
    lines.extend(visitor.post("/lang", &[("lang", "en")]).await.set_cookies());
    assert!(lines.len() >= 6, "{lines:?}");
    for cookie in &lines {
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.text.contains(attribute), "{cookie:?}");
        }
        assert!(!cookie.text.contains("Domain"), "{cookie:?}");
        assert!(!cookie.text.contains("Secure"), "{cookie:?}");
    }

    let mut config = inkgate_server::Config::default();
    let url = "https://login.example.org".to_owned();
    config.public_url = Some(url.try_into().unwrap());
    let server = Server::with(config);
    server.member().await;
    let mut visitor = server.visitor();
    let answer = visitor.sign_in(&server, &[("rememberme", "1")]).await;
    let mut names: Vec<_> = answer
        .set_cookies()
        .iter()
        .map(|cookie| {
            assert!(cookie.text.contains("Secure"), "{cookie:?}");
            cookie.pair().0.to_owned()
        })
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "__Host-inkgate_device",
            "__Host-inkgate_remember",
            "__Host-inkgate_session",
            "name"
        ]
    );
    assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age=63072000")
    );
}

/// WEB-01, WEB-03, C-59
#[tokio::test]
async fn a_post_that_another_site_makes_the_browser_send_is_refused() {
    let server = Server::new();
    server.member().await;
    let refused: [(&'static str, &str); 5] = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:9999"),
    ];
    for (name, value) in refused {
        let mut visitor = server.visitor();
        visitor.sign_in(&server, &[]).await;
        let mut forged = visitor.clone().with_header(name, value);
        for path in [
            "/member/logout",
            "/member/login",
            "/newpage/login/",
            "/lang",
            "/link/x",
        ] {
            let answer = forged.post(path, &[]).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{path} {name}: {value}"
            );
            assert!(answer.set_cookies().is_empty());
        }
        assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    }
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("origin", "http://127.0.0.1:8080"),
    ] {
        let mut visitor = server.visitor().with_header(name, value);
        let answer = visitor.sign_in(&server, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}: {value}");
    }
}

/// C-25, C-26, C-27: without any cookie or field.
#[tokio::test]
async fn an_empty_post_is_a_wrong_captcha() {
    let server = Server::new();
    let answer = server.visitor().post(LOGIN, &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("驗證碼輸入錯誤"));
}

#[tokio::test]
async fn refresh_keeps_the_address_never_the_password_and_consumes_nothing() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let ticket = visitor.get(LOGIN).await.ticket();
    let fields = [
        ("ticket", ticket.as_str()),
        ("useremail", EMAIL),
        ("userpassword", PASSWORD),
        ("rememberme", "1"),
        ("next", "/newpage/"),
        ("refresh", "1"),
    ];
    let form = visitor.post(LOGIN, &fields).await;
    assert_eq!(form.status, StatusCode::OK);
    assert_eq!(form.value_of("useremail"), EMAIL);
    assert_eq!(form.value_of("next"), "/newpage/");
    assert!(!form.text().contains(PASSWORD));
    assert!(form.text().contains("checked"));
    assert_ne!(form.ticket(), ticket);
    let code = server.answer(&ticket);
    let fields = [
        ("ticket", ticket.as_str()),
        ("captcha", &code),
        ("useremail", EMAIL),
        ("userpassword", PASSWORD),
    ];
    assert_eq!(
        visitor.post(LOGIN, &fields).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn captcha_answers_a_picture_of_the_configured_style() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let picture = visitor.get("/member/captcha").await;
    assert_eq!(picture.header("content-type"), "image/png");
    assert_eq!(&picture.body[16..24], &[0, 0, 0, 60, 0, 0, 0, 30]);
    let code = server.answer(&visitor.cookies["inkgate_ticket_member"]);
    assert_eq!(code.len(), 5);

    let mut config = inkgate_server::Config::default();
    config.pages.member.style = "ink".to_owned();
    let server = Server::with(config);
    server.member().await;
    let mut visitor = server.visitor();
    let picture = visitor.get("/member/captcha").await;
    assert_eq!(&picture.body[16..20], &[0, 0, 1, 44]);
    assert_eq!(
        visitor.sign_in(&server, &[]).await.status,
        StatusCode::SEE_OTHER
    );
}

/// The tutorial's own HTML: ticket in the cookie, no hidden field.
#[tokio::test]
async fn the_tutorial_s_own_form_signs_in_too() {
    let server = Server::new();
    server.member().await;
    let mut visitor: Visitor = server.visitor();
    visitor.get("/member/captcha").await;
    let code = server.answer(&visitor.cookies["inkgate_ticket_member"]);
    let fields = [
        ("useremail", EMAIL),
        ("userpassword", PASSWORD),
        ("captcha", code.as_str()),
    ];
    let answer = visitor.post(LOGIN, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(!visitor.cookies.contains_key("inkgate_ticket_member"));
}

/// WEB-01: where visitors come by https, a form of a page without TLS is another's, whatever its
/// host.
#[tokio::test]
async fn a_form_from_a_page_without_tls_is_refused_under_https() {
    let config = Config {
        public_url: Some("https://login.example.org".to_owned().try_into().unwrap()),
        ..Config::default()
    };
    let server = Server::with(config);
    for (origin, is_ours) in [
        ("https://login.example.org", true),
        ("http://login.example.org", false),
        ("https://evil.example.org", false),
    ] {
        let mut visitor = server.visitor().with_header("origin", origin);
        visitor.host = "login.example.org".to_owned();
        let answer = visitor.post("/login", &[]).await;
        assert_eq!(answer.status != StatusCode::FORBIDDEN, is_ours, "{origin}");
    }
}
