//! One-time links: to create the first member, or for a member to set a password.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use inkgate_store::{
    Handle, Kind, Member, MemberId, Members, NewMember, PasswordHash, Record, Table,
};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::clock::Clock;
use crate::service::password::{Password, Passwords, Weakness};
use crate::service::throttle::Throttle;

/// How long a link is good.
pub const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// What a link lets its holder do.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Link {
    purpose: Purpose,
    expires: u64,
}

/// What a link is for.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
enum Purpose {
    CreateFirst,
    Create { email: String, name: String },
    SetPassword { member: MemberId, epoch: u64 },
}

impl Record for Link {
    const KIND: Kind = Kind::Link;
}

/// What the page behind a good link asks for.
#[derive(Clone, Debug)]
pub enum Request {
    /// E-mail, name and password of the first member.
    CreateFirst,
    /// The password of a new member with this address.
    Create {
        /// The address, which the link has proved.
        email: String,
        /// What to call the member.
        name: String,
    },
    /// A new password for this member.
    SetPassword(Member),
}

/// What was typed into the page.
pub struct Filled<'a> {
    /// E-mail; used to create the first member.
    pub email: &'a str,
    /// Name; used to create the first member.
    pub name: &'a str,
    /// The new password …
    pub password: &'a str,
    /// … and the same again.
    pub again: &'a str,
}

impl fmt::Debug for Filled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filled")
    }
}

impl Filled<'_> {
    /// A form that nobody has typed into.
    pub const EMPTY: Self = Self {
        email: "",
        name: "",
        password: "",
        again: "",
    };
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; the link is used up.
    Done,
    /// The link is used, expired or was never one.
    Gone,
    /// Something typed is not acceptable; the link stays good.
    Refused(Refused),
}

/// What is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not an e-mail address.
    Email,
    /// Not a name.
    Name,
    /// The passwords differ.
    Mismatch,
    /// The password is too weak.
    Password(Weakness),
}

/// Makes and follows one-time links.
#[derive(Clone, Debug)]
pub struct Links {
    table: Table<Link>,
    members: Arc<dyn Members>,
    passwords: Passwords,
    throttle: Throttle,
    clock: Clock,
}

impl Links {
    /// Links in this table.
    pub fn new(
        table: Table<Link>,
        members: Arc<dyn Members>,
        passwords: Passwords,
        throttle: Throttle,
        clock: Clock,
    ) -> Self {
        Self {
            table,
            members,
            passwords,
            throttle,
            clock,
        }
    }

    /// A link that creates the first member.
    pub async fn create_first(&self) -> Result<Handle<Link>, Error> {
        self.issue(Purpose::CreateFirst).await
    }

    /// A link that makes an account with this address, for whoever reads its mail.
    pub async fn create(&self, email: &str, name: &str) -> Result<Handle<Link>, Error> {
        self.issue(Purpose::Create {
            email: email.to_owned(),
            name: name.to_owned(),
        })
        .await
    }

    /// Makes an account at once, where no mail can prove the address. [`Outcome::Gone`]: there is
    /// one with this address.
    pub async fn register(&self, form: &Filled<'_>) -> Result<Outcome, Error> {
        self.add(None, form).await
    }

    /// A link that sets a member's password. A password set meanwhile makes it void.
    pub async fn set_password(&self, member: &Member) -> Result<Handle<Link>, Error> {
        self.issue(Purpose::SetPassword {
            member: member.id,
            epoch: member.epoch,
        })
        .await
    }

    /// What a link asks for, without using it up; `None` if it is not good.
    pub async fn look(&self, handle: &Handle<Link>) -> Result<Option<Request>, Error> {
        match self.table.get(handle).await? {
            Some(link) if link.expires > self.clock.now().as_millis() => {
                self.request(link.purpose).await
            }
            _ => Ok(None),
        }
    }

    /// Follows a link. It is used up only by success, so a mistyped password loses nothing;
    /// of two that succeed at once one wins.
    pub async fn follow(&self, handle: &Handle<Link>, form: &Filled<'_>) -> Result<Outcome, Error> {
        match self.look(handle).await? {
            Some(Request::CreateFirst) => self.add_first(handle, form).await,
            Some(Request::Create { email, name }) => {
                let (email, name) = (email.as_str(), name.as_str());
                let form = Filled {
                    email,
                    name,
                    ..*form
                };
                self.add(Some(handle), &form).await
            }
            Some(Request::SetPassword(member)) => self.replace(handle, &member, form).await,
            None => Ok(Outcome::Gone),
        }
    }

