//! `inkgate serve`, and the command line beside it.
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use common::{Place, Server};

const PASSWORD: &str = "correct horse battery\ncorrect horse battery\n";

#[test]
fn it_says_where_it_listens_and_how_to_create_the_first_member() {
    let place = Place::new();
    let mut server = Server::start(&place, "");
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    let line = server.line();
    let prefix = format!("http://{}/link/", server.address);
    let (_, link) = line.split_once(&prefix).unwrap_or_else(|| panic!("{line}"));
    assert_eq!(link.len(), 43);
    assert!(
        server
            .get(&format!("/link/{link}"))
            .starts_with("HTTP/1.1 200")
    );
    assert_eq!(server.end("TERM"), Some(0));
}

#[test]
fn it_ends_cleanly_when_it_is_interrupted() {
    let place = Place::new();
    assert_eq!(Server::start(&place, "").end("INT"), Some(0));
    assert_eq!(Server::start(&place, "").end("TERM"), Some(0));
}

#[test]
fn a_ticket_of_the_server_is_read_beside_it() {
    let place = Place::new();
    let server = Server::start(&place, "");
    let answer = server.get("/newpage/getcode/");
    let ticket = answer
        .lines()
        .find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("inkgate-ticket").then_some(value)
        })
        .unwrap_or_else(|| panic!("{answer}"));
    let shown = place.run(&format!("inspect {ticket}")).succeeded();
    assert_eq!(
        (shown.value("purpose"), shown.value("style")),
        ("ticket", "newpage")
    );
    assert_eq!(shown.value("answer").chars().count(), 4);
}

#[test]
fn members_are_managed_beside_a_running_server() {
    let place = Place::new();
    let mut server = Server::start(&place, "");
    assert!(server.line().contains("there is no member yet"));
    place
        .run_with("member add ann@example.org", PASSWORD)
        .succeeded();
    let link = place.run("member link ann@example.org").succeeded();
    let (_, handle) = link.out.trim().split_once("/link/").unwrap();
    let page = server.get(&format!("/link/{handle}"));
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    // A new password makes older links void.
    place
        .run_with("member passwd ann@example.org", PASSWORD)
        .succeeded();
    let page = server.get(&format!("/link/{handle}"));
    assert!(!page.starts_with("HTTP/1.1 200"), "{page}");
    assert_eq!(server.end("TERM"), Some(0));
    // With a member there is no link to create the first.
    assert_eq!(Server::start(&place, "").rest(), "");
}

#[test]
fn a_port_in_use_is_told_and_the_running_server_is_left_alone() {
    let place = Place::new();
    let server = Server::start(&place, "");
    let marks = std::fs::metadata(place.join("inkgate-data/marks.db")).unwrap();
    let line = format!("serve --listen {}", server.address);
    place
        .run(&line)
        .failed_saying(&[&server.address, "--listen"]);
    let after = std::fs::metadata(place.join("inkgate-data/marks.db")).unwrap();
    assert_eq!(marks.modified().unwrap(), after.modified().unwrap());
}

#[test]
fn listening_beyond_loopback_needs_a_word() {
    let place = Place::new();
    place
        .run("serve --listen 0.0.0.0:0")
        .failed_saying(&["public_url", "--insecure-http"]);
    place
        .run("serve --listen nowhere")
        .refused_saying(&["nowhere"]);
}
