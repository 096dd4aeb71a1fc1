//! Tries of passwords: who waits, who does not, and what strangers can never do.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use inkgate_server::Config;
use inkgate_server::config::When;
use inkgate_server::service::limiter::Prefix;
use inkgate_server::service::session::Browser;
use inkgate_server::service::throttle::{MOST_FAILURES, Origin};

use inkgate_store::{Caps, MemoryStore, NewMember};

use crate::visitor::{Answer, EMAIL, PASSWORD, Server, Visitor};

/// A browser in a network of its own.
fn stranger(server: &Server, number: u16) -> Visitor {
    let [high, low] = number.to_be_bytes();
    let mut visitor = server.visitor();
    visitor.address.set_ip([198, high, low, 1].into());
    visitor
}

async fn fail(server: &Server, visitor: &mut Visitor, email: &str) -> Answer {
    let extra = [("useremail", email), ("userpassword", "wrong")];
    visitor.sign_in(server, &extra).await
}

/// Seconds to wait, as told.
fn wait(answer: &Answer) -> Option<u64> {
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => Some(answer.header("retry-after").parse().unwrap()),
        _ => None,
    }
}

/// THR-03, THR-08, C-51: an account is one, known or not, from wherever it is tried and however
/// its address is spelt; what is told is alike for all.
#[tokio::test]
async fn an_account_is_tried_ten_times_from_anywhere_and_then_waits() {
    let server = Server::new();
    server.member().await;
    let mut told = Vec::new();
    for email in [EMAIL, "nobody@example.org"] {
        for number in 0..11 {
            let spelt = match number {
                0..4 => email.to_uppercase(),
                4..8 => format!(" {email} "),
                _ => email.to_owned(),
            };
            let mut visitor = stranger(&server, number);
            let answer = fail(&server, &mut visitor, &spelt).await;
            match number {
                10 => told.push((wait(&answer), answer.text().to_owned())),
                _ => assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY),
            }
        }
    }
    assert_eq!(told[0].0, Some(30));
    assert_eq!(told[0], told[1]);
}

