//! Mailed links, over SMTP (RFC 5321) to a server of the story's own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use inkgate_server::Config;
use inkgate_server::service::mail::Letter;
use inkgate_store::NewMember;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::visitor::{Answer, EMAIL, PASSWORD, Server, Visitor};

const NEW: &str = "kettle pylon wave";

/// A mail as it arrived.
#[derive(Clone, Debug)]
struct Arrived {
    to: String,
    text: String,
}

/// A mail server that keeps what it is sent.
#[derive(Clone, Default)]
struct Post(Arc<Mutex<Vec<Arrived>>>);

impl Post {
    async fn open() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let post = Self::default();
        let taking = post.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let taking = taking.clone();
                tokio::spawn(async move { taking.take(stream).await });
            }
        });
        (post, port)
    }

    async fn take(self, stream: TcpStream) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 post.example.org\r\n").await.unwrap();
        let (mut to, mut text, mut in_data) = (String::new(), String::new(), false);
        while let Ok(Some(line)) = lines.next_line().await {
            let reply = match line.as_str() {
                "." if in_data => {
                    in_data = false;
                    let mail = Arrived {
                        to: std::mem::take(&mut to),
                        text: std::mem::take(&mut text),
                    };
                    self.0.lock().unwrap().push(mail);
                    "250 kept\r\n"
                }
                line if in_data => {
                    text.push_str(line.strip_prefix('.').unwrap_or(line));
                    text.push('\n');
                    continue;
                }
                "DATA" => {
                    in_data = true;
                    "354 go on\r\n"
                }
                "QUIT" => {
                    write.write_all(b"221 bye\r\n").await.unwrap();
                    return;
                }
                line if line.starts_with("EHLO ") => {
                    "250-post.example.org\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n"
                }
                line if line.starts_with("MAIL FROM:") => "250 ok\r\n",
                line if line.starts_with("RCPT TO:") => {
                    let (address, _) = line["RCPT TO:<".len()..].split_once('>').unwrap();
                    to = address.to_owned();
                    "250 ok\r\n"
                }
                _ => "502 not here\r\n",
            };
            write.write_all(reply.as_bytes()).await.unwrap();
        }
    }

    /// What has arrived by the time that so much has, or none more comes.
    async fn arrived(&self, count: usize) -> Vec<Arrived> {
        for _ in 0..500 {
            let arrived = self.0.lock().unwrap().clone();
            if arrived.len() >= count {
                return arrived;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} mails were to come: {:?}", self.0.lock().unwrap());
    }
}

impl Arrived {
    /// The path of the link in it.
    fn link(&self) -> String {
        let (_, path) = self.text.split_once("http://127.0.0.1:8080").unwrap();
        path.split_whitespace().next().unwrap().to_owned()
    }
}

async fn server(registration: bool) -> (Server, Post) {
    let (post, port) = Post::open().await;
    let mut config = Config::default();
    config.mail.smtp = Some(format!("smtp://127.0.0.1:{port}"));
    config.mail.from = Some("Inkgate <no-reply@example.org>".to_owned());
    config.login.registration = registration;
    (Server::with(config), post)
}

async fn ask(server: &Server, visitor: &mut Visitor, path: &str, email: &str) -> Answer {
    let form = visitor.get(path).await;
    let ticket = form.ticket();
    let code = server.answer(&ticket);
    let fields = [
        ("email", email),
        ("name", "Ann"),
        ("ticket", &ticket),
        ("captcha", &code),
    ];
    visitor.post(path, &fields).await
}

/// AUT-08: known or not, the answer is the same; the owner finds a link in the mail, which works
/// once.
#[tokio::test]
async fn a_lost_password_is_set_by_a_mailed_link() {
    let (server, post) = server(false).await;
    server.member().await;
    let mut visitor = server.visitor();
    assert!(visitor.get("/login").await.text().contains("/login/link"));
    let known = ask(&server, &mut visitor, "/login/link", EMAIL).await;
    let unknown = ask(&server, &mut visitor, "/login/link", "no@example.org").await;
    assert_eq!(known.status, StatusCode::OK);
    assert_eq!(known.text(), unknown.text());
    let mails = post.arrived(1).await;
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, EMAIL));
    let link = mails[0].link();
    let fields = [("password", NEW), ("again", NEW)];
    assert_eq!(visitor.post(&link, &fields).await.status, StatusCode::OK);
    assert_eq!(visitor.post(&link, &fields).await.status, StatusCode::GONE);
    let sign_in = async |password| {
        let fields = [("email", EMAIL), ("password", password)];
        server.visitor().post("/login", &fields).await.status
    };
    assert_eq!(sign_in(PASSWORD).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sign_in(NEW).await, StatusCode::SEE_OTHER);
}

