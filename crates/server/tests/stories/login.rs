//! The product's own sign-in: `/login`, `/account`, registration and mailed links.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use inkgate_server::Config;
use inkgate_server::config::When;
use inkgate_store::{NewMember, PasswordHash};

use crate::visitor::{Answer, EMAIL, PASSWORD, Server, Visitor, unthrottled};

const NEW: &str = "kettle pylon wave";

fn with_captcha(when: When) -> Server {
    let mut config = Config::default();
    config.login.captcha = when;
    Server::with(config)
}

/// Fills the form in as it stands, with a captcha where it asks one.
async fn sign_in(server: &Server, visitor: &mut Visitor, email: &str, password: &str) -> Answer {
    let form = visitor.get("/login").await;
    send(
        server,
        visitor,
        &form,
        "/login",
        &[("email", email), ("password", password)],
    )
    .await
}

async fn send(
    server: &Server,
    visitor: &mut Visitor,
    form: &Answer,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let mut fields = fields.to_vec();
    if !asks(form) {
        return visitor.post(path, &fields).await;
    }
    let ticket = form.ticket();
    let code = server.answer(&ticket);
    fields.extend([("ticket", ticket.as_str()), ("captcha", &code)]);
    visitor.post(path, &fields).await
}

/// Whether the form has a picture.
fn asks(answer: &Answer) -> bool {
    answer.text().contains("name=\"captcha\"")
}

async fn signed_in(server: &Server) -> Visitor {
    let mut visitor = server.visitor();
    let answer = sign_in(server, &mut visitor, EMAIL, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    visitor
}

async fn is_in(visitor: &mut Visitor) -> bool {
    visitor.get("/account").await.status == StatusCode::OK
}

#[tokio::test]
async fn a_member_signs_in_sees_the_account_and_signs_out() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let form = visitor.get("/login").await;
    assert!(!asks(&form), "nothing has failed yet");
    let answer = sign_in(&server, &mut visitor, EMAIL, PASSWORD).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/account")
    );
    let account = visitor.get("/account").await;
    assert!(account.text().contains(EMAIL));
    let left = visitor.post("/logout", &[]).await;
    assert_eq!(left.location(), "/login");
    assert_eq!(
        visitor.get("/account").await.location(),
        "/login?next=/account"
    );
}

/// The policy `after-failures`: of the account, from wherever, or from the address, whatever the
/// account; known and unknown alike (AUT-07).
#[tokio::test]
async fn a_captcha_is_asked_after_three_failures() {
    for email in [EMAIL, "nobody@example.org"] {
        let server = Server::new();
        server.member().await;
        let mut visitor = server.visitor();
        for number in 1..=3 {
            let answer = sign_in(&server, &mut visitor, email, "wrong").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(asks(&answer), number == 3, "{email} {number}");
        }
        assert!(asks(&visitor.get("/login").await), "by the address");
        let mut elsewhere = server.visitor();
        elsewhere.address.set_ip([198, 51, 100, 1].into());
        let form = elsewhere.get("/login").await;
        assert!(!asks(&form), "no account is named yet");
        let fields = [("email", email), ("password", PASSWORD)];
        let asked = elsewhere.post("/login", &fields).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(asks(&asked), "by the account");
        assert!(asked.value_of("email").contains(email));
        let ticket = asked.ticket();
        let wrong = [fields[0], fields[1], ("ticket", &ticket), ("captcha", "no")];
        let wrong = elsewhere.post("/login", &wrong).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let right = send(&server, &mut elsewhere, &wrong, "/login", &fields).await;
        let expected = match email {
            EMAIL => StatusCode::SEE_OTHER,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        assert_eq!(right.status, expected);
    }
}

#[tokio::test]
async fn a_captcha_is_asked_always_never_or_under_attack() {
    let server = with_captcha(When::Always);
    assert!(asks(&server.visitor().get("/login").await));
    server.member().await;
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let asked = server.visitor().post("/login", &fields).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);

    let server = with_captcha(When::Never);
    server.member().await;
    let mut visitor = server.visitor();
    for _ in 0..4 {
        let answer = sign_in(&server, &mut visitor, EMAIL, "wrong").await;
        assert!(!asks(&answer));
    }

    // Failures everywhere tell of an attack whichever of the two was chosen.
    for when in [When::UnderAttack, When::AfterFailures] {
        let mut config = Config::default();
        config.login.captcha = when;
        config.login.captcha_after_attack = 5;
        let server = Server::with(config);
        for number in 0..5u8 {
            let mut attacker = server.visitor();
            attacker.address.set_ip([198, 51, number, 1].into());
            let email = format!("{number}@example.org");
            let answer = sign_in(&server, &mut attacker, &email, "wrong").await;
            assert_eq!(asks(&answer), number == 4);
        }
        assert!(asks(&server.visitor().get("/login").await));
        server.clock.advance(Duration::from_secs(120));
        assert!(!asks(&server.visitor().get("/login").await));
    }
}