    async fn add_first(&self, handle: &Handle<Link>, form: &Filled<'_>) -> Result<Outcome, Error> {
        let member = match NewMember::new(form.email, form.name, None) {
            Ok(member) => member,
            Err(inkgate_store::Error::BadEmail(_)) => {
                return Ok(Outcome::Refused(Refused::Email));
            }
            Err(_) => return Ok(Outcome::Refused(Refused::Name)),
        };
        let hash = match self.hash(form, form.email, form.name).await? {
            Ok(hash) => hash,
            Err(refused) => return Ok(Outcome::Refused(refused)),
        };
        if self.table.take(handle).await?.is_none() {
            return Ok(Outcome::Gone);
        }
        match self.members.add_first(member.with_password(hash)).await {
            Ok(member) => {
                tracing::info!(event = "user_created", member = %member.id, "the first member");
                Ok(Outcome::Done)
            }
            Err(inkgate_store::Error::Conflict) => Ok(Outcome::Gone),
            Err(error) => Err(error.into()),
        }
    }

    async fn add(
        &self,
        handle: Option<&Handle<Link>>,
        form: &Filled<'_>,
    ) -> Result<Outcome, Error> {
        let member = match NewMember::new(form.email, form.name, None) {
            Ok(member) => member,
            Err(inkgate_store::Error::BadEmail(_)) => {
                return Ok(Outcome::Refused(Refused::Email));
            }
            Err(_) => return Ok(Outcome::Refused(Refused::Name)),
        };
        let hash = match self.hash(form, form.email, form.name).await? {
            Ok(hash) => hash,
            Err(refused) => return Ok(Outcome::Refused(refused)),
        };
        if let Some(handle) = handle
            && self.table.take(handle).await?.is_none()
        {
            return Ok(Outcome::Gone);
        }
        match self.members.add(member.with_password(hash)).await {
            Ok(member) => {
                tracing::info!(event = "user_created", member = %member.id, "by registration");
                Ok(Outcome::Done)
            }
            Err(inkgate_store::Error::Conflict) => Ok(Outcome::Gone),
            Err(error) => Err(error.into()),
        }
    }

    async fn replace(
        &self,
        handle: &Handle<Link>,
        member: &Member,
        form: &Filled<'_>,
    ) -> Result<Outcome, Error> {
        let hash = match self.hash(form, &member.email, &member.name).await? {
            Ok(hash) => hash,
            Err(refused) => return Ok(Outcome::Refused(refused)),
        };
        if self.table.take(handle).await?.is_none() {
            return Ok(Outcome::Gone);
        }
        self.members.set_password(member.id, hash).await?;
        self.throttle.forget(member).await?;
        tracing::info!(event = "authn_password_change", member = %member.id, "by a link");
        Ok(Outcome::Done)
    }

    async fn hash(
        &self,
        form: &Filled<'_>,
        email: &str,
        name: &str,
    ) -> Result<Result<PasswordHash, Refused>, Error> {
        if form.password != form.again {
            return Ok(Err(Refused::Mismatch));
        }
        match Password::chosen(form.password, email, name) {
            Ok(password) => Ok(Ok(self.passwords.hash(password).await?)),
            Err(weakness) => Ok(Err(Refused::Password(weakness))),
        }
    }

    async fn issue(&self, purpose: Purpose) -> Result<Handle<Link>, Error> {
        let link = Link {
            purpose,
            expires: (self.clock.now() + LIFE).as_millis(),
        };
        Ok(self.table.issue(&link, LIFE).await?)
    }

    async fn request(&self, purpose: Purpose) -> Result<Option<Request>, Error> {
        Ok(match purpose {
            Purpose::CreateFirst => {
                (self.members.count().await? == 0).then_some(Request::CreateFirst)
            }
            Purpose::Create { email, name } => {
                let is_free = self.members.by_email(&email).await?.is_none();
                is_free.then_some(Request::Create { email, name })
            }
            Purpose::SetPassword { member, epoch } => self
                .members
                .by_id(member)
                .await?
                .filter(|member| member.epoch == epoch)
                .map(Request::SetPassword),
        })
    }
}
