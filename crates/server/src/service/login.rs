//! Signing in and out.

use std::sync::Arc;
use std::time::Duration;

use inkgate_store::{Handle, Member, Members};

use crate::Error;
use crate::service::limiter::{Act, Limiter, Prefix};
use crate::service::password::{Password, Passwords};
use crate::service::remember::{Remember, RememberCookie};
use crate::service::session::{Session, Sessions, SignedIn};

/// Signs members in and out.
#[derive(Clone, Debug)]
pub struct Login {
    members: Arc<dyn Members>,
    passwords: Passwords,
    sessions: Sessions,
    remember: Remember,
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
}

/// What a browser showed of earlier sign-ins.
#[derive(Debug, Default)]
pub struct Credentials {
    /// Its session.
    pub session: Option<Handle<Session>>,
    /// Its remember-me cookie.
    pub remember: Option<RememberCookie>,
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
        limiter: Limiter,
    ) -> Self {
        Self {
            members,
            passwords,
            sessions,
            remember,
            limiter,
        }
    }

    /// Checks a password; the captcha has been passed. `None`: unknown, disabled, without a
    /// password or wrong, all alike and at the same cost (AUT-07).
    ///
    /// What the browser held before ends: the session is new (SES-02, SES-17).
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        remember: bool,
        before: Credentials,
    ) -> Result<Option<Entrance>, Error> {
        self.limiter.admit_account(email).await?;
        let Some(password) = Password::typed(password) else {
            return Ok(None);
        };
        let member = self.members.by_email(email).await?.filter(|m| !m.disabled);
        let expected = member.as_ref().and_then(|member| member.password.clone());
        let is_right = self.passwords.verify(password, expected).await?;
        let Some(member) = member.filter(|_| is_right) else {
            tracing::info!(event = "authn_login_fail", "a password was refused");
            return Ok(None);
        };
        self.limiter.forgive_account(email).await?;
        let remember = match remember {
            true => Some(self.remember.begin(&member).await?),
            false => None,
        };
        let family = remember.as_ref().map(|(cookie, _)| cookie.family());
        let session = self.sessions.start(&member, family).await?;
        // Only now, so that a store that fails in between loses nobody's login.
        self.sign_out(before).await?;
        tracing::info!(event = "authn_login_success", member = %member.id, "signed in");
        Ok(Some(Entrance {
            member,
            session,
            remember,
        }))
    }

    /// Who the browser is: by its session, else by its remember-me cookie, which is renewed and
    /// counts as an act of its address.
    pub async fn identify(
        &self,
        credentials: Credentials,
        prefix: Prefix,
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
        self.limiter.admit(Act::Renew, prefix)?;
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
