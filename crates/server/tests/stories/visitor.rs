//! A small browser and a server for it to visit.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use inkgate::{Contents, Keyring, Timestamp};
use inkgate_server::config::{StoreAddress, ThrottleConfig};
use inkgate_server::service::keys::Keys;
use inkgate_server::service::password::{Password, Passwords};
use inkgate_server::{AppState, Clock, Config, Foundation, admin, app};
use inkgate_store::{Member, MemoryMembers, MemorySites, MemoryStore, NewMember, Sites, Store};
use tower::ServiceExt;

pub(crate) const EMAIL: &str = "mei@example.org";
pub(crate) const NAME: &str = "林美";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The default settings, without throttles.
pub(crate) fn unthrottled() -> Config {
    Config {
        throttle: ThrottleConfig { enabled: false },
        ..Config::default()
    }
}

/// A server on a foundation of memory, whose clock the story moves.
pub(crate) struct Server {
    pub(crate) state: AppState,
    pub(crate) clock: Clock,
    router: Router,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self::over(config, Arc::new(MemoryStore::new()))
    }

    /// On this store, with members in memory.
    pub(crate) fn over(config: Config, store: Arc<dyn Store>) -> Self {
        Self::made_of(config, store, Arc::new(MemorySites::new()))
    }

    /// With members in memory.
    pub(crate) fn made_of(config: Config, store: Arc<dyn Store>, sites: Arc<dyn Sites>) -> Self {
        // Ahead of the machine's clock, so that the fence of a fresh store lies before it.
        let start = Clock::system().now() + Duration::from_secs(1);
        let clock = Clock::manual(start);
        let foundation = Foundation {
            store,
            members: Arc::new(MemoryMembers::new()),
            sites,
            keys: Keys::fixed(Keyring::generate(Timestamp::from_millis(0)).unwrap()),
            clock: clock.clone(),
        };
        Self::on(AppState::build(config, foundation).unwrap(), clock)
    }

    /// On the SQLite store in this folder, with the machine's clock.
    pub(crate) fn sqlite(folder: &Path, config: Config) -> Self {
        let config = Config {
            data: folder.to_owned(),
            store: StoreAddress::Sqlite(None),
            ..config
        };
        Self::on(AppState::open(config).unwrap(), Clock::system())
    }

    pub(crate) fn on(state: AppState, clock: Clock) -> Self {
        let router = app(state.clone());
        Self {
            state,
            clock,
            router,
        }
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor {
            router: self.router.clone(),
            cookies: BTreeMap::new(),
            address: "192.0.2.1:40000".parse().unwrap(),
            host: "127.0.0.1:8080".to_owned(),
            headers: HeaderMap::new(),
        }
    }

    /// Whoever runs the server, at its admin listener.
    pub(crate) fn operator(&self) -> Visitor {
        Visitor {
            router: admin(self.state.clone()),
            ..self.visitor()
        }
    }

    /// What the ticket's picture shows.
    pub(crate) fn answer(&self, ticket: &str) -> String {
        let keyring = self.state.keys.current();
        match keyring.inspect(ticket).unwrap() {
            Contents::Ticket(challenge) => challenge.answer.reveal().to_owned(),
            Contents::Token(_) => panic!("a token has no answer"),
        }
    }

    pub(crate) async fn member(&self) -> Member {
        self.member_called(NAME).await
    }

    pub(crate) async fn member_called(&self, name: &str) -> Member {
        let passwords = Passwords::of(&self.state.keys.current()).unwrap();
        let password = Password::chosen(PASSWORD, EMAIL, name).unwrap();
        let hash = passwords.hash(password).await.unwrap();
        let member = NewMember::new(EMAIL, name, Some(hash)).unwrap();
        self.state.members.add(member).await.unwrap()
    }
}

/// One browser: cookies, an address, headers it always sends.
#[derive(Clone)]
pub(crate) struct Visitor {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) address: SocketAddr,
    pub(crate) host: String,
    pub(crate) headers: HeaderMap,
}

impl Visitor {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.post_raw(path, FORM, body.into_bytes()).await
    }

    pub(crate) async fn post_raw(&mut self, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.send(Method::POST, path, Some(kind), Body::from(body))
            .await
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.headers.insert(name, value);
        self
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Body,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if !self.cookies.is_empty() {
            let pairs = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            request = request.header(header::COOKIE, pairs.collect::<Vec<_>>().join("; "));
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: axum::body::to_bytes(body, usize::MAX)
                .await
                .unwrap()
                .to_vec(),
        };
        for cookie in answer.set_cookies() {
            let (name, value) = cookie.pair();
            if cookie.text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Fills in and sends the member form.
    pub(crate) async fn sign_in(&mut self, server: &Server, extra: &[(&str, &str)]) -> Answer {
        let ticket = self.get("/member/login").await.ticket();
        let code = server.answer(&ticket);
        let mut fields = vec![
            ("ticket", ticket.as_str()),
            ("captcha", &code),
            ("useremail", EMAIL),
            ("userpassword", PASSWORD),
        ];
        fields.retain(|(name, _)| extra.iter().all(|(other, _)| other != name));
        fields.extend(extra);
        self.post("/member/login", &fields).await
    }
}

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// One `Set-Cookie` line.
#[derive(Debug)]
pub(crate) struct SetCookie {
    pub(crate) text: String,
}

impl SetCookie {
    pub(crate) fn pair(&self) -> (&str, &str) {
        let pair = self.text.split(';').next().unwrap();
        pair.split_once('=').unwrap()
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    pub(crate) fn set_cookies(&self) -> Vec<SetCookie> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        lines
            .map(|line| SetCookie {
                text: line.to_str().unwrap().to_owned(),
            })
            .collect()
    }

    /// The value of the form's hidden ticket field.
    pub(crate) fn ticket(&self) -> String {
        self.value_of("ticket")
    }

    /// The `value` of the input with this name.
    pub(crate) fn value_of(&self, name: &str) -> String {
        let html = self.text();
        let tag = html
            .split("<input")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap())
            .find(|tag| tag.contains(&format!("name=\"{name}\"")))
            .unwrap_or_else(|| panic!("no input {name} in {html}"));
        let value = tag.split("value=\"").nth(1);
        value
            .map_or("", |rest| rest.split('"').next().unwrap())
            .to_owned()
    }
}
