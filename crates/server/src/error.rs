//! What went wrong, and what a visitor sees of it: one place turns errors into responses.

use std::error::Error as _;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::service::limiter::Throttled;

/// Why a request cannot be answered as asked.
///
/// A wrong solution or password is no error: those are answers of the services.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The body or a parameter cannot be read.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// A browser sent it on behalf of another site.
    #[error("cross-site request")]
    CrossSite,
    /// There is nothing here.
    #[error("not found")]
    NotFound,
    /// The route does not take this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The request took too long to arrive.
    #[error("request took too long")]
    TooSlow,
    /// The picture's ticket is expired, foreign or unknown.
    #[error("gone")]
    Gone,
    /// The body is larger than any form here.
    #[error("body too large")]
    TooLarge,
    /// The body is not a form.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// The host is not one of this installation's.
    #[error("misdirected request")]
    Misdirected,
    /// The site does not allow what its page asks for.
    #[error("refused: {0:?}")]
    Refused(Rule),
    /// A limit was reached.
    #[error("throttled for {} s", .0.wait.as_secs())]
    Throttled(#[from] Throttled),
    /// Too many passwords are being checked at once.
    #[error("password checks are busy")]
    Busy,
    /// The store is away or full.
    #[error("the store failed")]
    Store(#[from] inkgate_store::Error),
    /// A picture or ticket could not be made.
    #[error("the engine failed")]
    Engine(#[from] inkgate::Error),
    /// A defect of ours.
    #[error("internal: {0}")]
    Internal(&'static str),
}

/// What a site's page may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// No site has this key.
    Sitekey,
    /// The page is on no host of the site.
    Host,
    /// The site has not this preset.
    Preset,
    /// The site has not this action.
    Action,
}

/// What the page about an error needs to know; travels in the response's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Its stable name, and what it means; programs are told both.
    pub(crate) told: Option<(&'static str, &'static str)>,
    /// The status answered.
    pub(crate) status: StatusCode,
    /// Seconds until another try makes sense.
    pub(crate) retry_after: Option<u64>,
}

impl Error {
    fn problem(&self) -> Problem {
        let (status, retry_after) = match self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, None),
            Self::CrossSite => (StatusCode::FORBIDDEN, None),
            Self::NotFound => (StatusCode::NOT_FOUND, None),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, None),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, None),
            Self::Gone => (StatusCode::GONE, None),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, None),
            Self::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
            Self::Misdirected => (StatusCode::MISDIRECTED_REQUEST, None),
            Self::Refused(Rule::Host) => (StatusCode::FORBIDDEN, None),
            Self::Refused(_) => (StatusCode::BAD_REQUEST, None),
            Self::Throttled(throttled) => (
                StatusCode::TOO_MANY_REQUESTS,
                Some(whole_seconds(throttled.wait)),
            ),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, Some(1)),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, Some(5)),
            Self::Engine(inkgate::Error::Generator(_)) => {
                (StatusCode::SERVICE_UNAVAILABLE, Some(5))
            }
            Self::Engine(_) | Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        Problem {
            told: self.told(),
            status,
            retry_after,
        }
    }

    /// What programs are told, where it is more than the status says.
    fn told(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::BadRequest(why) => ("bad_request", why),
            Self::Refused(Rule::Sitekey) => ("unknown_sitekey", "no site has this sitekey"),
            Self::Refused(Rule::Host) => (
                "host_not_allowed",
                "the page that asks (Origin) is on no host of the site",
            ),
            Self::Refused(Rule::Preset) => {
                ("preset_not_allowed", "the site does not allow this preset")
            }
            Self::Refused(Rule::Action) => {
                ("action_not_allowed", "the site does not allow this action")
            }
            _ => return None,
        })
    }

    /// The log gets the whole chain of causes, once, here.
    fn log(&self) {
        let mut chain = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            chain = format!("{chain}: {cause}");
            source = cause.source();
        }
        match self {
            Self::Store(_) | Self::Engine(_) | Self::Internal(_) => {
                tracing::error!(error = chain, "request failed");
            }
            Self::Throttled(Throttled { limit, wait }) => {
                let wait_seconds = wait.as_secs();
                tracing::info!(
                    event = "excess_rate_limit_exceeded",
                    limit,
                    wait_seconds,
                    "a limit was reached"
                );
            }
            _ => tracing::debug!(error = chain, "request refused"),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        self.problem().into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).max(1) as u64
}
