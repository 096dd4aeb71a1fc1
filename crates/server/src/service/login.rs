//! Signing in and out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use inkgate_store::{Handle, Member, Members};

use crate::Error;
use crate::service::device::{self, Devices};
use crate::service::limiter::{Act, Limiter};
use crate::service::password::{Password, Passwords, Verified, Weakness};
use crate::service::remember::{Remember, RememberCookie};
use crate::service::session::{Session, Sessions, SignedIn};
use crate::service::throttle::{Origin, Throttle};

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

/// What was typed to change a password.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    /// The password until now.
    pub current: &'a str,
    /// The new one …
    pub new: &'a str,
    /// … and the same again.
    pub again: &'a str,
}

impl fmt::Debug for NewPassword<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword")
    }
}

/// What came of it.
#[derive(Debug)]
pub enum Changed {
    /// It is changed, and this browser signed in anew.
    Done(Box<Entrance>),
    /// The current password is another.
    Wrong,
    /// The two new ones differ.
    Mismatch,
    /// The new one is too weak.
    Weak(Weakness),
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
        let found = self.members.by_email(typed.email).await?;
        let checked = self
            .check(typed.email, found, typed.password, origin)
            .await?;
        let Some((member, failures)) = checked else {
            return Ok(None);
        };
        let entrance = self
            .enter(member, typed.remember, failures, origin, before)
            .await?;
        Ok(Some(entrance))
    }

    /// How many passwords have been checked since the start.
    pub fn checked(&self) -> u64 {
        self.passwords.checked()
    }

    /// Whether this is the password of the member who is signed in. A wrong one counts like any
    /// other.
    pub async fn confirm(
        &self,
        by: &SignedIn,
        password: &str,
        origin: &Origin,
    ) -> Result<bool, Error> {
        let member = by.member.clone();
        let email = member.email.clone();
        let checked = self.check(&email, Some(member), password, origin).await?;
        Ok(checked.is_some())
    }

    /// Changes the password of the member who is signed in: every session and remembered device
    /// ends, and this browser has a new one (AUT-12).
    pub async fn change_password(
        &self,
        by: &SignedIn,
        passwords: NewPassword<'_>,
        origin: &Origin,
        before: Credentials,
    ) -> Result<Changed, Error> {
        let member = &by.member;
        if passwords.new != passwords.again {
            return Ok(Changed::Mismatch);
        }
        let new = match Password::chosen(passwords.new, &member.email, &member.name) {
            Ok(new) => new,
            Err(weakness) => return Ok(Changed::Weak(weakness)),
        };
        if !self.confirm(by, passwords.current, origin).await? {
            return Ok(Changed::Wrong);
        }
        let hash = self.passwords.hash(new).await?;
        self.members.set_password(member.id, hash).await?;
        self.throttle.forget(member).await?;
        tracing::info!(event = "authn_password_change", member = %member.id, "by its member");
        let Some(member) = self.members.by_id(member.id).await? else {
            return Ok(Changed::Wrong);
        };
        let entrance = self.enter(member, false, 0, origin, before).await?;
        Ok(Changed::Done(Box::new(entrance)))
    }

    /// The member, if the password is right, and how many tries in a row had failed before.
    async fn check(
        &self,
        email: &str,
        found: Option<Member>,
        password: &str,
        origin: &Origin,
    ) -> Result<Option<(Member, u32)>, Error> {
        let Some(password) = Password::typed(password) else {
            return Ok(None);
        };
        let place = self.passwords.place()?;
        let begun = self.throttle.begin(email, found.as_ref(), origin).await?;
        let attempt = begun?;
        let member = found.filter(|member| !member.disabled && attempt.may_compare);
        let expected = member.as_ref().and_then(|member| member.password.clone());
        let verified = match self.passwords.verify(place, password, expected).await {
            Ok(verified) => verified,
            Err(error) => {
                self.throttle.abandon(&attempt).await?;
                return Err(error);
            }
        };
        let (Some(member), Verified::Right { newer }) = (member, verified) else {
            self.throttle.failed(&attempt).await?;
            tracing::info!(event = "authn_login_fail", "a password was refused");
            return Ok(None);
        };
        self.throttle.succeeded(&attempt).await?;
        if let Some((old, new)) = newer {
            self.members.rehash(member.id, &old, new).await?;
        }
        Ok(Some((member, attempt.failures_before())))
    }

    async fn enter(
        &self,
        member: Member,
        remember: bool,
        failures: u32,
        origin: &Origin,
        before: Credentials,
    ) -> Result<Entrance, Error> {
        let remember = match remember {
            true => Some(self.remember.begin(&member).await?),
            false => None,
        };
        let family = remember.as_ref().map(|(cookie, _)| cookie.family());
        let session = self.sessions.start(&member, family, origin.browser).await?;
        let device = Some((self.devices.issue(&member)?, device::LIFE));
        // Only now, so that a store that fails in between loses nobody's login.
        self.sign_out(before).await?;
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
            .resume(&session, &member, Some(family), origin.browser)
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
