//! `inkgate site`.
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::fs;

use common::{Place, Server};

#[test]
fn sites_are_added_listed_and_removed() {
    let place = Place::new();
    let added = place
        .run("site add shop --host Shop.example.org --host localhost --action sign-in")
        .succeeded();
    let (key, secret) = (added.value("sitekey"), added.value("secret"));
    assert_eq!(added.lines().len(), 2);
    assert_eq!((key.len(), secret.len()), (36, 42));
    place
        .run("site add blog --host blog.example.org --preset member --preset ink --key old_key-1")
        .succeeded();
    let list = || place.run("site list").succeeded();
    let listed = list();
    let table = listed.table();
    let shop = ["shop", key, "shop.example.org,localhost", "ink", "sign-in"];
    assert_eq!(table[0][..5], shop);
    let blog = ["blog", "old_key-1", "blog.example.org", "member,ink", "-"];
    assert_eq!(table[1][..5], blog);
    assert!(table[0][5].parse::<inkgate::Timestamp>().is_ok());
    for taken in ["shop --host a", "new --host a --key old_key-1"] {
        place
            .run(&format!("site add {taken}"))
            .failed_saying(&["already", "inkgate site list"]);
    }
    place
        .run("site add test --host a --key 10000000-ffff-ffff-ffff-000000000001")
        .failed_saying(&["publishes for tests"]);
    place.run("site remove shop").succeeded();
    assert_eq!(list().lines().len(), 1);
    for line in ["site remove shop", "site rotate shop"] {
        place.run(line).failed_saying(&["there is no site shop"]);
    }
}

/// API-01: neither a secret nor the one that follows it is anywhere in the data folder.
#[test]
fn a_secret_is_shown_once_and_not_kept() {
    let place = Place::new();
    let first = place.run("site add shop --host localhost").succeeded();
    let second = place.run("site rotate shop --grace 0").succeeded();
    assert_ne!(first.value("secret"), second.value("secret"));
    for entry in fs::read_dir(place.join("inkgate-data")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for outcome in [&first, &second] {
            let secret = outcome.value("secret").as_bytes();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[test]
fn sites_are_managed_beside_a_running_server() {
    let place = Place::new();
    let server = Server::start(&place, "");
    place.run("site add shop --host localhost").succeeded();
    place.run("site rotate shop").succeeded();
    assert_eq!(server.end("TERM"), Some(0));
}

#[test]
fn a_site_of_the_configuration_is_listed_and_changed_there() {
    let place = Place::new();
    let site = "[[site]]\nname = \"shop\"\nkey = \"old\"\nhosts = [\"localhost\"]\nsecret_file = \"secret\"\n";
    place.write("inkgate-data/inkgate.toml", site);
    place.write("secret", "0123456789abcdef0123456789abcdef\n");
    place.run("site add blog --host a").succeeded();
    let listed = place.run("site list").succeeded();
    assert_eq!(
        listed.table()[0],
        ["shop", "old", "localhost", "ink", "-", "configured"]
    );
    for line in ["site rotate shop", "site remove shop"] {
        place.run(line).failed_saying(&["change it there"]);
    }
    place
        .run("site add shop --host a")
        .failed_saying(&["in the configuration already"]);
    fs::remove_file(place.join("secret")).unwrap();
    place
        .run("site list")
        .failed_saying(&["site \"shop\"", "secret_file"]);
}

#[test]
fn a_site_that_cannot_be_is_refused() {
    let place = Place::new();
    for (line, word) in [
        ("site add Shop --host a", "name"),
        ("site add shop --host https://a", "hosts"),
        ("site add shop --host a --key member", "page of ours"),
        ("site add shop --host a --action a.b", "actions"),
    ] {
        place.run(line).failed_saying(&[word]);
    }
    place.run("site add shop").refused_saying(&["required"]);
    place
        .run("site add shop --host a --preset paper")
        .refused_saying(&["no such style"]);
    place
        .run("site list --data nowhere")
        .failed_saying(&["there are no sites here"]);
    place.write("memory.toml", "store = \"memory\"\n");
    place
        .run("site list --config memory.toml")
        .failed_saying(&["[[site]]"]);
}
