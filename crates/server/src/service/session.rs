//! Sessions: who is signed in. They live on the server; a browser holds only a handle.

use std::sync::Arc;
use std::time::Duration;

use inkgate::Timestamp;
use inkgate_store::{Handle, Key, Kind, Member, MemberId, Members, Record, Store, Table};
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
    /// Digest of the name of the remember-me login it belongs to: if that is revoked, the session
    /// ends too (SES-09).
    family: Option<[u8; 32]>,
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
    store: Arc<dyn Store>,
    members: Arc<dyn Members>,
    clock: Clock,
    idle: Duration,
    absolute: Duration,
}

impl Sessions {
    /// Sessions in this store, with their idle and absolute life.
    pub fn new(
        store: Arc<dyn Store>,
        members: Arc<dyn Members>,
        clock: Clock,
        idle: Duration,
        absolute: Duration,
    ) -> Self {
        Self {
            table: Table::new(Arc::clone(&store)),
            store,
            members,
            clock,
            idle,
            absolute,
        }
    }

    /// Starts a session under a new handle (SES-02), and notes that the member is yet to be told
    /// that the sign-in worked.
    pub async fn start(
        &self,
        member: &Member,
        family: Option<&Handle<Family>>,
    ) -> Result<Handle<Session>, Error> {
        let handle = Handle::generate()?;
        self.resume(&handle, member, family).await?;
        self.store
            .insert(&greeting(&handle), &[], self.idle)
            .await?;
        Ok(handle)
    }

    /// Starts a session under a derived handle, unless it stands already.
    pub async fn resume(
        &self,
        handle: &Handle<Session>,
        member: &Member,
        family: Option<&Handle<Family>>,
    ) -> Result<(), Error> {
        let now = self.clock.now().as_millis();
        let session = Session {
            member: member.id,
            epoch: member.epoch,
            created: now,
            seen: now,
            family: family.map(|family| *family.key().digest()),
        };
        self.table.put(handle, &session, self.idle).await?;
        Ok(())
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
    pub async fn greet(&self, signed_in: &SignedIn) -> Result<bool, Error> {
        Ok(self
            .store
            .take(&greeting(&signed_in.handle))
            .await?
            .is_some())
    }

    /// Ends a session and the remember-me login it belongs to; they are gone from the store
    /// (SES-04).
    pub async fn end(&self, handle: &Handle<Session>) -> Result<(), Error> {
        let ended = self.table.take(handle).await?;
        if let Some(family) = ended.and_then(|session| session.family_key()) {
            self.store.take(&family).await?;
        }
        Ok(())
    }

    /// Ends a session that another has taken the place of.
    pub async fn replace(&self, handle: &Handle<Session>) -> Result<(), Error> {
        self.table.take(handle).await?;
        Ok(())
    }

    fn is_live(&self, session: &Session) -> bool {
        let age = self.age(session.created);
        age < self.absolute && self.age(session.seen) < self.idle
    }

    async fn family_stands(&self, session: &Session) -> Result<bool, Error> {
        match session.family_key() {
            Some(family) => Ok(self.store.get(&family).await?.is_some()),
            None => Ok(true),
        }
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
    fn family_key(&self) -> Option<Key> {
        self.family
            .map(|digest| Key::of_digest(Kind::Remember, digest))
    }
}

/// The record that stands until the member has been told of the sign-in.
fn greeting(handle: &Handle<Session>) -> Key {
    Key::new(
        Kind::Session,
        &[b"greeting".as_slice(), handle.key().digest()].concat(),
    )
}
