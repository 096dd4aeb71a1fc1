//! A web site that uses the captcha: its pages and its back end.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use inkgate_server::Config;
use inkgate_server::service::sites::Secret;
use inkgate_store::{
    Caps, MemorySites, MemoryStore, NewSite, SecretDigest, Sites, SqliteStore, Store,
};
use serde_json::{Value, json};

use crate::visitor::{Answer, Server, Visitor, unthrottled};

/// The site `shop`, on two hosts, with four presets and two actions, and the server it asks.
pub(crate) struct Shop {
    pub(crate) server: Server,
    sites: Arc<dyn Sites>,
    pub(crate) key: String,
    pub(crate) secret: String,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(unthrottled()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::over(config, MemoryStore::new()).await
    }

    pub(crate) async fn with_room_for_marks(marks: u64) -> Self {
        let caps = Caps {
            marks,
            ..Caps::default()
        };
        Self::over(unthrottled(), MemoryStore::with_caps(caps)).await
    }

    /// On a store that holds nothing of any kind.
    pub(crate) async fn without_room() -> Self {
        let caps = Caps {
            marks: 0,
            sessions: 0,
            remember: 0,
            links: 0,
            counters: 0,
        };
        Self::over(unthrottled(), MemoryStore::with_caps(caps)).await
    }

    async fn over(config: Config, store: impl Store) -> Self {
        let sites = Arc::new(MemorySites::new());
        let kept = Arc::clone(&sites) as Arc<dyn Sites>;
        let server = Server::made_of(config, Arc::new(store), kept);
        Self::on(server, sites).await
    }

    /// The same after a crash: on the store that was left in this folder, and no clean end.
    pub(crate) async fn sqlite_again(self, folder: &Path) -> Self {
        let Self {
            server,
            key,
            secret,
            sites,
        } = self;
        drop((server, sites));
        let server = Server::sqlite(folder, unthrottled());
        let sites = SqliteStore::open_beside(folder).unwrap().sites();
        Self {
            server,
            sites: Arc::new(sites),
            key,
            secret,
        }
    }

    /// On the SQLite store in this folder.
    pub(crate) async fn sqlite(folder: &Path) -> Self {
        let server = Server::sqlite(folder, unthrottled());
        let sites = SqliteStore::open_beside(folder).unwrap().sites();
        Self::on(server, Arc::new(sites)).await
    }

    async fn on(server: Server, sites: Arc<dyn Sites>) -> Self {
        let mut shop = Self {
            server,
            sites,
            key: String::new(),
            secret: String::new(),
        };
        let hosts = ["shop.example.org", "www.shop.example.org"];
        (shop.key, shop.secret) = shop.add("shop", &hosts).await;
        shop
    }

    /// Adds a site and returns its key and its secret.
    pub(crate) async fn add(&self, name: &str, hosts: &[&str]) -> (String, String) {
        let presets = ["ink", "member", "work", "ink-work"];
        self.add_with(name, hosts, &presets).await
    }

    /// The same, with these presets.
    pub(crate) async fn add_with(
        &self,
        name: &str,
        hosts: &[&str],
        presets: &[&str],
    ) -> (String, String) {
        let secret = Secret::random().unwrap();
        let key = self.add_under(secret.reveal(), name, hosts, presets).await;
        (key, secret.reveal().to_owned())
    }

    /// Adds a site with this secret, which others may have, and returns its key.
    pub(crate) async fn add_under(
        &self,
        secret: &str,
        name: &str,
        hosts: &[&str],
        presets: &[&str],
    ) -> String {
        let key = format!("key-of-{name}");
        let list = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        let new = NewSite::new(
            name,
            &key,
            SecretDigest::of(secret),
            &list(hosts),
            &list(presets),
            &list(&["sign-in", "order"]),
        );
        self.sites.add(new.unwrap()).await.unwrap();
        key
    }

    /// Gives the shop another secret and returns it.
    pub(crate) async fn rotate(&self, grace: Duration) -> String {
        let secret = Secret::random().unwrap();
        let rotated = self.sites.rotate("shop", secret.digest(), grace).await;
        assert!(rotated.unwrap());
        secret.reveal().to_owned()
    }

    pub(crate) async fn remove(&self) {
        assert!(self.sites.remove("shop").await.unwrap());
    }

    /// The token of a right solution.
    pub(crate) async fn token(&self) -> String {
        let mut page = self.page();
        let ticket = page.ticket().await;
        let solution = self.server.answer(&ticket);
        let solved = json_of(&page.solve(&ticket, &solution).await);
        solved["token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn origin(&self) -> &'static str {
        "https://shop.example.org"
    }

    pub(crate) fn page(&self) -> Page {
        self.page_at(self.origin())
    }

    /// A page somewhere, as a browser shows it.
    pub(crate) fn page_at(&self, origin: &str) -> Page {
        let visitor = self
            .server
            .visitor()
            .with_header("origin", origin)
            .with_header("sec-fetch-site", "cross-site");
        Page {
            visitor,
            sitekey: self.key.clone(),
        }
    }
}

/// A page of a site in somebody's browser.
pub(crate) struct Page {
    pub(crate) visitor: Visitor,
    pub(crate) sitekey: String,
}

impl Page {
    pub(crate) async fn ask(&mut self, path: &str, asked: &Value) -> Answer {
        let kind = Some("application/json");
        let body = asked.to_string().into();
        self.visitor.send(Method::POST, path, kind, body).await
    }

    pub(crate) async fn ticket(&mut self) -> String {
        self.ticket_for(&json!({})).await
    }

    /// The ticket of a challenge that is asked for with more than the site key.
    pub(crate) async fn ticket_for(&mut self, more: &Value) -> String {
        let mut asked = json!({ "sitekey": self.sitekey });
        for (name, value) in more.as_object().unwrap() {
            asked[name] = value.clone();
        }
        let challenge = self.ask("/api/challenge", &asked).await;
        json_of(&challenge)["ticket"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn solve(&mut self, ticket: &str, solution: &str) -> Answer {
        let asked = json!({ "ticket": ticket, "solution": solution });
        self.ask("/api/solve", &asked).await
    }
}

pub(crate) fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{:?}", answer.body))
}
