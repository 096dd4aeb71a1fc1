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
    /// Whether the password was typed to start it; a remembered one is weaker (SES-11).
    #[serde(default)]
    is_fresh: bool,
    #[serde(default)]
    browser: Browser,
}

/// What kind of browser it says it is: enough for its owner to tell it from others.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub enum Browser {
    /// Microsoft Edge.
    Edge,
    /// Firefox.
    Firefox,
    /// Chrome, or another of its kin.
    Chrome,
    /// Safari.
    Safari,
    /// Something else.
    #[default]
    Other,
}

impl Browser {
    /// What a `User-Agent` field says.
    pub fn of(agent: &str) -> Self {
        [
            ("Edg/", Self::Edge),
            ("Firefox/", Self::Firefox),
            ("Chrome/", Self::Chrome),
            ("Safari/", Self::Safari),
        ]
        .into_iter()
        .find_map(|(word, browser)| agent.contains(word).then_some(browser))
        .unwrap_or_default()
    }
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Names it; opens nothing.
    pub digest: [u8; 32],
    /// When it began, in milliseconds.
    pub created: u64,
    /// When it was last used, within a few seconds.
    pub seen: u64,
    /// In which browser.
    pub browser: Browser,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// The most sessions of one member: the next ends the oldest (SES-14).
pub const MOST: usize = 20;

/// A place in a member's list of sessions.
#[derive(Debug, Deserialize, Serialize)]
struct Place {
    session: [u8; 32],
    created: u64,
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

impl SignedIn {
    /// Whether the password was typed to start the session.
    pub fn is_fresh(&self) -> bool {
        self.session.is_fresh
    }

    /// The session's handle.
    pub fn handle(&self) -> &Handle<Session> {
        &self.handle
    }
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
        browser: Browser,
    ) -> Result<Handle<Session>, Error> {
        let handle = Handle::generate()?;
        self.put(&handle, member, family, browser, true).await?;
        self.store
            .insert(&greeting(&handle), &[], self.idle)
            .await?;
        Ok(handle)
    }

    /// Starts a session under a derived handle, unless it stands already. Nobody typed a password
    /// for it.
    pub async fn resume(
        &self,
        handle: &Handle<Session>,
        member: &Member,
        family: Option<&Handle<Family>>,
        browser: Browser,
    ) -> Result<(), Error> {
        self.put(handle, member, family, browser, false).await
    }

    async fn put(
        &self,
        handle: &Handle<Session>,
        member: &Member,
        family: Option<&Handle<Family>>,
        browser: Browser,
        is_fresh: bool,
    ) -> Result<(), Error> {
        let now = self.clock.now().as_millis();
        let session = Session {
            member: member.id,
            epoch: member.epoch,
            created: now,
            seen: now,
            family: family.map(|family| *family.key().digest()),
            is_fresh,
            browser,
        };
        if self.table.put(handle, &session, self.idle).await? {
            self.enlist(member.id, handle, now).await?;
        }
        Ok(())
    }

    /// Every living session of a member, the latest first (SES-13).
    pub async fn list(&self, by: &SignedIn) -> Result<Vec<Listed>, Error> {
        let mut listed = Vec::new();
        for (place, _) in self.places(by.member.id).await? {
            let Some(session) = self.of_digest(place.session).await? else {
                continue;
            };
            listed.push(Listed {
                digest: place.session,
                created: session.created,
                seen: session.seen,
                browser: session.browser,
                is_this: place.session == *by.handle.key().digest(),
            });
        }
        listed.sort_by_key(|session| std::cmp::Reverse((session.is_this, session.seen)));
        Ok(listed)
    }

    /// Ends one session of a member, as listed. `false` if it is none of theirs, or over.
    pub async fn end_listed(&self, by: &SignedIn, digest: &[u8; 32]) -> Result<bool, Error> {
        for (place, key) in self.places(by.member.id).await? {
            if place.session == *digest {
                self.store.take(&key).await?;
                return self.end_of_digest(place.session).await;
            }
        }
        Ok(false)
    }

    /// Writes a session into its member's list, where it takes the first place that is free; if
    /// there is none, that of the oldest.
    async fn enlist(
        &self,
        member: MemberId,
        handle: &Handle<Session>,
        created: u64,
    ) -> Result<(), Error> {
        let place = Place {
            session: *handle.key().digest(),
            created,
        };
        let value = serde_json::to_vec(&place).expect("a place is plain data");
        // Another sign-in may take the place that was just freed.
        for _ in 0..MOST {
            for number in 0..MOST {
                let key = place_key(member, number);
                match self.store.insert(&key, &value, self.absolute).await {
                    Ok(_) => return Ok(()),
                    Err(inkgate_store::Error::Conflict) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            let places = self.places(member).await?;
            if let Some((oldest, key)) = places.iter().min_by_key(|(place, _)| place.created) {
                self.store.take(key).await?;
                self.end_of_digest(oldest.session).await?;
            }
        }
        Ok(())
    }

    /// The places of a member's list that hold living sessions; the others are cleared.
    async fn places(&self, member: MemberId) -> Result<Vec<(Place, Key)>, Error> {
        let mut places = Vec::new();
        for number in 0..MOST {
            let key = place_key(member, number);
            let Some(bytes) = self.store.get(&key).await? else {
                continue;
            };
            let place = serde_json::from_slice::<Place>(&bytes).ok();
            match place {
                Some(place) if self.of_digest(place.session).await?.is_some() => {
                    places.push((place, key));
                }
                _ => {
                    self.store.take(&key).await?;
                }
            }
        }
        Ok(places)
    }

    /// A living session by its digest.
    async fn of_digest(&self, digest: [u8; 32]) -> Result<Option<Session>, Error> {
        let key = Key::of_digest(Kind::Session, digest);
        let Some(bytes) = self.store.get(&key).await? else {
            return Ok(None);
        };
        let Ok(session) = serde_json::from_slice::<Session>(&bytes) else {
            return Ok(None);
        };
        let lives = self.is_live(&session) && self.family_stands(&session).await?;
        let member = self.members.by_id(session.member).await?;
        let is_of_now = member.is_some_and(|m| !m.disabled && m.epoch == session.epoch);
        Ok((lives && is_of_now).then_some(session))
    }

    async fn end_of_digest(&self, digest: [u8; 32]) -> Result<bool, Error> {
        let key = Key::of_digest(Kind::Session, digest);
        let Some(bytes) = self.store.take(&key).await? else {
            return Ok(false);
        };
        let ended = serde_json::from_slice::<Session>(&bytes).ok();
        if let Some(family) = ended.and_then(|session| session.family_key()) {
            self.store.take(&family).await?;
        }
        Ok(true)
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

fn place_key(member: MemberId, number: usize) -> Key {
    let name = format!("place {number} of member {member}");
    Key::new(Kind::Session, name.as_bytes())
}
