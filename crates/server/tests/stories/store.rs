//! What a visitor meets while the store is full or away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::StatusCode;
use inkgate_store::{Caps, Error, Fence, Key, MemoryStore, Result, Store};

use crate::visitor::{Answer, Server, Visitor, unthrottled};

const NEWPAGE: &str = "/newpage/login/";

/// A store in memory that a story can take away and give back.
#[derive(Debug, Default)]
pub(crate) struct Flaky {
    store: MemoryStore,
    is_away: AtomicBool,
}

impl Flaky {
    pub(crate) fn leave(&self) {
        self.is_away.store(true, Ordering::SeqCst);
    }

    pub(crate) fn come_back(&self) {
        self.is_away.store(false, Ordering::SeqCst);
    }

    fn reach(&self) -> Result<&MemoryStore> {
        match self.is_away.load(Ordering::SeqCst) {
            true => Err(Error::Unavailable(
                "db.internal:5432 does not answer".into(),
            )),
            false => Ok(&self.store),
        }
    }
}

#[async_trait]
impl Store for Flaky {
    async fn insert(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<Fence> {
        self.reach()?.insert(key, value, ttl).await
    }

    async fn update(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<bool> {
        self.reach()?.update(key, value, ttl).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        self.reach()?.get(key).await
    }

    async fn take(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        self.reach()?.take(key).await
    }

    async fn increment(&self, key: &Key, ttl: Duration) -> Result<u64> {
        self.reach()?.increment(key, ttl).await
    }

    async fn sweep(&self) -> Result<u64> {
        self.reach()?.sweep().await
    }

    async fn close(&self) -> Result<()> {
        self.reach()?.close().await
    }
}

pub(crate) fn flaky() -> (Server, Arc<Flaky>) {
    let store = Arc::new(Flaky::default());
    let server = Server::over(unthrottled(), Arc::clone(&store) as Arc<dyn Store>);
    (server, store)
}

fn with_caps(caps: Caps) -> Server {
    Server::over(unthrottled(), Arc::new(MemoryStore::with_caps(caps)))
}

async fn solve(visitor: &mut Visitor, server: &Server, ticket: &str) -> Answer {
    let code = server.answer(ticket);
    let fields = [("ticket", ticket), ("verify_code", &code)];
    visitor.post(NEWPAGE, &fields).await
}

/// A page that asks to try again soon and tells nothing of what is behind it.
fn assert_unavailable(answer: &Answer, lang: &str) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "5");
    assert!(answer.text().contains(&format!("lang=\"{lang}\"")));
    assert!(!answer.text().contains("5432"));
}

/// STO-05, API-12: no store, no success; and when it is back nothing has been lost.
#[tokio::test]
async fn while_the_store_is_away_nothing_passes_and_nothing_is_lost() {
    let (server, store) = flaky();
    server.member().await;
    let mut member = server.visitor();
    member.sign_in(&server, &[("rememberme", "1")]).await;
    let mut visitor = server.visitor();
    let ticket = visitor.get(NEWPAGE).await.ticket();

    store.leave();
    let told = solve(&mut visitor, &server, &ticket).await;
    assert_unavailable(&told, "zh-Hans");
    let mut newcomer = server.visitor();
    let told = newcomer.sign_in(&server, &[]).await;
    assert_unavailable(&told, "zh-Hant");
    assert!(newcomer.cookies.is_empty());
    let before = member.cookies.clone();
    for _ in 0..2 {
        assert_unavailable(&member.get("/member/").await, "zh-Hant");
        assert_unavailable(&member.post("/member/logout", &[]).await, "zh-Hant");
        assert_eq!(member.cookies, before);
    }

    store.come_back();
    let right = solve(&mut visitor, &server, &ticket).await;
    assert_eq!(right.status, StatusCode::OK);
    assert_eq!(member.get("/member/").await.status, StatusCode::OK);
    let answer = newcomer.sign_in(&server, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

/// API-14: the process says that it lives, whatever its store does.
#[tokio::test]
async fn health_asks_no_store() {
    let (server, store) = flaky();
    store.leave();
    let answer = server.visitor().get("/healthz").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "ok\n"));
}

/// C-10, C-44: pictures that nobody solves take no room, so no flood of them can fill anything or
/// push another visitor's out.
#[tokio::test]
async fn issuing_and_drawing_ask_no_store() {
    let (server, store) = flaky();
    let mut visitor = server.visitor();
    let first = visitor.get(NEWPAGE).await.ticket();
    store.leave();
    for _ in 0..2_000 {
        let form = visitor.get(NEWPAGE).await;
        assert_eq!(form.status, StatusCode::OK);
    }
    let picture = visitor.get(&format!("/challenge/{first}.png")).await;
    assert_eq!(picture.status, StatusCode::OK);
    for path in ["/newpage/getcode/", "/member/captcha", "/member/login"] {
        assert_eq!(visitor.get(path).await.status, StatusCode::OK, "{path}");
    }
    store.come_back();
    let right = solve(&mut visitor, &server, &first).await;
    assert_eq!(right.status, StatusCode::OK);
}

/// C-10, C-44: at the cap of used marks the next check is refused, and no mark is dropped for it.
#[tokio::test]
async fn a_full_store_refuses_checks_and_forgets_no_used_ticket() {
    let server = with_caps(Caps {
        marks: 1,
        ..Caps::default()
    });
    let mut visitor = server.visitor();
    let used = visitor.get(NEWPAGE).await.ticket();
    assert_eq!(
        solve(&mut visitor, &server, &used).await.status,
        StatusCode::OK
    );
    for _ in 0..3 {
        let ticket = visitor.get(NEWPAGE).await.ticket();
        assert_unavailable(&solve(&mut visitor, &server, &ticket).await, "zh-Hans");
        assert_unavailable(&visitor.sign_in(&server, &[]).await, "zh-Hant");
    }
    let again = solve(&mut visitor, &server, &used).await;
    assert_eq!(again.location(), "/newpage/login/?again=wrong");
}

/// Sessions have a room of their own: when it is full nobody is signed in, nobody is signed out,
/// and the used ticket's cookie ends all the same.
#[tokio::test]
async fn when_no_session_can_start_those_that_stand_go_on() {
    let server = with_caps(Caps {
        sessions: 3,
        ..Caps::default()
    });
    server.member().await;
    let mut member = server.visitor();
    member.sign_in(&server, &[]).await;
    let mut other = server.visitor();
    other.get("/member/captcha").await;
    assert!(!other.cookies.is_empty());
    assert_unavailable(&other.sign_in(&server, &[]).await, "zh-Hant");
    assert!(other.cookies.is_empty());
    assert_eq!(member.get("/member/").await.status, StatusCode::OK);
}
