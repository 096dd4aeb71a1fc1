//! One-time links: the first member, and passwords set by their owner.

use std::time::Duration;

use axum::http::StatusCode;
use inkgate_server::Config;

use crate::visitor::{EMAIL, PASSWORD, Server};

fn filled<'a>(password: &'a str, again: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("email", "ann@example.org"),
        ("name", "Ann"),
        ("password", password),
        ("again", again),
    ]
}

/// AUT-13, C-60: a fresh installation has no account, and keys of its own.
#[tokio::test]
async fn nobody_can_sign_in_before_the_first_link_was_followed() {
    let server = Server::new();
    for (email, password) in [
        ("admin", "admin"),
        ("admin@localhost", "password"),
        ("root@localhost", ""),
        ("mei@example.org", PASSWORD),
        ("", ""),
    ] {
        let extra = [("useremail", email), ("userpassword", password)];
        let answer = server.visitor().sign_in(&server, &extra).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let keys = folders.each_ref().map(|folder| {
        drop(Server::sqlite(folder.path(), Config::default()));
        std::fs::read(folder.path().join("keys")).unwrap()
    });
    assert_ne!(keys[0], keys[1]);
}

/// AUT-13
#[tokio::test]
async fn the_first_link_creates_the_first_member_once() {
    let server = Server::new();
    let link = server.state.links.create_first().await.unwrap().reveal();
    let other = server.state.links.create_first().await.unwrap().reveal();
    let mut visitor = server.visitor();
    let path = format!("/link/{link}");
    assert_eq!(visitor.get(&path).await.status, StatusCode::OK);
    let done = visitor.post(&path, &filled(PASSWORD, PASSWORD)).await;
    assert_eq!(done.status, StatusCode::OK);
    for path in [path, format!("/link/{other}")] {
        assert_eq!(visitor.get(&path).await.status, StatusCode::GONE);
        let again = visitor.post(&path, &filled(PASSWORD, PASSWORD)).await;
        assert_eq!(again.status, StatusCode::GONE);
    }
    let extra = [("useremail", "ann@example.org")];
    assert_eq!(
        visitor.sign_in(&server, &extra).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(server.state.members.count().await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_mistyped_is_told_and_loses_neither_link_nor_text() {
    let server = Server::new();
    let link = server.state.links.create_first().await.unwrap().reveal();
    let mut visitor = server.visitor();
    let path = format!("/link/{link}");
    let bad = [
        filled("short", "short"),
        filled(PASSWORD, "something else entirely"),
        filled("aaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaa"),
    ];
    for fields in bad {
        let told = visitor.post(&path, &fields).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(told.text().contains("role=\"alert\""));
        assert_eq!(told.value_of("email"), "ann@example.org");
        assert!(!told.text().contains(PASSWORD));
    }
    let mut fields = filled(PASSWORD, PASSWORD);
    for (at, wrong) in [(0, "no address"), (1, "")] {
        let right = std::mem::replace(&mut fields[at].1, wrong);
        assert_eq!(
            visitor.post(&path, &fields).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        fields[at].1 = right;
    }
    assert_eq!(visitor.post(&path, &fields).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_sets_a_password_and_ends_every_session() {
    let server = Server::new();
    let member = server.member().await;
    let mut visitor = server.visitor();
    visitor.sign_in(&server, &[]).await;
    let link = server
        .state
        .links
        .set_password(&member)
        .await
        .unwrap()
        .reveal();
    let path = format!("/link/{link}");
    assert!(visitor.get(&path).await.text().contains(EMAIL));
    let new = "another long password";
    assert_eq!(
        visitor.post(&path, &filled(new, new)).await.status,
        StatusCode::OK
    );
    assert_eq!(visitor.get("/member/").await.location(), "/member/login");
    let old = visitor.sign_in(&server, &[]).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let extra = [("userpassword", new)];
    assert_eq!(
        visitor.sign_in(&server, &extra).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_link_expires_and_a_newer_password_voids_it() {
    let server = Server::new();
    let member = server.member().await;
    let mut visitor = server.visitor();
    let link = server
        .state
        .links
        .set_password(&member)
        .await
        .unwrap()
        .reveal();
    let hash = member.password.clone().unwrap();
    server
        .state
        .members
        .set_password(member.id, hash)
        .await
        .unwrap();
    let path = format!("/link/{link}");
    assert_eq!(visitor.get(&path).await.status, StatusCode::GONE);

    let member = server
        .state
        .members
        .by_id(member.id)
        .await
        .unwrap()
        .unwrap();
    let link = server
        .state
        .links
        .set_password(&member)
        .await
        .unwrap()
        .reveal();
    server.clock.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(
        visitor.get(&format!("/link/{link}")).await.status,
        StatusCode::GONE
    );
}

/// WEB-15: of browsers that follow one link at once, one creates the member.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_followed_once_however_parallel() {
    let server = Server::new();
    let link = server.state.links.create_first().await.unwrap().reveal();
    let posts: Vec<_> = (0..8)
        .map(|number| {
            let mut visitor = server.visitor();
            visitor.address.set_ip([198, 51, 100, number].into());
            let path = format!("/link/{link}");
            tokio::spawn(async move {
                visitor
                    .post(&path, &filled(PASSWORD, PASSWORD))
                    .await
                    .status
            })
        })
        .collect();
    let mut done = 0;
    for post in posts {
        match post.await.unwrap() {
            StatusCode::OK => done += 1,
            StatusCode::GONE | StatusCode::SERVICE_UNAVAILABLE => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(done, 1);
    assert_eq!(server.state.members.count().await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_no_link_is_gone() {
    let server = Server::new();
    let mut visitor = server.visitor();
    for handle in ["x", &"A".repeat(43), &"A".repeat(5_000), "%ff", "%2e%2e"] {
        let status = visitor.get(&format!("/link/{handle}")).await.status;
        assert!(
            matches!(
                status,
                StatusCode::GONE | StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND
            ),
            "{handle} {status}"
        );
    }
}