/// AUT-08: with mail, registration tells nothing either; to an address that has an account it
/// sends the link to its password.
#[tokio::test]
async fn an_account_is_made_by_whoever_reads_its_mail() {
    let (server, post) = server(true).await;
    server.member().await;
    let mut visitor = server.visitor();
    let new = ask(&server, &mut visitor, "/register", "ann@example.org").await;
    let known = ask(&server, &mut visitor, "/register", EMAIL).await;
    assert_eq!(new.status, StatusCode::OK);
    assert_eq!(new.text(), known.text());
    assert_eq!(server.state.members.count().await.unwrap(), 1);
    let mails = post.arrived(2).await;
    let to = |email: &str| mails.iter().find(|mail| mail.to == email).unwrap();
    let form = visitor.get(&to("ann@example.org").link()).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.text().contains("ann@example.org"));
    let fields = [("password", NEW), ("again", NEW)];
    let link = to("ann@example.org").link();
    assert_eq!(visitor.post(&link, &fields).await.status, StatusCode::OK);
    assert_eq!(visitor.post(&link, &fields).await.status, StatusCode::GONE);
    assert_eq!(server.state.members.count().await.unwrap(), 2);
    assert!(to(EMAIL).text.contains("/link/"));
}

/// AUT-08: a link goes to the address that the account has. Another spelling names the account, and
/// may still be another's mailbox (CVE-2019-19844).
#[tokio::test]
async fn a_link_goes_to_the_address_that_the_account_has() {
    let (server, post) = server(true).await;
    for (number, (stored, spelt)) in [
        ("ann@example.org", "ANN@example.org"),
        ("νικος@example.org", "νικοσ@example.org"),
    ]
    .into_iter()
    .enumerate()
    {
        let member = NewMember::new(stored, "Ann", None).unwrap();
        server.state.members.add(member).await.unwrap();
        let mut visitor = server.visitor();
        for (mails, path) in [(1, "/login/link"), (2, "/register")] {
            let told = ask(&server, &mut visitor, path, spelt).await;
            assert_eq!(told.status, StatusCode::OK);
            let mails = post.arrived(2 * number + mails).await;
            assert_eq!(mails.last().unwrap().to, stored, "{path}");
        }
    }
    // By another spelling is no third mail.
    let mail = server.state.mail.as_ref().unwrap();
    for to in ["νικος@example.org", "νικοσ@example.org", "Ann@example.org"] {
        assert!(!mail.deliver(letter(to)).await.unwrap(), "{to}");
    }
}

fn letter(to: &str) -> Letter {
    Letter {
        to: to.to_owned(),
        subject: "A link".to_owned(),
        text: "None".to_owned(),
    }
}

/// Nobody's mailbox is flooded: after two the next waits, and what is told stays the same.
#[tokio::test]
async fn an_address_gets_two_mails_and_then_waits() {
    let (server, post) = server(false).await;
    server.member().await;
    for number in 0..6u8 {
        let mut visitor = server.visitor();
        visitor.address.set_ip([198, 51, 100, number].into());
        let told = ask(&server, &mut visitor, "/login/link", EMAIL).await;
        assert_eq!(told.status, StatusCode::OK);
        let sent = usize::from(number.min(1)) + 1;
        assert_eq!(post.arrived(sent).await.len(), sent);
    }
    server.clock.advance(Duration::from_secs(30));
    ask(&server, &mut server.visitor(), "/login/link", EMAIL).await;
    assert_eq!(post.arrived(3).await.len(), 3);
}

/// A mail server that is away is the operator's trouble, and told to nobody.
#[tokio::test]
async fn a_mail_server_that_is_away_changes_no_answer() {
    let mut config = Config::default();
    config.mail.smtp = Some("smtp://127.0.0.1:1".to_owned());
    config.mail.from = Some("no-reply@example.org".to_owned());
    let server = Server::with(config);
    server.member().await;
    let told = ask(&server, &mut server.visitor(), "/login/link", EMAIL).await;
    assert_eq!(told.status, StatusCode::OK);
    // What was not sent is not counted against the address.
    let mail = server.state.mail.as_ref().unwrap();
    for _ in 0..4 {
        assert!(mail.deliver(letter("ann@example.org")).await.is_err());
    }
}
