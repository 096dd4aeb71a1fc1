//! Keys that change while the server runs.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use inkgate::KEY_DELAY;
use inkgate_server::data::DataFolder;
use inkgate_server::service::keys::Keys;
use inkgate_server::{AppState, Clock, Config, Foundation, serve};
use inkgate_store::{MemoryMembers, MemorySites, MemoryStore};
use tokio::net::TcpListener;

use crate::visitor::Server;

const LOGIN: &str = "/newpage/login/";

/// A server that follows the keys of this folder.
fn following(folder: &DataFolder) -> Server {
    let clock = Clock::manual(Clock::system().now() + Duration::from_secs(1));
    let keyring = folder.keys_or_new(clock.now()).unwrap();
    let foundation = Foundation {
        store: Arc::new(MemoryStore::new()),
        members: Arc::new(MemoryMembers::new()),
        sites: Arc::new(MemorySites::new()),
        keys: Keys::following(folder.clone(), keyring),
        clock: clock.clone(),
    };
    Server::on(
        AppState::build(Config::default(), foundation).unwrap(),
        clock,
    )
}

async fn is_right(server: &Server, ticket: &str) -> bool {
    let code = server.answer(ticket);
    let fields = [("ticket", ticket), ("verify_code", &code)];
    server.visitor().post(LOGIN, &fields).await.status == StatusCode::OK
}

/// KEY-04: a running server takes up a new key by itself, before the key seals.
#[tokio::test(start_paused = true)]
async fn a_running_server_follows_a_rotation_and_a_removal() {
    let place = tempfile::tempdir().unwrap();
    let folder = DataFolder::at(place.path());
    let server = following(&folder);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    tokio::spawn(serve(server.state.clone(), listener, pending()));
    let before = server.visitor().get(LOGIN).await.ticket();

    let now = server.clock.now();
    let old = folder.keys().unwrap().keys(now)[0].id;
    let new = folder.change_keys(|keyring| keyring.rotate(now)).unwrap();
    let known = || server.state.keys.current().keys(server.clock.now()).len();
    assert_eq!(known(), 1);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(known(), 2);

    let sealing = || {
        let keys = server.state.keys.current().keys(server.clock.now());
        keys.into_iter().find(|key| key.is_sealing).unwrap().id
    };
    assert_eq!(sealing(), old);
    assert!(is_right(&server, &before).await);
    let before = server.visitor().get(LOGIN).await.ticket();
    server.clock.advance(KEY_DELAY);
    assert_eq!(sealing(), new);
    // Ten minutes are more than a ticket lives here; the key still opens it.
    let answer = server.visitor().post(LOGIN, &[("ticket", &before)]).await;
    assert_eq!(answer.location(), "/newpage/login/?again=expired");
    let after = server.visitor().get(LOGIN).await.ticket();
    assert!(is_right(&server, &after).await);

    // Keys that cannot be read change nothing.
    let other = server.visitor().get(LOGIN).await.ticket();
    std::fs::write(place.path().join("keys"), "no keys").unwrap();
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(known(), 2);
    assert!(is_right(&server, &other).await);

    // Another installation's keys, put here by hand, end every ticket.
    let other = server.visitor().get(LOGIN).await.ticket();
    let code = server.answer(&other);
    let place = tempfile::tempdir().unwrap();
    let elsewhere = DataFolder::at(place.path());
    elsewhere.keys_or_new(server.clock.now()).unwrap();
    let [theirs, ours] = [&elsewhere, &folder].map(|folder| folder.path().join("keys"));
    std::fs::copy(theirs, ours).unwrap();
    tokio::time::sleep(Duration::from_secs(61)).await;
    let fields = [("ticket", other.as_str()), ("verify_code", &code)];
    let answer = server.visitor().post(LOGIN, &fields).await;
    assert_eq!(answer.location(), "/newpage/login/?again=wrong");
}
