//! `inkgate serve`, and the command line beside it.
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::{
    fs,
    io::Write,
    net::TcpStream,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use common::{Place, Server, get};

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

/// API-14, OPS-01
#[test]
fn the_admin_listener_answers_beside_the_public_one_until_the_end() {
    let place = Place::new();
    place.write(
        "inkgate-data/inkgate.toml",
        "admin_listen = \"127.0.0.1:0\"\n",
    );
    let mut server = Server::start(&place, "");
    let line = server.line();
    let admin = line
        .strip_prefix("metrics on http://")
        .and_then(|rest| rest.strip_suffix("/metrics"))
        .unwrap_or_else(|| panic!("{line}"));
    server.get("/newpage/getcode/");
    let metrics = get(admin, "/metrics");
    assert!(
        metrics.contains("inkgate_pictures_total{style=\"newpage\"} 1"),
        "{metrics}"
    );
    assert!(get(admin, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(server.get("/metrics").starts_with("HTTP/1.1 404"));
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
    let prefix = format!("http://{}/link/", server.address);
    let handle = link.out.trim().strip_prefix(&prefix).unwrap();
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
fn a_link_leads_to_the_running_server_else_to_where_one_would_listen() {
    let place = Place::new();
    let server = Server::start(&place, "");
    place
        .run_with("member add ann@example.org", PASSWORD)
        .succeeded();
    let link = || place.run("member link ann@example.org").succeeded().out;
    assert!(link().starts_with(&format!("http://{}/link/", server.address)));
    assert_eq!(server.end("TERM"), Some(0));
    assert!(!place.join("inkgate-data/address").exists());
    assert!(link().starts_with("http://127.0.0.1:8080/link/"));
}

/// KEY-02
#[test]
fn keys_that_are_lost_are_not_made_anew() {
    let place = Place::new();
    assert_eq!(Server::start(&place, "").end("TERM"), Some(0));
    let keys = place.join("inkgate-data/keys");
    let copy = fs::read(&keys).unwrap();
    fs::remove_file(&keys).unwrap();
    for line in [
        "serve --listen 127.0.0.1:0",
        "member add a@b.c",
        "member list",
        "key list",
        "key rotate",
        "inspect x",
    ] {
        place
            .run(line)
            .failed_saying(&["members but no keys", "restore `keys`"]);
    }
    assert!(!keys.exists());
    let output = place
        .command("member list")
        .env("INKGATE_KEYS", String::from_utf8(copy).unwrap())
        .output();
    assert!(output.unwrap().status.success());
}

#[test]
fn what_is_wrong_with_a_database_is_said_once() {
    let place = Place::new();
    assert_eq!(Server::start(&place, "").end("TERM"), Some(0));
    for name in ["inkgate.db", "marks.db"] {
        let file = place.join("inkgate-data").join(name);
        let good = fs::read(&file).unwrap();
        fs::write(&file, "a letter".repeat(1_000)).unwrap();
        let told = place.run("serve --listen 127.0.0.1:0");
        let path = format!("inkgate-data/{name}");
        assert_eq!(
            told.failed_saying(&[]).err,
            format!("inkgate: cannot open the database {path}: file is not a database\n")
        );
        fs::write(&file, good).unwrap();
    }
}

#[test]
fn a_wish_for_the_log_that_makes_no_sense_is_told_once() {
    let place = Place::new();
    let output = place.command("styles").env("INKGATE_LOG", "a=b=c").output();
    let said = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(said.starts_with("inkgate: INKGATE_LOG: "), "{said}");
    assert_eq!(said.matches("error parsing").count(), 1, "{said}");
}

/// LOG-04
#[test]
fn a_log_that_nobody_reads_holds_up_no_request() {
    let place = Place::new();
    let mut command = place.command("serve --listen 127.0.0.1:0");
    command.env("INKGATE_LOG", "trace").stderr(Stdio::piped());
    let server = Server::of(command);
    for _ in 0..1_000 {
        assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    }
    let begun = Instant::now();
    assert_eq!(server.end("TERM"), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn it_serves_on_when_nobody_reads_what_it_prints() {
    let place = Place::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = place.command("serve --listen 127.0.0.1:0");
    let mut child = command
        .stdout(writer)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let note = place.join("inkgate-data/address");
    while !note.exists() {
        assert_eq!(child.try_wait().unwrap(), None);
        sleep(Duration::from_millis(5));
    }
    let address = fs::read_to_string(note).unwrap();
    let answer = common::get(address.trim(), "/healthz");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn told_to_end_twice_it_ends_at_once() {
    let place = Place::new();
    let mut server = Server::start(&place, "");
    // A request that never ends.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(
        stream,
        "POST /newpage/login/ HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 100\r\n\r\nticket=",
        server.address
    )
    .unwrap();
    sleep(Duration::from_millis(200));
    server.signal("TERM");
    sleep(Duration::from_millis(500));
    assert!(server.is_running(), "it waits for the request");
    let begun = Instant::now();
    assert_eq!(server.end("INT"), Some(1));
    assert!(begun.elapsed() < Duration::from_secs(2));
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
