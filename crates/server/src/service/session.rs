//! Sessions: who is signed in. They live on the server; a browser holds only a handle.

use std::sync::Arc;
use std::time::Duration;

use inkgate::Timestamp;
use inkgate_store::{Handle, Kind, Member, MemberId, Members, Record, Table};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::clock::Clock;
use crate::service::remember::Family;

/// One signed-in browser.
#[derive(Debug, Deserialize, Serialize)]
pub struct Session {
    member: MemberId,
    /// The member's epoch at sign-in: a new password or a disabled account ends the session
    /// (SES-12).
    epoch: u64,
    created: u64,
    seen: u64,
    /// The remember-me login it belongs to: if that is revoked, the session ends too (SES-09).
    family: Option<String>,
    /// Whether the member has been told of the sign-in.
    greeted: bool,
}

impl Record for Session {
    const KIND: Kind = Kind::Session;
}

/// A member whose session has been checked.
#[derive(Debug)]
pub struct SignedIn {
    /// Who it is.
    pub member: Member,
    handle: Handle<Session>,
    session: Session,
}

/// Starts, finds and ends sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    table: Table<Session>,
    families: Table<Family>,
    members: Arc<dyn Members>,
    clock: Clock,
    idle: Duration,
    absolute: Duration,
}

impl Sessions {
    /// Sessions in this table, with their idle and absolute life.
    pub fn new(
        table: Table<Session>,
        families: Table<Family>,
        members: Arc<dyn Members>,
        clock: Clock,
        idle: Duration,
        absolute: Duration,
    ) -> Self {
        Self {
            table,
            families,
            members,
            clock,
            idle,
            absolute,
        }
    }

    /// Starts a session under a new handle (SES-02). `greet` says that the next page shall
    /// tell the member that the sign-in worked.
    pub async fn start(
        &self,
        member: &Member,
        family: Option<&Handle<Family>>,
        greet: bool,
    ) -> Result<Handle<Session>, Error> {
        let now = self.clock.now().as_millis();
        let session = Session {
            member: member.id,
            epoch: member.epoch,
            created: now,
            seen: now,
            family: family.map(Handle::reveal),
            greeted: !greet,
        };
        Ok(self.table.issue(&session, self.idle).await?)
    }

    /// Who is signed in under this handle, if anybody. A handle that the server did not issue
    /// is nobody's and is never adopted (SES-03).
    pub async fn find(&self, handle: Handle<Session>) -> Result<Option<SignedIn>, Error> {
        let Some(session) = self.table.get(&handle).await? else {
            return Ok(None);
        };
        if !self.is_live(&session) || !self.family_stands(&session).await? {
            self.table.take(&handle).await?;
            return Ok(None);
        }
        let member = self.members.by_id(session.member).await?;
        let Some(member) = member.filter(|m| !m.disabled && m.epoch == session.epoch) else {
            self.table.take(&handle).await?;
            return Ok(None);
        };
        let mut found = SignedIn {
            member,
            handle,
            session,
        };
        self.touch(&mut found).await?;
        Ok(Some(found))
    }

    /// Whether the member is yet to be told of the sign-in; `true` once.
    pub async fn greet(&self, signed_in: &mut SignedIn) -> Result<bool, Error> {
        if signed_in.session.greeted {
            return Ok(false);
        }
        signed_in.session.greeted = true;
        self.save(signed_in).await?;
        Ok(true)
    }

    /// Ends a session; it is gone from the store (SES-04).
    pub async fn end(&self, handle: &Handle<Session>) -> Result<Option<Session>, Error> {
        Ok(self.table.take(handle).await?)
    }

    fn is_live(&self, session: &Session) -> bool {
        let age = self.age(session.created);
        age < self.absolute && self.age(session.seen) < self.idle
    }

    async fn family_stands(&self, session: &Session) -> Result<bool, Error> {
        let Some(family) = session.family.as_deref().and_then(|text| text.parse().ok()) else {
            return Ok(session.family.is_none());
        };
        Ok(self.families.get(&family).await?.is_some())
    }

    /// Notes that the session is in use. A write costs a disk flush, so it waits until a
    /// sixtieth of the idle life has passed since the last.
    async fn touch(&self, signed_in: &mut SignedIn) -> Result<(), Error> {
        if self.age(signed_in.session.seen) < self.idle / 60 {
            return Ok(());
        }
        signed_in.session.seen = self.clock.now().as_millis();
        self.save(signed_in).await
    }

    async fn save(&self, signed_in: &SignedIn) -> Result<(), Error> {
        let SignedIn {
            handle, session, ..
        } = signed_in;
        let rest = self.absolute.saturating_sub(self.age(session.created));
        self.table
            .update(handle, session, self.idle.min(rest))
            .await?;
        Ok(())
    }

    fn age(&self, since: u64) -> Duration {
        self.clock
            .now()
            .saturating_sub(Timestamp::from_millis(since))
    }
}

impl Session {
    /// The remember-me login it belongs to.
    pub fn family(&self) -> Option<Handle<Family>> {
        self.family.as_deref()?.parse().ok()
    }
}
