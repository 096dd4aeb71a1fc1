//! "Once", under concurrency and across restarts.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::Barrier;

use crate::visitor::{Server, unthrottled};

/// How many of 1,000 posts of one right solution, sent at once, are told that they are right.
async fn storm(server: &Server) -> usize {
    let ticket = server.visitor().get("/newpage/login/").await.ticket();
    let code = server.answer(&ticket);
    let barrier = Arc::new(Barrier::new(1_000));
    let posts: Vec<_> = (0..1_000)
        .map(|_| {
            let (barrier, mut visitor) = (Arc::clone(&barrier), server.visitor());
            let (ticket, code) = (ticket.clone(), code.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                let fields = [("ticket", ticket.as_str()), ("verify_code", &code)];
                visitor.post("/newpage/login/", &fields).await.status
            })
        })
        .collect();
    let mut passed = 0;
    for post in posts {
        match post.await.unwrap() {
            StatusCode::OK => passed += 1,
            status => assert_eq!(status, StatusCode::SEE_OTHER),
        }
    }
    passed
}

/// CAP-01, C-07
#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_parallel_posts_one_passes_in_memory() {
    let server = Server::with(unthrottled());
    for _ in 0..3 {
        assert_eq!(storm(&server).await, 1);
    }
}

/// CAP-01, C-07
#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_parallel_posts_one_passes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::sqlite(folder.path(), unthrottled());
    for _ in 0..3 {
        assert_eq!(storm(&server).await, 1);
    }
}

async fn try_again(server: &Server, ticket: &str, code: &str) -> String {
    let fields = [("ticket", ticket), ("verify_code", code)];
    let answer = server.visitor().post("/newpage/login/", &fields).await;
    match answer.status {
        StatusCode::OK => "right".to_owned(),
        _ => answer.location().to_owned(),
    }
}

#[tokio::test]
async fn a_ticket_used_before_a_clean_restart_stays_used_and_an_unused_one_stays_good() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::sqlite(folder.path(), unthrottled());
    let mut visitor = server.visitor();
    let used = visitor.get("/newpage/login/").await.ticket();
    let unused = visitor.get("/newpage/login/").await.ticket();
    let code = server.answer(&used);
    assert_eq!(try_again(&server, &used, &code).await, "right");
    server.state.store.close().await.unwrap();
    drop(server);
    let server = Server::sqlite(folder.path(), unthrottled());
    assert_eq!(
        try_again(&server, &used, &code).await,
        "/newpage/login/?again=wrong"
    );
    let code = server.answer(&unused);
    assert_eq!(try_again(&server, &unused, &code).await, "right");
}

/// The fence: after an unclean end a ticket from before it is expired, used or not.
#[tokio::test]
async fn a_ticket_from_before_a_crash_is_expired() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::sqlite(folder.path(), unthrottled());
    let ticket = server.visitor().get("/newpage/login/").await.ticket();
    let code = server.answer(&ticket);
    drop(server);
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let server = Server::sqlite(folder.path(), unthrottled());
    assert_eq!(
        try_again(&server, &ticket, &code).await,
        "/newpage/login/?again=expired"
    );
}
