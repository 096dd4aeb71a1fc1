//! `inkgate member`, `key`, `inspect` and `config`.
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio, time::Duration};

use common::Place;
use inkgate::{Answer, Binding, Challenge, Keyring, Kind, Mark, Matching, Styles, Timestamp};

const PASSWORD: &str = "correct horse battery\ncorrect horse battery\n";

fn add(place: &Place, email: &str) {
    place
        .run_with(&format!("member add {email}"), PASSWORD)
        .succeeded();
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    Timestamp::from_millis(since.as_millis() as u64)
}

#[test]
fn members_are_added_listed_changed_and_removed() {
    let place = Place::new();
    let added = place
        .run_with("member add Ann@Example.org --name Ann", PASSWORD)
        .succeeded();
    assert_eq!(added.out, "added Ann@Example.org\n");
    add(&place, "bob@example.org");
    let list = || place.run("member list").succeeded();
    let listed = list();
    let table = listed.table();
    assert_eq!(table[0][..4], ["1", "Ann@Example.org", "Ann", "active"]);
    assert_eq!(table[1][..4], ["2", "bob@example.org", "bob", "active"]);
    assert!(table[0][4].parse::<Timestamp>().is_ok());
    place.run("member disable ANN@example.org").succeeded();
    assert_eq!(list().table()[0][3], "disabled");
    place.run("member enable ann@example.org").succeeded();
    assert_eq!(list().table()[0][3], "active");
    place
        .run_with("member passwd bob@example.org", PASSWORD)
        .succeeded();
    place.run("member remove bob@example.org").succeeded();
    assert_eq!(list().lines().len(), 1);
    for command in ["disable", "enable", "remove", "link", "passwd"] {
        let line = format!("member {command} bob@example.org");
        place
            .run(&line)
            .failed_saying(&["no member bob@example.org"]);
    }
}

/// AUT-14
#[test]
fn an_address_is_taken_in_every_spelling() {
    let place = Place::new();
    add(&place, "ann@example.org");
    place
        .run_with("member add ANN@Example.org", PASSWORD)
        .failed_saying(&["ANN@Example.org", "member passwd"]);
}

#[test]
fn a_password_is_read_twice_and_must_be_good() {
    let place = Place::new();
    let refuse = |input: &str, words: &[&str]| {
        place
            .run_with("member add ann@example.org", input)
            .failed_saying(words);
    };
    refuse("", &["twice"]);
    refuse("correct horse battery\n", &["twice"]);
    refuse(
        "correct horse battery\ncorrect horse batterz\n",
        &["differ"],
    );
    refuse("short\nshort\n", &["shorter than"]);
    refuse(
        "aaaaaaaaaaaaaaaaaaaa\naaaaaaaaaaaaaaaaaaaa\n",
        &["easy to guess"],
    );
    let long = "x y".repeat(500);
    refuse(&format!("{long}\n{long}\n"), &["longer than"]);
    refuse(&"x".repeat(100_000), &["inkgate: "]);
    assert_eq!(place.run("member list").succeeded().out, "");
}

#[test]
fn what_is_no_address_or_name_is_a_wrong_argument() {
    let place = Place::new();
    for email in ["ann", "a@b@c", "@b", &format!("{}@b", "a".repeat(253))] {
        for command in ["add", "passwd", "link", "disable", "enable", "remove"] {
            place
                .run(&format!("member {command} {email}"))
                .refused_saying(&["the e-mail address"]);
        }
    }
    let name = "n".repeat(65);
    place
        .run(&format!("member add a@b --name {name}"))
        .refused_saying(&["the name is longer than 64"]);
    assert!(!place.join("inkgate-data").exists());
    let local = "a".repeat(100);
    add(&place, &format!("{local}@example.org"));
    assert_eq!(place.run("member list").table()[0][2], "a".repeat(64));
}

#[test]
fn a_password_is_nowhere_in_the_folder() {
    let place = Place::new();
    add(&place, "ann@example.org");
    for file in fs::read_dir(place.join("inkgate-data")).unwrap() {
        let file = file.unwrap();
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{file:?}"
        );
        let bytes = fs::read(file.path()).unwrap();
        assert!(
            !String::from_utf8_lossy(&bytes).contains("correct horse"),
            "{file:?}"
        );
    }
}

