//! Throttles, as a visitor meets them.

use std::time::Duration;

use axum::http::StatusCode;

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
