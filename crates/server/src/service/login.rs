//! Signing in and out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use inkgate_store::{Handle, Member, Members};

use crate::Error;
use crate::service::device::{self, Devices};
use crate::service::limiter::{Act, Limiter};
use crate::service::password::{Password, Passwords};
use crate::service::remember::{Remember, RememberCookie};
use crate::service::session::{Session, Sessions, SignedIn};
use crate::service::throttle::{Attempt, Origin, Throttle};

/// Signs members in and out.
#[derive(Clone, Debug)]
pub struct Login {
    members: Arc<dyn Members>,
    passwords: Passwords,
    sessions: Sessions,
    remember: Remember,
    devices: Devices,
    throttle: Throttle,
    limiter: Limiter,
}

/// A browser that has just become a member's.
#[derive(Debug)]
pub struct Entrance {
    /// Who signed in.
    pub member: Member,
    /// The new session.
    pub session: Handle<Session>,
    /// The remember-me cookie and its life, where one was asked for or renewed.
    pub remember: Option<(RememberCookie, Duration)>,
    /// The cookie by which this device is known from now on, and its life, where a password was
    /// typed on it.
    pub device: Option<(String, Duration)>,
}

/// What a browser showed of earlier sign-ins.
#[derive(Debug, Default)]
pub struct Credentials {
    /// Its session.
    pub session: Option<Handle<Session>>,
    /// Its remember-me cookie.
    pub remember: Option<RememberCookie>,
}

/// What was typed into a form to sign in.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    /// Names the account.
    pub email: &'a str,
    /// Its password.
    pub password: &'a str,
    /// Whether to stay signed in.
    pub remember: bool,
}

impl fmt::Debug for Typed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

/// A browser that is known to be a member's.
#[derive(Debug)]
pub struct Known {
    /// Who it is, and by which session.
    pub signed_in: SignedIn,
    /// The new cookies, where the session had to be started by remember-me.
    pub renewed: Option<Entrance>,
}

impl Login {
    /// Sign-in over these services.
    pub fn new(
        members: Arc<dyn Members>,
        passwords: Passwords,
        sessions: Sessions,
        remember: Remember,
        devices: Devices,
        throttle: Throttle,
        limiter: Limiter,
    ) -> Self {
        Self {
            members,
            passwords,
            sessions,
            remember,
            devices,
            throttle,
            limiter,
        }
    }

    /// Checks a password; the captcha has been passed. `None`: unknown, disabled, without a
    /// password or wrong, all alike and at the same cost (AUT-07).
    ///
    /// What the browser held before ends: the session is new (SES-02, SES-17).
    pub async fn sign_in(
        &self,
        typed: Typed<'_>,
        origin: &Origin,
        before: Credentials,
    ) -> Result<Option<Entrance>, Error> {
        let Some(password) = Password::typed(typed.password) else {
            return Ok(None);
        };
        let place = self.passwords.place()?;
        let found = self.members.by_email(typed.email).await?;
        let attempt = self
            .throttle
            .begin(typed.email, found.as_ref(), origin)
            .await??;
        let member = found.filter(|member| !member.disabled && attempt.may_compare);
        let expected = member.as_ref().and_then(|member| member.password.clone());
        let verified = self.passwords.verify(place, password, expected).await;
        if verified.is_err() {
            self.throttle.abandon(&attempt).await?;
        }
        let Some(member) = member.filter(|_| matches!(verified, Ok(true))) else {
            verified?;
            self.throttle.failed(&attempt).await?;
            tracing::info!(event = "authn_login_fail", "a password was refused");
            return Ok(None);
        };
        self.throttle.succeeded(&attempt).await?;
        self.enter(member, typed.remember, &attempt, before)
            .await
            .map(Some)
    }

    async fn enter(
        &self,
        member: Member,
        remember: bool,
        attempt: &Attempt,
        before: Credentials,
    ) -> Result<Entrance, Error> {
        let remember = match remember {
            true => Some(self.remember.begin(&member).await?),
            false => None,
        };
        let family = remember.as_ref().map(|(cookie, _)| cookie.family());
        let session = self.sessions.start(&member, family).await?;
        let device = Some((self.devices.issue(&member)?, device::LIFE));
        // Only now, so that a store that fails in between loses nobody's login.
        self.sign_out(before).await?;
        let failures = attempt.failures_before();
        match failures {
            0 => tracing::info!(event = "authn_login_success", member = %member.id, "signed in"),
            _ => tracing::info!(
                event = "authn_login_successafterfail",
                member = %member.id,
                failures,
                "signed in"
            ),
        }
        Ok(Entrance {
            member,
            session,
            remember,
            device,
        })
    }

    /// Who the browser is: by its session, else by its remember-me cookie, which is renewed and
    /// counts as an act of its address.
    pub async fn identify(
        &self,
        credentials: Credentials,
        origin: &Origin,
    ) -> Result<Option<Known>, Error> {
        if let Some(handle) = credentials.session
            && let Some(signed_in) = self.sessions.find(handle).await?
        {
            return Ok(Some(Known {
                signed_in,
                renewed: None,
            }));
        }
        let Some(cookie) = credentials.remember else {
            return Ok(None);
        };
        self.limiter.admit(Act::Renew, origin.who())?;
        let Some(remembered) = self.remember.renew(cookie).await? else {
            return Ok(None);
        };
        let (member, session) = (remembered.member, remembered.session);
        let family = remembered.cookie.family();
        self.sessions.replace(&remembered.last_session).await?;
        self.sessions
            .resume(&session, &member, Some(family))
            .await?;
        let Some(signed_in) = self.sessions.find(session.clone()).await? else {
            return Ok(None);
        };
        let entrance = Entrance {
            member,
            session,
            remember: Some((remembered.cookie, remembered.life)),
            device: None,
        };
        Ok(Some(Known {
            signed_in,
            renewed: Some(entrance),
        }))
    }

    /// Whether the member is yet to be told of the sign-in; `true` once.
    pub async fn greet(&self, signed_in: &SignedIn) -> Result<bool, Error> {
        self.sessions.greet(signed_in).await
    }

    /// Ends the session and the remember-me login that a browser holds (SES-04).
    pub async fn sign_out(&self, credentials: Credentials) -> Result<(), Error> {
        if credentials.session.is_some() || credentials.remember.is_some() {
            tracing::info!(event = "authn_logout", "what the browser held ends");
        }
        if let Some(handle) = &credentials.session {
            self.sessions.end(handle).await?;
        }
        if let Some(cookie) = &credentials.remember {
            self.remember.revoke(cookie.family()).await?;
        }
        Ok(())
    }
}