#[test]
fn only_add_makes_an_installation() {
    let place = Place::new();
    for line in [
        "member list",
        "member link a@b",
        "key list",
        "key rotate",
        "inspect x",
    ] {
        place
            .run(line)
            .failed_saying(&["inkgate-data/keys", "inkgate serve"]);
    }
    let keys = Keyring::generate(now()).unwrap().to_text().to_string();
    for line in ["member list", "member link a@b", "member remove a@b"] {
        let mut command = place.command(&format!("{line} --data typo"));
        let output = command.env("INKGATE_KEYS", &keys).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.starts_with("inkgate: typo: there are no members"),
            "{said}"
        );
    }
    assert!(!place.join("inkgate-data").exists() && !place.join("typo").exists());
    place.write("inkgate.toml", "store = \"memory\"\n");
    place
        .run("member list --config inkgate.toml")
        .failed_saying(&["store", "memory"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let place = Place::new();
    place.write("file", "");
    for line in ["member add a@b.c", "serve --listen 127.0.0.1:0"] {
        place
            .run(&format!("{line} --data file/data"))
            .failed_saying(&["file/data"]);
    }
}

#[test]
fn keys_are_listed_and_rotated() {
    let place = Place::new();
    add(&place, "ann@example.org");
    let keys = place.run("key list").succeeded();
    assert_eq!(keys.lines().len(), 1);
    assert_eq!(keys.table()[0][3], "sealing");
    let rotated = place.run("key rotate").succeeded();
    let new = rotated.value("added");
    let keys = place.run("key list").succeeded();
    assert_eq!(keys.table().len(), 2);
    assert_eq!((keys.table()[1][0], keys.table()[1][3]), (new, "waiting"));
    let [created, seals] = [1, 2].map(|i| keys.table()[1][i].parse::<Timestamp>().unwrap());
    assert_eq!(seals.saturating_sub(created), Duration::from_secs(600));
    let file = place.join("inkgate-data/keys");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let before = fs::read(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    place.run("key rotate").failed_saying(&["chmod 600"]);
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn no_rotation_is_lost_among_others() {
    let place = Place::new();
    add(&place, "ann@example.org");
    let rotations: Vec<_> = (0..8)
        .map(|_| place.command("key rotate").stdout(Stdio::null()).spawn())
        .collect();
    for rotation in rotations {
        assert!(rotation.unwrap().wait().unwrap().success());
    }
    assert_eq!(place.run("key list").succeeded().lines().len(), 9);
}

#[test]
fn a_key_that_nothing_needs_is_dropped() {
    let place = Place::new();
    let old = Timestamp::from_millis(1_600_000_000_000);
    let mut keyring = Keyring::generate(old).unwrap();
    let first = keyring.keys(old)[0].id.to_string();
    keyring.rotate(old + Duration::from_secs(1)).unwrap();
    let file = place.write("inkgate-data/keys", keyring.to_text().as_bytes());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(place.run("key rotate").succeeded().value("dropped"), first);
    assert_eq!(place.run("key list").succeeded().lines().len(), 2);
}

#[test]
fn a_ticket_shows_what_it_holds() {
    let place = Place::new();
    add(&place, "ann@example.org");
    let keys = fs::read_to_string(place.join("inkgate-data/keys")).unwrap();
    let keyring = Keyring::parse(&keys).unwrap();
    // Expired long ago: an operator reads it all the same.
    let issued = Timestamp::from_millis(1_600_000_000_000);
    let challenge = Challenge {
        mark: Mark::random().unwrap(),
        kind: Kind::Picture,
        style: "newpage".to_owned(),
        look: Styles::standard().get("newpage").unwrap().look(),
        answer: Answer::new("a1B2").unwrap(),
        matching: Matching::default(),
        site: "newpage".to_owned(),
        action: "login".to_owned(),
        cdata: "two\nlines".to_owned(),
        host: "localhost".to_owned(),
        binding: Binding::None,
        issued,
        expires: issued + Duration::from_secs(300),
    };
    let ticket = keyring.seal_ticket(&challenge, issued).unwrap();
    let shown = place.run(&format!("inspect {ticket}")).succeeded();
    let keys: Vec<_> = shown.table().iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(
        keys,
        [
            "purpose", "kind", "style", "answer", "site", "action", "cdata", "host", "issued",
            "expires"
        ]
    );
    for (key, value) in [
        ("purpose", "ticket"),
        ("kind", "picture"),
        ("style", "newpage"),
        ("answer", "a1B2"),
        ("action", "login"),
        ("cdata", "two\\nlines"),
        ("issued", "2020-09-13T12:26:40Z"),
        ("expires", "2020-09-13T12:31:40Z"),
    ] {
        assert_eq!(shown.value(key), value);
    }
    for other in ["x", "", &ticket[1..], &format!("{ticket}A")] {
        let shown = place.command("inspect").arg(other).output().unwrap();
        let said = String::from_utf8(shown.stderr).unwrap();
        assert_eq!(shown.status.code(), Some(1));
        assert!(
            said.starts_with("inkgate: no key of inkgate-data opens this"),
            "{said}"
        );
    }
    let foreign = Keyring::generate(now()).unwrap();
    let ticket = foreign.seal_ticket(&challenge, issued).unwrap();
    place
        .run(&format!("inspect {ticket}"))
        .failed_saying(&["no key of"]);
}

#[test]
fn the_default_configuration_is_printed_and_good() {
    let place = Place::new();
    let printed = place.run("config").succeeded();
    assert!(printed.out.contains("[ticket]"));
    place.write("own.toml", &printed.out);
    place.run("config check").succeeded();
    place.run("config check --config own.toml").succeeded();
    assert!(!place.join("inkgate-data").exists());
}

#[test]
fn commands_that_serve_nobody_work_wherever_the_server_may_listen() {
    let place = Place::new();
    add(&place, "ann@example.org");
    place.write("inkgate-data/inkgate.toml", "listen = \"0.0.0.0:80\"\n");
    for line in [
        "member list",
        "member link ann@example.org",
        "key list",
        "key rotate",
        "draw --data inkgate-data -o picture.png",
    ] {
        place.run(line).succeeded();
    }
    place.run("inspect x").failed_saying(&["no key of"]);
}

#[test]
fn a_broken_configuration_is_told_by_key() {
    let place = Place::new();
    for (text, words) in [
        (
            "listen = \"127.0.0.1:8080\"\nlissten = 1\n",
            &["own.toml:2", "lissten"][..],
        ),
        (
            "[ticket]\nttl_seconds = 5\n",
            &["ticket.ttl_seconds", "30", "3600"],
        ),
        ("[ticket]\nttl_seconds = \"long\"\n", &["own.toml:2"]),
        ("[[[", &["own.toml:1"]),
        ("[style.nowhere]\nfont_path = \"x\"\n", &["style.nowhere"]),
    ] {
        place.write("own.toml", text);
        for line in ["config check", "serve", "member list", "key list"] {
            place
                .run(&format!("{line} --config own.toml"))
                .failed_saying(words);
        }
    }
    place.write("own.toml", "listen = \"0.0.0.0:80\"\n");
    for line in ["config check", "serve"] {
        place
            .run(&format!("{line} --config own.toml"))
            .failed_saying(&["listen", "public_url"]);
    }
    place
        .run("config check --config missing.toml")
        .failed_saying(&["missing.toml"]);
    let output = place
        .command("config check")
        .env("INKGATE_TICKET_TTL_SECONDS", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!place.join("inkgate-data").exists());
}

/// AUT-05: the tutorial's readable column is hashed, Django's hashes are kept until the first sign-in, and what cannot
/// be used is told with its line.
#[test]
fn members_are_imported_from_a_table_and_from_django() {
    let place = Place::new();
    let hash = "pbkdf2_sha256$1000$salt$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let table = format!(
        "useremail,name,userpassword\nann@example.org,\"Ann, the first\",secret\nbob@example.org,Bob,{hash}\n\
         nobody,Nobody,secret\nANN@example.org,Twice,secret\neve@example.org,,!\n\
         kim@example.org,,5ebe2294ecd0e0f08eab7690d2a6ee69\n"
    );
    let file = place.path().join("members.csv");
    fs::write(&file, table).unwrap();
    let import = |file: &std::path::Path| place.run(&format!("member import {}", file.display()));
    let done = import(&file).succeeded();
    let told = done.table();
    assert_eq!(told[0][..2], ["skipped", "4"]);
    assert_eq!(told[1][..2], ["skipped", "5"]);
    assert_eq!(told[2][..2], ["invited", "7"]);
    assert_eq!(told[3], ["added", "4"]);
    assert!(!done.out.contains("secret") && !done.out.contains("5ebe"));
    let listed = place.run("member list").succeeded();
    let listed = listed.table();
    let row = |n: usize| [listed[n][1], listed[n][2], listed[n][3]];
    assert_eq!(row(0), ["ann@example.org", "Ann, the first", "active"]);
    assert_eq!(row(1), ["bob@example.org", "Bob", "active"]);
    assert_eq!(row(2), ["eve@example.org", "eve", "invited"]);
    assert_eq!(row(3), ["kim@example.org", "kim", "invited"]);
    let users = format!(
        r#"[{{"model": "auth.user", "pk": 1, "fields": {{"username": "mia", "first_name": "Mia", "last_name": "Lee",
            "email": "mia@example.org", "password": "{hash}", "is_active": false}}}},
            {{"model": "auth.group", "pk": 1, "fields": {{"name": "all"}}}}]"#
    );
    fs::write(&file, users).unwrap();
    assert_eq!(import(&file).succeeded().table(), [["added", "1"]]);
    let listed = place.run("member list").succeeded();
    assert_eq!(
        listed.table()[4][1..4],
        ["mia@example.org", "Mia Lee", "disabled"]
    );
    fs::write(&file, "name\nAnn\n").unwrap();
    import(&file).failed_saying(&["members.csv", "email"]);
}

#[test]
fn a_backup_brings_members_back() {
    let place = Place::new();
    add(&place, "ann@example.org");
    let file = place.path().join("members.backup");
    let backup = format!("backup {}", file.display());
    place.run(&backup).succeeded();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    place.run(&backup).failed_saying(&["members.backup"]);
    place.run("member remove ann@example.org").succeeded();
    add(&place, "bob@example.org");
    let restored = place
        .run(&format!("restore {}", file.display()))
        .succeeded();
    assert!(restored.out.contains("1 members"), "{}", restored.out);
    let listed = place.run("member list").succeeded();
    assert_eq!(listed.lines().len(), 1);
    assert_eq!(listed.table()[0][1], "ann@example.org");
    fs::write(&file, "no backup").unwrap();
    place
        .run(&format!("restore {}", file.display()))
        .failed_saying(&["members.backup"]);
}
