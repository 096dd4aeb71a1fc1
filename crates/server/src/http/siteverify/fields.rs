//! What a back end sends: a form or JSON, read to the same fields (API-03).

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::Error;
use crate::http::extract::{Form, body, media_type, object};
use crate::http::multipart;

/// A body, as far as its kind says how to read it.
pub(super) enum Sent {
    Form(Form),
    Json(Bytes),
    /// Of a kind that no dialect has.
    Other,
}

impl Sent {
    /// Reads a body. What is in the query string does not count: secrets do not belong into
    /// addresses (API-02).
    pub(super) async fn read(request: Request) -> Result<Self, Error> {
        let kind = Kind::of(request.headers());
        let bytes = body(request).await?;
        Ok(match kind {
            // Nothing at all is a form without fields, whatever it says to be.
            _ if bytes.is_empty() => Self::Form(Form::of(Vec::new())),
            // A back end passes on whatever its visitor sent for a token: that makes the token
            // none of ours, not the request unreadable.
            Kind::Form => Self::Form(Form::read(&bytes)?),
            Kind::Multipart(boundary) => {
                Self::Form(Form::of(multipart::fields(&boundary, &bytes)?))
            }
            Kind::Json => Self::Json(bytes),
            Kind::Other => Self::Other,
        })
    }
}

enum Kind {
    Form,
    Multipart(String),
    Json,
    Other,
}

impl Kind {
    fn of(headers: &HeaderMap) -> Self {
        match headers {
            _ if headers.contains_key(header::CONTENT_ENCODING) => Self::Other,
            _ if says(headers, "application/x-www-form-urlencoded") => Self::Form,
            _ if says_json(headers) => Self::Json,
            _ => multipart::boundary(headers).map_or(Self::Other, Self::Multipart),
        }
    }
}

/// Whether the body says that it is JSON.
pub(super) fn says_json(headers: &HeaderMap) -> bool {
    says(headers, "application/json")
}

/// Whether the body says that it is of this type. Its charset does not count: HTTP libraries name
/// one of their own (Apache's says ISO-8859-1), and what is not UTF-8 is found out anyway.
fn says(headers: &HeaderMap, wanted: &str) -> bool {
    media_type(headers).is_some_and(|(kind, _)| kind.eq_ignore_ascii_case(wanted))
}

/// The fields that some dialect has. Others, such as `remoteip`, are not read.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = OwnFields)]
#[serde(default)]
pub(crate) struct Fields {
    /// The site's secret.
    #[schema(value_type = String, required = true)]
    pub(super) secret: Option<Zeroizing<String>>,
    /// The token that the visitor's browser sent.
    #[schema(value_type = String, required = true)]
    pub(super) response: Option<String>,
    /// The key of the site that the back end expects.
    pub(super) sitekey: Option<String>,
    /// A UUID: the same redemption asked for again gets the same answer.
    #[schema(pattern = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")]
    pub(super) idempotency_key: Option<String>,
    /// The action that the token must be of.
    pub(super) action: Option<String>,
    /// The host that the token must be of.
    pub(super) hostname: Option<String>,
}

/// What reCAPTCHA's dialect takes.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes Fields on one path")]
pub(crate) struct CommonFields {
    /// The site's secret.
    secret: String,
    /// The token that the visitor's browser sent.
    response: String,
    /// Not read.
    remoteip: Option<String>,
}

/// What hCaptcha's dialect takes.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes Fields on one path")]
pub(crate) struct HcaptchaFields {
    /// The site's secret.
    secret: String,
    /// The token that the visitor's browser sent.
    response: String,
    /// Not read.
    remoteip: Option<String>,
    /// The key of the site that the back end expects.
    sitekey: Option<String>,
}

/// What Turnstile's dialect takes.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes Fields on one path")]
pub(crate) struct TurnstileFields {
    /// The site's secret.
    secret: String,
    /// The token that the visitor's browser sent.
    response: String,
    /// Not read.
    remoteip: Option<String>,
    /// A UUID: the same redemption asked for again gets the same answer.
    #[schema(pattern = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")]
    idempotency_key: Option<String>,
}

impl Fields {
    /// `None` if one of the fields is doubled (API-04).
    pub(super) fn of_form(form: &Form) -> Option<Self> {
        let field = |name: &str| form.one(name).map(|text| text.map(str::to_owned));
        Some(Self {
            secret: field("secret")?.map(Zeroizing::new),
            response: field("response")?,
            sitekey: field("sitekey")?,
            idempotency_key: field("idempotency_key")?,
            action: field("action")?,
            hostname: field("hostname")?,
        })
    }

    /// `None` if it is no object, or one of the fields is doubled or no text (API-04).
    pub(super) fn of_json(json: &[u8]) -> Result<Option<Self>, Error> {
        match object(json) {
            Some(Ok(fields)) => Ok(Some(fields)),
            Some(Err(error)) if error.is_data() => Ok(None),
            None if serde_json::from_slice::<IgnoredAny>(json).is_ok() => Ok(None),
            _ => Err(Error::BadRequest("the body is not JSON")),
        }
    }

    /// Without those that only some dialects have.
    pub(super) fn only_common(self) -> Self {
        Self {
            secret: self.secret,
            response: self.response,
            ..Self::default()
        }
    }

    /// Whether an idempotency key, if there is one, is a UUID, as its dialect wants it.
    pub(super) fn is_well_formed(&self) -> bool {
        self.idempotency_key().is_none_or(is_uuid)
    }

    pub(super) fn secret(&self) -> Option<&str> {
        self.secret.as_ref().map(|text| text.as_str()).filter(said)
    }

    pub(super) fn response(&self) -> Option<&str> {
        self.response.as_deref().filter(said)
    }

    pub(super) fn sitekey(&self) -> Option<&str> {
        self.sitekey.as_deref().filter(said)
    }

    pub(super) fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref().filter(said)
    }

    pub(super) fn action(&self) -> Option<&str> {
        self.action.as_deref()
    }

    pub(super) fn hostname(&self) -> Option<&str> {
        self.hostname.as_deref()
    }
}

/// An empty field counts as none: forms send fields that nobody filled in.
fn said(text: &&str) -> bool {
    !text.is_empty()
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|c| c == b'-' || c.is_ascii_hexdigit())
}
