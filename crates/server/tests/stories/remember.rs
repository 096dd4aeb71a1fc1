//! Remember-me: seven days, a new secret at every use, revoked when a copy shows.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use inkgate_server::Config;
use inkgate_store::{Caps, Key, Kind, MemoryStore, Store};

use crate::visitor::{EMAIL, PASSWORD, Server, Visitor, unthrottled};

const DAY: Duration = Duration::from_secs(86_400);

/// What a browser restart does: cookies without Max-Age are gone.
fn restart(visitor: &mut Visitor) {
    visitor.cookies.remove("inkgate_session");
}

async fn is_signed_in(visitor: &mut Visitor) -> bool {
    visitor.get("/member/").await.status == StatusCode::OK
}

async fn remembered(server: &Server) -> Visitor {
    server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(server, &[("rememberme", "on")]).await;
    visitor
}

#[tokio::test]
async fn without_remember_me_a_browser_restart_signs_out() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let answer = visitor.sign_in(&server, &[]).await;
    for cookie in answer.set_cookies() {
        if cookie.pair().0 == "inkgate_device" {
            continue;
        }
        assert!(!cookie.text.contains("Max-Age"), "{cookie:?}");
    }
    restart(&mut visitor);
    assert!(!is_signed_in(&mut visitor).await);
}

/// SES-08, C-57
#[tokio::test]
async fn remember_me_survives_restarts_for_seven_days_and_no_longer() {
    let server = Server::new();
    let mut visitor = remembered(&server).await;
    for _ in 0..6 {
        let before = visitor.cookies["inkgate_remember"].clone();
        server.clock.advance(DAY);
        restart(&mut visitor);
        assert!(is_signed_in(&mut visitor).await);
        assert_ne!(visitor.cookies["inkgate_remember"], before);
    }
    server.clock.advance(DAY - Duration::from_millis(1));
    restart(&mut visitor);
    assert!(is_signed_in(&mut visitor).await);
    server.clock.advance(Duration::from_millis(1));
    restart(&mut visitor);
    assert!(!is_signed_in(&mut visitor).await);
}

#[tokio::test]
async fn the_name_cookie_lasts_as_long_as_the_login() {
    let server = Server::new();
    server.member().await;
    let mut visitor = server.visitor();
    let answer = visitor.sign_in(&server, &[("rememberme", "on")]).await;
    let week = "Max-Age=604800";
    for cookie in answer.set_cookies() {
        let lasts = ["name", "inkgate_remember"].contains(&cookie.pair().0);
        assert_eq!(cookie.text.contains(week), lasts, "{cookie:?}");
    }
}

/// SES-09
#[tokio::test]
async fn a_stolen_cookie_that_shows_up_again_ends_the_login_and_its_sessions() {
    let server = Server::new();
    let mut owner = remembered(&server).await;
    let mut thief = owner.clone();
    restart(&mut thief);
    restart(&mut owner);
    assert!(is_signed_in(&mut owner).await);
    server.clock.advance(Duration::from_secs(21));
    assert!(!is_signed_in(&mut thief).await);
    assert!(
        !is_signed_in(&mut owner).await,
        "the session ends with the family"
    );
    restart(&mut owner);
    assert!(!is_signed_in(&mut owner).await);
}

/// SES-10
#[tokio::test]
async fn requests_that_come_together_get_one_successor() {
    let server = Server::new();
    let mut visitor = remembered(&server).await;
    server.clock.advance(DAY);
    restart(&mut visitor);
    let together: Vec<_> = (0..50)
        .map(|_| {
            let mut tab = visitor.clone();
            tokio::spawn(async move {
                assert!(is_signed_in(&mut tab).await);
                tab.cookies["inkgate_remember"].clone()
            })
        })
        .collect();
    let mut successors = Vec::new();
    for tab in together {
        successors.push(tab.await.unwrap());
    }
    successors.dedup();
    assert_eq!(successors.len(), 1);
    server.clock.advance(DAY);
    visitor
        .cookies
        .insert("inkgate_remember".into(), successors.remove(0));
    restart(&mut visitor);
    assert!(is_signed_in(&mut visitor).await);
}