/// THR-08: what `Retry-After` says is when the next try is made, not a second later or earlier.
#[tokio::test]
async fn retry_after_is_true() {
    let server = Server::new();
    server.member().await;
    let mut waits = Vec::new();
    for _ in 0..4 {
        let mut number = 0;
        let told = loop {
            let answer = fail(&server, &mut stranger(&server, number), EMAIL).await;
            match wait(&answer) {
                Some(told) => break told,
                None => number += 1,
            }
        };
        waits.push(told);
        server.clock.advance(Duration::from_secs(told - 1));
        let early = fail(&server, &mut stranger(&server, 50), EMAIL).await;
        assert_eq!(wait(&early), Some(1));
        server.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(waits, [30, 60, 120, 240]);
    let mut owner = stranger(&server, 60);
    let answer = owner.sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// THR-03: one network that tries one account waits by itself; the account is still tried from
/// elsewhere.
#[tokio::test]
async fn a_pair_of_account_and_network_waits_before_the_account_does() {
    let server = Server::new();
    server.member().await;
    let mut attacker = server.visitor();
    for number in 0..6 {
        attacker.address.set_ip([192, 0, 2, number].into());
        let told = wait(&fail(&server, &mut attacker, EMAIL).await);
        assert_eq!(told, (number == 5).then_some(30));
    }
    let mut owner = stranger(&server, 1);
    let answer = owner.sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    // His success is his, and does not free the network.
    let told = wait(&fail(&server, &mut attacker, EMAIL).await);
    assert_eq!(told, Some(30));
}

/// THR-04: one password over many accounts.
#[tokio::test]
async fn a_network_that_sprays_waits_after_twenty_accounts() {
    let server = Server::new();
    let mut attacker = server.visitor();
    let mut tried = 0;
    for number in 0..1_000u32 {
        let [_, a, b, c] = number.to_be_bytes();
        let address = format!("[2001:db8:1:2:{a:x}:{b:x}:{c:x}:9]:1");
        attacker.address = address.parse().unwrap();
        let email = format!("{number}@example.org");
        let answer = fail_at(&server, &attacker, &email).await;
        tried += u32::from(answer);
    }
    assert_eq!(tried, 20);
    attacker.address = "[2001:db8:1:3::1]:1".parse().unwrap();
    assert!(fail_at(&server, &attacker, "other@example.org").await);
}

/// A hundred tries of a network are counted, under some 700 records; those that are refused leave
/// none, of the names that were tried or of new addresses.
#[tokio::test]
async fn refused_tries_leave_no_records() {
    let caps = Caps {
        counters: 1_000,
        ..Caps::default()
    };
    let server = Server::over(Config::default(), Arc::new(MemoryStore::with_caps(caps)));
    let mut attacker = server.visitor();
    let mut tried = 0;
    for number in 0..=255 {
        attacker.address.set_ip([192, 0, 2, number].into());
        let email = format!("{number}@example.org");
        tried += u32::from(fail_at(&server, &attacker, &email).await);
    }
    assert_eq!(tried, 100);
    assert!(fail_at(&server, &stranger(&server, 1), EMAIL).await);
}

/// Whether a password from there would be looked at: the service alone, without its pages.
async fn fail_at(server: &Server, visitor: &Visitor, email: &str) -> bool {
    let origin = Origin {
        prefix: Prefix::from(visitor.address.ip()),
        device: None,
        browser: Browser::Other,
        has_solved: false,
    };
    let throttle = &server.state.throttle;
    let begun = throttle.begin(email, None, &origin).await.unwrap();
    begun.is_ok()
}

/// THR-02: strangers fail from everywhere until the account is theirs no more to try; on the
/// device that its owner knows it opens as ever, and a flood from the owner's own address
/// changes nothing.
#[tokio::test]
async fn the_owner_on_a_known_device_is_not_locked_out() {
    let server = Server::new();
    server.member().await;
    let mut owner = server.visitor();
    owner.sign_in(&server, &[]).await;
    owner.post("/member/logout", &[]).await;
    assert!(owner.cookies.contains_key("inkgate_device"));
    assert!(!owner.cookies.contains_key("inkgate_session"));
    for number in 0..11 {
        fail(&server, &mut stranger(&server, number), EMAIL).await;
    }
    let mut neighbour = server.visitor();
    for _ in 0..40 {
        neighbour.post("/member/login", &[]).await;
    }
    let told = neighbour.post("/member/login", &[]).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(wait(&fail(&server, &mut stranger(&server, 99), EMAIL).await).is_some());
    let answer = owner.sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// A cookie that was copied from a known device gives ten tries, with waits, and never more.
#[tokio::test]
async fn a_known_device_has_ten_failures_and_is_then_a_stranger() {
    let server = Server::new();
    server.member().await;
    let mut thief = server.visitor();
    thief.sign_in(&server, &[]).await;
    thief.post("/member/logout", &[]).await;
    for number in 0..11 {
        fail(&server, &mut stranger(&server, number), EMAIL).await;
    }
    let mut made = 0;
    for _ in 0..40 {
        let answer = fail(&server, &mut thief, EMAIL).await;
        match wait(&answer) {
            None => made += 1,
            Some(_) if made == 10 => break,
            Some(seconds) => server.clock.advance(Duration::from_secs(seconds)),
        }
        // The account's own row stays as long as what is waited for here.
        fail(&server, &mut stranger(&server, 100), EMAIL).await;
    }
    assert_eq!(made, 10);
}

/// A member who signs in again and again, for more device cookies, gets no more room by them.
#[tokio::test]
async fn all_devices_of_a_member_share_one_limit() {
    let server = Server::new();
    server.member().await;
    let mut devices = Vec::new();
    for number in 0..4 {
        let mut device = stranger(&server, number);
        device.sign_in(&server, &[]).await;
        devices.push(device);
    }
    let mut checked = 0;
    for number in 0..200 {
        let answer = devices[number % 4].post("/member/login", &[]).await;
        checked += u32::from(answer.status != StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(checked <= 30, "{checked}");
}

/// A device is one member's: on another's account it is a stranger's.
#[tokio::test]
async fn a_device_is_known_for_one_account_only() {
    let server = Server::new();
    server.member().await;
    let mut other = server.visitor();
    other.sign_in(&server, &[]).await;
    for number in 0..10 {
        fail(&server, &mut stranger(&server, number), "bob@example.org").await;
    }
    let answer = fail(&server, &mut other, "bob@example.org").await;
    assert_eq!(wait(&answer), Some(30));
}

/// THR-01: a perfect attacker tries one account for a year, from a new network each time, past
/// every captcha, the moment it may; compared are a hundred passwords.
#[tokio::test]
async fn a_perfect_attacker_has_a_hundred_comparisons_in_a_year() {
    let server = Server::new();
    let member = server.member().await;
    let throttle = &server.state.throttle;
    let begun = server.clock.now();
    let (mut tries, mut compared, mut last) = (0u32, 0, Duration::ZERO);
    loop {
        let now = server.clock.now().saturating_sub(begun);
        if now > Duration::from_secs(365 * 86_400) {
            break;
        }
        let origin = Origin {
            prefix: Prefix::from(std::net::IpAddr::from(
                (u128::from(tries) << 80).to_be_bytes(),
            )),
            device: None,
            browser: Browser::Other,
            has_solved: false,
        };
        match throttle.begin(EMAIL, Some(&member), &origin).await.unwrap() {
            Ok(attempt) => {
                throttle.failed(&attempt).await.unwrap();
                tries += 1;
                if attempt.may_compare {
                    (compared, last) = (compared + 1, now);
                }
            }
            Err(throttled) => server.clock.advance(throttled.wait),
        }
    }
    println!(
        "{tries} tries made, {compared} compared, the last of them after {} hours",
        last.as_secs() / 3_600
    );
    assert_eq!(compared, MOST_FAILURES);
    // An hour apart in the end, so the year has room for no more than this.
    assert!(tries < 8_900, "{tries}");
}

/// THR-01, AUT-07: after the hundredth failure the right password is as wrong as any other, and
/// looks so; a one-time link helps, and so does whoever runs the server.
#[tokio::test]
async fn after_a_hundred_failures_a_stranger_s_right_password_is_wrong() {
    let server = Server::new();
    let member = server.member().await;
    let throttle = &server.state.throttle;
    let mut number = 0;
    let exhaust = async |number: &mut u16| {
        let member = server
            .state
            .members
            .by_id(member.id)
            .await
            .unwrap()
            .unwrap();
        loop {
            *number += 1;
            let origin = Origin {
                prefix: Prefix::from(stranger(&server, *number).address.ip()),
                device: None,
                browser: Browser::Other,
                has_solved: false,
            };
            match throttle.begin(EMAIL, Some(&member), &origin).await.unwrap() {
                Ok(attempt) if !attempt.may_compare => break,
                Ok(_) => {}
                Err(throttled) => server.clock.advance(throttled.wait),
            }
        }
        server.clock.advance(Duration::from_secs(3_600));
    };
    exhaust(&mut number).await;
    let mut owner = stranger(&server, 60_000);
    let right = owner.sign_in(&server, &[]).await;
    assert_eq!(right.status, StatusCode::UNPROCESSABLE_ENTITY);
    throttle.forget(&member).await.unwrap();
    let freed = owner.sign_in(&server, &[]).await;
    assert_eq!(freed.status, StatusCode::SEE_OTHER);
    exhaust(&mut number).await;
    let link = server.state.links.set_password(&member).await.unwrap();
    let password = "another long password";
    let fields = [("password", password), ("again", password)];
    let path = format!("/link/{}", link.reveal());
    let done = stranger(&server, 60_001).post(&path, &fields).await;
    assert_eq!(done.status, StatusCode::OK);
    let mut owner = stranger(&server, 60_002);
    let answer = owner.sign_in(&server, &[("userpassword", password)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// THR-05
#[tokio::test]
async fn of_a_thousand_tries_at_once_ten_reach_the_hash() {
    let server = Server::new();
    let member = server.member().await;
    let tries = (0..1_000u32).map(|number| {
        let throttle = server.state.throttle.clone();
        let member = member.clone();
        let origin = Origin {
            prefix: Prefix::from(std::net::IpAddr::from(
                (u128::from(number) << 80).to_be_bytes(),
            )),
            device: None,
            browser: Browser::Other,
            has_solved: false,
        };
        tokio::spawn(async move {
            let begun = throttle.begin(EMAIL, Some(&member), &origin).await;
            begun.unwrap().is_ok()
        })
    });
    let mut made = 0;
    for attempt in tries.collect::<Vec<_>>() {
        made += u32::from(attempt.await.unwrap());
    }
    assert_eq!(made, 10);
}

/// THR-03: strangers of all the world together; whoever passes a captcha is let through.
#[tokio::test]
async fn when_all_strangers_fail_too_often_the_rest_waits_for_the_next_minute() {
    let mut config = Config::default();
    config.login.captcha = When::Never;
    let server = Server::with(config);
    server.member().await;
    let mut owner = server.visitor();
    owner.sign_in(&server, &[]).await;
    let throttle = &server.state.throttle;
    let into = server.clock.now().as_millis() % 60_000;
    server.clock.advance(Duration::from_millis(60_000 - into));
    for number in 0..1_000u32 {
        let origin = Origin {
            prefix: Prefix::from(std::net::IpAddr::from(
                (u128::from(number) << 80).to_be_bytes(),
            )),
            device: None,
            browser: Browser::Other,
            has_solved: false,
        };
        let email = format!("{number}@example.org");
        let attempt = throttle
            .begin(&email, None, &origin)
            .await
            .unwrap()
            .unwrap();
        throttle.failed(&attempt).await.unwrap();
    }
    server.clock.advance(Duration::from_secs(20));
    let fields = [("email", "new@example.org"), ("password", "wrong")];
    let told = stranger(&server, 1).post("/login", &fields).await;
    assert_eq!(wait(&told), Some(40));
    let solved = fail(&server, &mut stranger(&server, 2), "new@example.org").await;
    assert_eq!(solved.status, StatusCode::UNPROCESSABLE_ENTITY);
    let own = [("email", EMAIL), ("password", PASSWORD)];
    let known = owner.post("/login", &own).await;
    assert_eq!(known.status, StatusCode::SEE_OTHER);
    server.clock.advance(Duration::from_secs(40));
    let after = stranger(&server, 1).post("/login", &fields).await;
    assert_eq!(after.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// THR-09: neither a clean end nor a crash forgives an account's wrong passwords.
#[tokio::test]
async fn an_accounts_tries_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::sqlite(folder.path(), Config::default());
    server.member().await;
    for number in 0..10 {
        if number == 5 {
            server.state.store.close().await.unwrap();
        }
        if number % 5 == 0 {
            drop(server);
            server = Server::sqlite(folder.path(), Config::default());
        }
        let answer = fail(&server, &mut stranger(&server, number), EMAIL).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    drop(server);
    let server = Server::sqlite(folder.path(), Config::default());
    let answer = stranger(&server, 11).sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

/// AUT-17
#[tokio::test]
async fn the_right_password_forgives_the_wrong_ones() {
    let server = Server::new();
    server.member().await;
    for round in 0..3 {
        for number in 0..9 {
            let mut visitor = stranger(&server, 10 * round + number);
            fail(&server, &mut visitor, EMAIL).await;
        }
        let mut visitor = stranger(&server, 100 + round);
        let answer = visitor.sign_in(&server, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
}

/// AUT-07, AUT-11: a password that is refused costs one check, whoever's it is; one that is not
/// looked at, none; and what is told is the same.
#[tokio::test]
async fn every_kind_of_account_costs_one_check() {
    let mut config = Config::default();
    config.login.captcha = When::Never;
    let server = Server::with(config);
    let member = server.member().await;
    let members = &server.state.members;
    let invited = NewMember::new("invited@example.org", "Ann", None).unwrap();
    members.add(invited).await.unwrap();
    let hash = member.password.clone();
    let disabled = NewMember::new("disabled@example.org", "Bob", hash.clone()).unwrap();
    let disabled = members.add(disabled).await.unwrap();
    members.set_disabled(disabled.id, true).await.unwrap();
    let locked = NewMember::new("locked@example.org", "Eve", hash).unwrap();
    let locked = members.add(locked).await.unwrap();
    let throttle = &server.state.throttle;
    let mut network = 0;
    loop {
        network += 1;
        let origin = Origin {
            prefix: Prefix::from(stranger(&server, network).address.ip()),
            device: None,
            browser: Browser::Other,
            has_solved: false,
        };
        match throttle.begin(&locked.email, Some(&locked), &origin).await {
            Ok(Ok(attempt)) if !attempt.may_compare => break,
            Ok(Ok(_)) => {}
            Ok(Err(throttled)) => server.clock.advance(throttled.wait),
            Err(error) => panic!("{error}"),
        }
    }
    server.clock.advance(Duration::from_secs(3_600));
    let mut bodies = Vec::new();
    for (email, password) in [
        (EMAIL, "wrong"),
        ("nobody@example.org", "wrong"),
        ("invited@example.org", "wrong"),
        ("disabled@example.org", PASSWORD),
        ("locked@example.org", PASSWORD),
    ] {
        network += 1;
        let before = server.state.login.checked();
        let fields = [("email", email), ("password", password)];
        let answer = stranger(&server, network).post("/login", &fields).await;
        assert_eq!(server.state.login.checked() - before, 1, "{email}");
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        bodies.push(answer.text().replace(email, ""));
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    let before = server.state.login.checked();
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[("captcha", "no")]).await;
    for number in 0..20 {
        let fields = [("email", EMAIL), ("password", "wrong")];
        let mut visitor = stranger(&server, network + 1 + number);
        let answer = visitor.post("/login", &fields).await;
        if wait(&answer).is_some() {
            let checked = server.state.login.checked() - before;
            assert_eq!(checked, u64::from(number), "a throttled try costs none");
            return;
        }
    }
    panic!("never throttled");
}
