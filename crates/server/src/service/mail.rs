//! Mail: one-time links to whoever an address belongs to. Off until a server is configured.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use inkgate_store::Email;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::Semaphore;

use crate::Error;
use crate::config::{ConfigError, MailConfig};
use crate::service::curve::Curve;

/// How many mails are on their way at once; more are dropped, and logged.
const MOST_AT_ONCE: usize = 16;

/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Mails to one address that are sent without a wait between them (THR-03).
const FREE: u32 = 2;

/// Why a mail was not sent.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A mail to be sent.
#[derive(Clone)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Says nothing: in the text is a link.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letter")
    }
}

/// Sends mail, without letting anybody wait for it: how long an answer takes does not tell whether
/// a mail goes out (AUT-08).
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    places: Arc<Semaphore>,
    curve: Curve,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail")
    }
}

impl Mail {
    /// Mail as configured; `None` where it is not.
    pub fn new(config: &MailConfig, curve: Curve) -> Result<Option<Self>, ConfigError> {
        let (Some(url), Some(from)) = (&config.smtp, &config.from) else {
            return Ok(None);
        };
        // What the URL holds may be a password, so errors do not repeat it.
        let wrong = |why: &str| ConfigError::new(format!("mail.smtp: {why}"));
        if !is_private(url) {
            return Err(wrong(
                "a link is a password: beyond this machine it goes through TLS, by \
                 smtps://host:465 or smtp://host:587?tls=required",
            ));
        }
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| wrong("this is not the URL of a mail server"))?
            .timeout(Some(PATIENCE));
        if let Some(path) = &config.password_file {
            let shown = path.display();
            let password = std::fs::read_to_string(path).map_err(|error| {
                ConfigError::new(format!("mail.password_file: {shown}: {error}"))
            })?;
            let user = user_of(url).ok_or_else(|| wrong("a password needs a user name"))?;
            let credentials = Credentials::new(user, password.trim_end().to_owned());
            transport = transport.credentials(credentials);
        }
        let from = from.parse().map_err(|error| {
            ConfigError::new(format!(
                "mail.from: {error}: such as \"Name <a@example.org>\""
            ))
        })?;
        Ok(Some(Self {
            transport: transport.build(),
            from,
            places: Arc::new(Semaphore::new(MOST_AT_ONCE)),
            curve,
        }))
    }

    /// Writes a mail in the background, if one is to be written, and sends it. An address that
    /// has had several lately waits for its next, as wrong passwords do.
    pub fn send(
        &self,
        write: impl Future<Output = Result<Option<Letter>, Error>> + Send + 'static,
    ) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            tracing::warn!("a mail was dropped: too many are on their way");
            return;
        };
        let this = self.clone();
        tokio::spawn(async move {
            let _place = place;
            let delivered = match write.await {
                Ok(Some(letter)) => this.deliver(letter).await,
                Ok(None) => return,
                Err(error) => Err(error.into()),
            };
            match delivered {
                Ok(true) => tracing::info!(event = "mail_sent", "a link was mailed"),
                Ok(false) => tracing::info!(event = "excess_rate_limit_exceeded", limit = "mail"),
                Err(error) => tracing::error!(%error, "a mail could not be sent"),
            }
        });
    }

    /// Sends, and waits until the server has it. `false` if the address has had several lately;
    /// what the server did not take is not counted.
    pub async fn deliver(&self, letter: Letter) -> Result<bool, Failure> {
        let name = format!("mail to {}", Email::parse(&letter.to)?.canonical());
        let Ok(reservation) = self.curve.reserve(&name, FREE).await? else {
            return Ok(false);
        };
        let sent = self.transmit(letter).await;
        if sent.is_err() {
            self.curve.give_back(&reservation).await?;
        }
        sent.map(|()| true)
    }

    async fn transmit(&self, letter: Letter) -> Result<(), Failure> {
        let address: Address = letter.to.parse()?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text)?;
        self.transport.send(message).await?;
        Ok(())
    }
}

/// `inkgate` of `smtps://inkgate@mail.example.org`.
fn user_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.split('/').next()?.rsplit_once('@')?;
    let user = user.split(':').next()?;
    let user = percent_encoding::percent_decode_str(user)
        .decode_utf8()
        .ok()?;
    (!user.is_empty()).then(|| user.into_owned())
}

/// Whether nobody on the way can read what is sent: by TLS, or because it stays on this machine.
fn is_private(url: &str) -> bool {
    let url = url.split('#').next().unwrap_or_default();
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let tls = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "tls");
    let place = rest.split('/').next().unwrap_or_default();
    let (_, place) = place.rsplit_once('@').unwrap_or(("", place));
    scheme.eq_ignore_ascii_case("smtps")
        || tls.is_some_and(|(_, value)| value == "required")
        || is_here(place)
}

fn is_here(place: &str) -> bool {
    let host = match place.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    };
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_leaves_this_machine_through_tls_only() {
        for url in [
            "smtps://ann@mail.example.org:465",
            "smtp://ann:x@mail.example.org:587?tls=required",
            "smtp://127.0.0.1:25",
            "smtp://localhost",
            "smtp://ann@[::1]:25/name",
            "smtp://127.0.0.1:25?tls=opportunistic",
        ] {
            assert!(is_private(url), "{url}");
        }
        for url in [
            "smtp://mail.example.org",
            "smtp://ann:x@mail.example.org:587",
            "smtp://mail.example.org?tls=opportunistic",
            "smtp://mail.example.org?tls=opportunistic&tls=required",
            "smtp://127.0.0.1@mail.example.org",
            "smtp://localhost.example.org",
            "smtp://[2001:db8::1]:25",
            "smtp://192.0.2.1#?tls=required",
        ] {
            assert!(!is_private(url), "{url}");
        }
    }

    #[test]
    fn a_mail_server_without_tls_is_refused_with_what_would_do() {
        let config = MailConfig {
            smtp: Some("smtp://ann:hidden@mail.example.org".to_owned()),
            from: Some("a@example.org".to_owned()),
            ..MailConfig::default()
        };
        let store = Arc::new(inkgate_store::MemoryStore::new());
        let curve = Curve::new(store, crate::Clock::system());
        let error = Mail::new(&config, curve).unwrap_err().to_string();
        assert!(error.contains("smtp://host:587?tls=required"), "{error}");
        assert!(!error.contains("hidden"), "{error}");
    }

    #[test]
    fn the_user_name_is_read_out_of_the_url() {
        for (url, user) in [
            ("smtps://ann@mail.example.org:465", Some("ann")),
            (
                "smtps://ann%40example.org@mail.example.org",
                Some("ann@example.org"),
            ),
            ("smtp://ann:x@mail.example.org?tls=required", Some("ann")),
            ("smtp://mail.example.org", None),
            ("smtp://@mail.example.org", None),
        ] {
            assert_eq!(user_of(url).as_deref(), user, "{url}");
        }
    }
}