/// One cookie makes one session, however often it is sent before its answer arrives: the store
/// has room for no second.
#[tokio::test]
async fn a_cookie_used_again_and_again_fills_no_table() {
    let caps = Caps {
        // The session and the greeting of the sign-in, the session of the cookie, and the places of
        // both in the member's list; the family, and its turn to the next cookie.
        sessions: 5,
        remember: 2,
        ..Caps::default()
    };
    let store = Arc::new(MemoryStore::with_caps(caps));
    let server = Server::over(unthrottled(), store);
    let mut visitor = remembered(&server).await;
    restart(&mut visitor);
    let mut sessions = BTreeSet::new();
    for _ in 0..200 {
        let mut tab = visitor.clone();
        assert!(is_signed_in(&mut tab).await);
        sessions.insert(tab.cookies["inkgate_session"].clone());
    }
    assert_eq!(sessions.len(), 1);
}

/// SES-01, C-56: a copy of the data folder opens nothing.
#[tokio::test]
async fn the_data_folder_holds_no_cookie_and_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::sqlite(folder.path(), Config::default());
    let mut visitor = remembered(&server).await;
    assert!(is_signed_in(&mut visitor).await);
    let mut cookies = vec![visitor.cookies["inkgate_session"].clone()];
    restart(&mut visitor);
    assert!(is_signed_in(&mut visitor).await);
    cookies.push(visitor.cookies["inkgate_session"].clone());
    let remember = &visitor.cookies["inkgate_remember"];
    cookies.extend(remember.split('.').map(str::to_owned));
    assert_eq!(cookies.iter().collect::<BTreeSet<_>>().len(), 4);

    let copy = everything_in(folder.path());
    for is_there in [EMAIL, "$argon2id$"] {
        assert!(holds(&copy, is_there.as_bytes()), "{is_there}");
    }
    assert!(!holds(&copy, PASSWORD.as_bytes()));
    for cookie in cookies {
        let bytes = URL_SAFE_NO_PAD.decode(&cookie).unwrap();
        let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
        assert!(!holds(&copy, cookie.as_bytes()));
        assert!(!holds(&copy, &bytes));
        // As a list in JSON, which records are written in.
        assert!(!holds(&copy, numbers.join(",").as_bytes()));
    }
}

fn everything_in(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// SES-10: a writer that was slow puts an old state of the family back; the cookie in the browser
/// stays good, and the theft of the one before still shows.
#[tokio::test]
async fn a_slow_writer_makes_no_thief_of_the_owner() {
    let store = Arc::new(MemoryStore::new());
    let server = Server::over(Config::default(), store.clone());
    let mut visitor = remembered(&server).await;
    let first = visitor.cookies["inkgate_remember"].clone();
    let (selector, _) = first.split_once('.').unwrap();
    let secret: [u8; 32] = URL_SAFE_NO_PAD
        .decode(selector)
        .unwrap()
        .try_into()
        .unwrap();
    let key = Key::new(Kind::Remember, &secret);
    let mut states = Vec::new();
    for _ in 0..3 {
        states.push(store.get(&key).await.unwrap().unwrap());
        restart(&mut visitor);
        assert!(is_signed_in(&mut visitor).await);
    }
    for state in states {
        store.update(&key, &state, DAY).await.unwrap();
        restart(&mut visitor);
        assert!(is_signed_in(&mut visitor).await);
    }
    server.clock.advance(Duration::from_secs(21));
    let mut thief = server.visitor();
    thief.cookies.insert("inkgate_remember".into(), first);
    assert!(!is_signed_in(&mut thief).await);
    restart(&mut visitor);
    assert!(!is_signed_in(&mut visitor).await);
}

#[tokio::test]
async fn signing_out_revokes_the_login() {
    let server = Server::new();
    let mut visitor = remembered(&server).await;
    let mut copy = visitor.clone();
    visitor.post("/member/logout", &[]).await;
    assert!(visitor.cookies.keys().eq(["inkgate_device"]));
    restart(&mut copy);
    assert!(!is_signed_in(&mut copy).await);
}

#[tokio::test]
async fn forged_and_cut_cookies_sign_nobody_in_and_harm_nobody() {
    let server = Server::new();
    let mut visitor = remembered(&server).await;
    let good = visitor.cookies["inkgate_remember"].clone();
    let (selector, verifier) = good.split_once('.').unwrap();
    for bad in [
        "",
        ".",
        "x",
        selector,
        &good[..good.len() - 1],
        &format!("{good}="),
        &format!("{}.{verifier}", "A".repeat(43)),
    ] {
        let mut other = server.visitor();
        other
            .cookies
            .insert("inkgate_remember".into(), bad.to_owned());
        assert!(!is_signed_in(&mut other).await, "{bad}");
    }
    restart(&mut visitor);
    assert!(is_signed_in(&mut visitor).await);
}
