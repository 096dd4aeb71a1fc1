//! Mail: one-time links to whoever an address belongs to. Off until a server is configured.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::Semaphore;

use crate::config::{ConfigError, MailConfig};
use crate::service::curve::Curve;

/// How many mails are on their way at once; more are dropped, and logged.
const MOST_AT_ONCE: usize = 16;

/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Mails to one address that are sent without a wait between them (THR-03).
const FREE: u32 = 2;

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

    /// Sends in the background. An address that has had several lately waits for its next, as
    /// wrong passwords do.
    pub fn send(&self, to: &str, subject: String, text: String) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            tracing::warn!("a mail was dropped: too many are on their way");
            return;
        };
        let (this, to) = (self.clone(), to.to_owned());
        tokio::spawn(async move {
            let _place = place;
            match this.deliver(&to, subject, text).await {
                Ok(true) => tracing::info!(event = "mail_sent", "a link was mailed"),
                Ok(false) => tracing::info!(event = "excess_rate_limit_exceeded", limit = "mail"),
                Err(error) => tracing::error!(%error, "a mail could not be sent"),
            }
        });
    }

    /// Sends, and waits until the server has it. `false` if the address has had several lately.
    pub async fn deliver(
        &self,
        to: &str,
        subject: String,
        text: String,
    ) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let address: Address = to.parse()?;
        let name = format!("mail to {}", to.to_lowercase());
        if self.curve.reserve(&name, FREE).await?.is_err() {
            return Ok(false);
        }
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text)?;
        self.transport.send(message).await?;
        Ok(true)
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

#[cfg(test)]
mod tests {
    use super::*;

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