/// The two tutorials ask always; the member site can be told otherwise.
#[tokio::test]
async fn the_member_site_has_a_policy_of_its_own() {
    let server = Server::new();
    assert!(asks(&server.visitor().get("/member/login").await));
    let mut config = Config::default();
    config.pages.member.captcha = When::AfterFailures;
    let server = Server::with(config);
    server.member().await;
    let mut visitor = server.visitor();
    assert!(!asks(&visitor.get("/member/login").await));
    let fields = [("useremail", EMAIL), ("userpassword", PASSWORD)];
    let answer = visitor.post("/member/login", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// Refresh keeps what was typed but the password, and uses nothing up.
#[tokio::test]
async fn a_new_picture_keeps_the_address() {
    let server = with_captcha(When::Always);
    let mut visitor = server.visitor();
    let form = visitor.get("/login").await;
    let fields = [
        ("refresh", "1"),
        ("email", EMAIL),
        ("password", PASSWORD),
        ("ticket", &form.ticket()),
    ];
    let again = visitor.post("/login", &fields).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.value_of("email"), EMAIL);
    assert!(!again.text().contains(PASSWORD));
    assert_ne!(again.ticket(), form.ticket());
    let head = visitor
        .send(
            Method::HEAD,
            "/login/captcha",
            None,
            axum::body::Body::empty(),
        )
        .await;
    assert!(!head.header("inkgate-ticket").is_empty());
}

/// AUT-12, SES-12
#[tokio::test]
async fn a_changed_password_ends_every_other_session() {
    let server = Server::new();
    server.member().await;
    let mut here = signed_in(&server).await;
    let mut there = signed_in(&server).await;
    let change = |current: &'static str, new: &'static str, again: &'static str| {
        [("current", current), ("password", new), ("again", again)]
    };
    for (fields, told) in [
        (change("wrong", NEW, NEW), "not the current"),
        (change(PASSWORD, NEW, "other"), "differ"),
        (change(PASSWORD, "short", "short"), "too short"),
        (
            change(PASSWORD, "password-password", "password-password"),
            "easy to guess",
        ),
    ] {
        let answer = here.post("/account/password", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(told), "{told}");
    }
    assert!(is_in(&mut there).await);
    let before = here.cookies.clone();
    let done = here
        .post("/account/password", &change(PASSWORD, NEW, NEW))
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let account = here.get(done.location()).await;
    assert!(account.text().contains("password is changed"));
    assert_ne!(here.cookies["inkgate_session"], before["inkgate_session"]);
    assert!(!is_in(&mut there).await);
    let mut planted = server.visitor();
    planted.cookies = before;
    assert!(!is_in(&mut planted).await);
    let old = sign_in(&server, &mut planted, EMAIL, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = sign_in(&server, &mut planted, EMAIL, NEW).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

/// SES-13, SES-12
#[tokio::test]
async fn a_member_sees_the_sessions_and_ends_one_or_all() {
    let server = Server::new();
    server.member().await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let mut there = server.visitor().with_header("user-agent", firefox);
    sign_in(&server, &mut there, EMAIL, PASSWORD).await;
    let mut here = signed_in(&server).await;
    let account = here.get("/account").await;
    let list = account.text();
    assert_eq!(list.matches("<li>").count(), 2);
    assert!(list.contains("Firefox") && list.contains("this browser"));
    assert!(!list.contains(&there.cookies["inkgate_session"]));
    assert!(list.contains(" UTC"));
    let id = account.value_of("session");
    let ended = here.post("/account/sessions", &[("session", &id)]).await;
    assert_eq!(ended.text().matches("<li>").count(), 1);
    assert!(!is_in(&mut there).await && is_in(&mut here).await);
    for nonsense in ["", "00", &"zz".repeat(32), &"00".repeat(32)] {
        let answer = here
            .post("/account/sessions", &[("session", nonsense)])
            .await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let mut there = signed_in(&server).await;
    assert!(is_in(&mut there).await);
    let gone = here.post("/account/sign-out-everywhere", &[]).await;
    assert_eq!(gone.status, StatusCode::OK);
    assert!(!is_in(&mut there).await && !is_in(&mut here).await);
}

/// SES-14
#[tokio::test]
async fn a_twenty_first_session_ends_the_oldest() {
    let server = Server::with(unthrottled());
    server.member().await;
    let mut visitors = Vec::new();
    for _ in 0..21 {
        visitors.push(signed_in(&server).await);
        server.clock.advance(Duration::from_secs(1));
    }
    assert!(!is_in(&mut visitors[0]).await);
    for visitor in &mut visitors[1..] {
        assert!(is_in(visitor).await);
    }
}

/// SES-11: who came back by remember-me types the password before the account is shown.
#[tokio::test]
async fn a_remembered_session_shows_no_account() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let fields = [("email", EMAIL), ("password", PASSWORD), ("remember", "1")];
    visitor.post("/login", &fields).await;
    assert!(is_in(&mut visitor).await);
    visitor.cookies.remove("inkgate_session");
    assert_eq!(visitor.get("/member/").await.status, StatusCode::OK);
    for path in ["/account", "/account/export"] {
        assert_eq!(visitor.get(path).await.location(), "/login?next=/account");
    }
    for path in ["password", "sessions", "sign-out-everywhere", "delete"] {
        let answer = visitor
            .post(&format!("/account/{path}"), &[("current", PASSWORD)])
            .await;
        assert_eq!(answer.location(), "/login?next=/account");
    }
    let answer = visitor
        .post("/login", &[fields[0], fields[1], ("next", "/account")])
        .await;
    assert_eq!(answer.location(), "/account");
    assert!(is_in(&mut visitor).await);
}

#[tokio::test]
async fn a_member_takes_the_data_along_and_deletes_the_account() {
    let server = Server::new();
    let member = server.member().await;
    let mut visitor = signed_in(&server).await;
    let export = visitor.get("/account/export").await;
    assert_eq!(export.header("content-type"), "application/json");
    assert!(
        export
            .header("content-disposition")
            .starts_with("attachment")
    );
    let data = export.text();
    assert!(data.contains(EMAIL) && !data.contains("argon2"), "{data}");
    let wrong = visitor
        .post("/account/delete", &[("current", "wrong")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let gone = visitor
        .post("/account/delete", &[("current", PASSWORD)])
        .await;
    assert_eq!(gone.status, StatusCode::OK);
    assert!(!is_in(&mut visitor).await);
    assert!(
        server
            .state
            .members
            .by_id(member.id)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn nobody_registers_unless_visitors_may() {
    let server = Server::new();
    for path in ["/register", "/login/link"] {
        assert_eq!(
            server.visitor().get(path).await.status,
            StatusCode::NOT_FOUND
        );
        let answer = server.visitor().post(path, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert!(
        !server
            .visitor()
            .get("/login")
            .await
            .text()
            .contains("/register")
    );
}

/// AUT-14, AUT-16: without mail, an account is made at once, behind a captcha.
#[tokio::test]
async fn a_visitor_registers_behind_a_captcha_and_signs_in() {
    let mut config = Config::default();
    config.login.registration = true;
    let server = Server::with(config);
    let mut visitor = server.visitor();
    let fields = |email: &'static str, again: &'static str| {
        [
            ("email", email),
            ("name", "Ann"),
            ("password", NEW),
            ("again", again),
        ]
    };
    let form = visitor.get("/register").await;
    let unsolved = visitor
        .post("/register", &fields("ann@example.org", NEW))
        .await;
    assert_eq!(unsolved.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(server.state.members.count().await.unwrap(), 0);
    let differ = fields("ann@example.org", "other");
    let refused = send(&server, &mut visitor, &form, "/register", &differ).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = fields("ann@example.org", NEW);
    let done = send(&server, &mut visitor, &refused, "/register", &right).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    let form = visitor.get("/register").await;
    let alias = fields("ANN@example.org", NEW);
    let taken = send(&server, &mut visitor, &form, "/register", &alias).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = sign_in(&server, &mut visitor, "ann@example.org", NEW).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// AUT-05: a hash that came from Django is replaced at the first sign-in, whose session stays.
#[tokio::test]
async fn an_imported_hash_is_upgraded_at_the_first_sign_in() {
    const DJANGO: &str = "pbkdf2_sha256$1000$salt$hHq2CwjSpsUCltVF/ZDe25M5jA5hBHN9+inXRaOGbjU=";
    let server = Server::new();
    let hash = PasswordHash::new(DJANGO.to_owned());
    let member = NewMember::new(EMAIL, "Mei", Some(hash)).unwrap();
    let member = server.state.members.add(member).await.unwrap();
    let mut visitor = signed_in(&server).await;
    let kept = server
        .state
        .members
        .by_id(member.id)
        .await
        .unwrap()
        .unwrap();
    assert!(kept.password.unwrap().phc().starts_with("$argon2id$"));
    assert!(is_in(&mut visitor).await);
    signed_in(&server).await;
}
