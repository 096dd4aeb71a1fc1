//! Throttles, as a visitor meets them.

use std::time::Duration;

use axum::http::StatusCode;
use inkgate_server::Config;

use crate::visitor::{Server, Visitor, unthrottled};

async fn issue_until_told(visitor: &mut Visitor) -> usize {
    for count in 0..1_000 {
        let answer = visitor.get("/newpage/getcode/").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.header("retry-after"), "1");
            return count;
        }
    }
    panic!("never throttled");
}

/// CAP-34, C-43, C-47: one network's flood is its own trouble, whatever it says of itself.
#[tokio::test]
async fn one_network_is_limited_and_others_are_not() {
    let server = Server::new();
    let mut flood = server.visitor();
    flood.address = "[2001:db8::1]:1".parse().unwrap();
    assert_eq!(issue_until_told(&mut flood).await, 60);
    flood.address = "[2001:db8::ffff:2]:1".parse().unwrap();
    assert_eq!(issue_until_told(&mut flood).await, 0);
    for (name, value) in [
        ("x-forwarded-for", "198.51.100.7"),
        ("forwarded", "for=198.51.100.7"),
        ("x-real-ip", "198.51.100.7"),
        ("cookie", "inkgate_session=x; client=7"),
        ("user-agent", "somebody else"),
    ] {
        let mut disguised = flood.clone().with_header(name, value);
        assert_eq!(issue_until_told(&mut disguised).await, 0, "{name}");
    }
    flood.address = "[2001:db8:0:1::1]:1".parse().unwrap();
    assert!(issue_until_told(&mut flood).await > 0);
    flood.address = "[2001:db8::1]:1".parse().unwrap();
    server.clock.advance(Duration::from_secs(5));
    assert_eq!(issue_until_told(&mut flood).await, 5);
}

/// C-25 and the rule "throttle before the mark": a throttled check uses nothing up.
#[tokio::test]
async fn a_throttled_check_leaves_the_ticket_good() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = visitor.get("/newpage/login/").await.ticket();
    while visitor.post("/newpage/login/", &[]).await.status == StatusCode::SEE_OTHER {}
    let code = server.answer(&ticket);
    let fields = [("ticket", ticket.as_str()), ("verify_code", &code)];
    let told = visitor.post("/newpage/login/", &fields).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    server.clock.advance(Duration::from_secs(10));
    assert_eq!(
        visitor.post("/newpage/login/", &fields).await.status,
        StatusCode::OK
    );
}

/// THR-08, C-51: ten tries of an account in fifteen minutes, known or not, from anywhere and
/// however its address is spelt; then 429 for all alike.
#[tokio::test]
async fn an_account_is_tried_ten_times_from_anywhere() {
    let server = Server::new();
    server.member().await;
    let mut told = Vec::new();
    for email in ["mei@example.org", "nobody@example.org"] {
        for number in 0..11u8 {
            let mut visitor = server.visitor();
            visitor.address.set_ip([198, 51, 100, number].into());
            let spelt = match number {
                0..4 => email.to_uppercase(),
                4..8 => format!(" {email} "),
                _ => email.to_owned(),
            };
            let extra = [("useremail", spelt.as_str()), ("userpassword", "wrong")];
            let answer = visitor.sign_in(&server, &extra).await;
            match number {
                10 => told.push((answer.status, answer.text().to_owned())),
                _ => assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY),
            }
        }
    }
    assert_eq!(told[0].0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(told[0], told[1]);
    // The price: the owner waits, too.
    let mut owner = server.visitor();
    let answer = owner.sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

/// THR-09: neither a clean end nor a crash forgives an account's wrong passwords.
#[tokio::test]
async fn an_accounts_tries_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::sqlite(folder.path(), Config::default());
    server.member().await;
    for number in 0..10u8 {
        if number == 5 {
            server.state.store.close().await.unwrap();
        }
        if number % 5 == 0 {
            drop(server);
            server = Server::sqlite(folder.path(), Config::default());
        }
        let mut visitor = server.visitor();
        let answer = visitor.sign_in(&server, &[("userpassword", "wrong")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    drop(server);
    let server = Server::sqlite(folder.path(), Config::default());
    let answer = server.visitor().sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

/// AUT-17
#[tokio::test]
async fn the_right_password_forgives_the_wrong_ones() {
    let server = Server::new();
    server.member().await;
    for _ in 0..3 {
        for number in 0..9u8 {
            let mut visitor = server.visitor();
            visitor.address.set_ip([198, 51, 100, number].into());
            visitor.sign_in(&server, &[("userpassword", "wrong")]).await;
            server.clock.advance(Duration::from_secs(60));
        }
        let mut visitor = server.visitor();
        assert_eq!(
            visitor.sign_in(&server, &[]).await.status,
            StatusCode::SEE_OTHER
        );
    }
}

#[tokio::test]
async fn limits_can_be_switched_off_for_load_tests() {
    let server = Server::with(unthrottled());
    let mut visitor = server.visitor();
    for _ in 0..300 {
        assert_eq!(
            visitor.get("/newpage/getcode/").await.status,
            StatusCode::OK
        );
    }
}
