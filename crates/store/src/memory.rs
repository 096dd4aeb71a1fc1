use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry},
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;

use crate::{
    COUNTER_MAX, Caps, Email, Error, Fence, Key, Kind, Member, MemberId, Members, NewMember,
    NewSite, PasswordHash, Result, Retired, SecretDigest, Site, Sites, Store,
    clock::{Clock, end},
};

/// Records in this process's memory, gone when it ends: its fence is its creation.
pub struct MemoryStore {
    rooms: [Room; Kind::ALL.len()],
    created: Fence,
    clock: Clock,
}

impl MemoryStore {
    /// An empty store with the default [`Caps`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_caps(Caps::default())
    }

    /// An empty store.
    #[must_use]
    pub fn with_caps(caps: Caps) -> Self {
        let clock = Clock::default();
        Self {
            rooms: Kind::ALL.map(|kind| Room::new(caps.of(kind))),
            created: Fence::since(clock.now()),
            clock,
        }
    }

    fn room(&self, key: &Key) -> &Room {
        &self.rooms[usize::from(key.kind().code())]
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn insert(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<Fence> {
        let now = self.clock.now();
        self.room(key).insert(key, value, now, end(now, ttl))?;
        Ok(self.created)
    }

    async fn update(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<bool> {
        let now = self.clock.now();
        Ok(self.room(key).update(key, value, now, end(now, ttl)))
    }

    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        Ok(self.room(key).get(key, self.clock.now()))
    }

    async fn take(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        Ok(self.room(key).take(key, self.clock.now()))
    }

    async fn increment(&self, key: &Key, ttl: Duration) -> Result<u64> {
        let now = self.clock.now();
        self.room(key).increment(key, now, end(now, ttl))
    }

    async fn sweep(&self) -> Result<u64> {
        let now = self.clock.now();
        let swept: usize = self.rooms.iter().map(|room| room.sweep(now)).sum();
        Ok(swept as u64)
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

/// The records of one kind.
///
/// Ordered maps, because they hold a million marks in 52 MiB (`tests/footprint.rs`; a hash map doubles when it
/// grows) and never stop to rehash; many of them, so that two requests seldom wait for one lock and a sweep holds
/// each of them for a moment only.
struct Room {
    shards: Box<[Mutex<Shard>]>,
    /// Records in all shards, live or not.
    taken: AtomicUsize,
    cap: usize,
    /// Where the next search for expired records begins.
    hand: AtomicUsize,
}

type Shard = BTreeMap<Name, Slot>;

/// Half a digest: nobody finds another name with the same one, and a mark is mostly its name.
type Name = [u8; 16];

struct Slot {
    end: u64,
    value: Value,
}

/// A record's bytes behind a thin pointer, null where there are none: a mark pays 8 bytes for having no value, not 16.
#[derive(Default)]
struct Value(Option<Box<Box<[u8]>>>);

/// One shard for each value of a digest's first byte.
const SHARDS: usize = 256;

/// How many records an insert into a full room looks at before it gives up finding an expired one; the next insert
/// goes on from there.
const SEARCH: usize = 4096;

impl Room {
    fn new(cap: u64) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            taken: AtomicUsize::new(0),
            cap: usize::try_from(cap).unwrap_or(usize::MAX),
            hand: AtomicUsize::new(0),
        }
    }

    fn insert(&self, key: &Key, value: &[u8], now: u64, end: u64) -> Result<()> {
        self.enter(
            key,
            now,
            |_| Err(Error::Conflict),
            || (Slot::new(value, end), ()),
        )
    }

    fn update(&self, key: &Key, value: &[u8], now: u64, end: u64) -> bool {
        match self.shard(key).get_mut(&name(key)) {
            Some(slot) if slot.is_live(now) => {
                *slot = Slot::new(value, end);
                true
            }
            _ => false,
        }
    }

    fn get(&self, key: &Key, now: u64) -> Option<Vec<u8>> {
        self.shard(key)
            .get(&name(key))
            .filter(|slot| slot.is_live(now))
            .map(|slot| slot.value.bytes().to_vec())
    }

    fn take(&self, key: &Key, now: u64) -> Option<Vec<u8>> {
        let slot = self.shard(key).remove(&name(key))?;
        self.taken.fetch_sub(1, Ordering::Relaxed);
        slot.is_live(now).then(|| slot.value.bytes().to_vec())
    }

    fn increment(&self, key: &Key, now: u64, end: u64) -> Result<u64> {
        self.enter(
            key,
            now,
            |slot| {
                let sum = slot.value.count()?.saturating_add(1).min(COUNTER_MAX);
                slot.value = Value::new(sum.to_string().as_bytes());
                Ok(sum)
            },
            || (Slot::new(b"1", end), 1),
        )
    }

    fn sweep(&self, now: u64) -> usize {
        let shards = self.shards.iter();
        shards.map(|shard| self.clear(&mut lock(shard), now)).sum()
    }

    /// Does `live` to the live record under this key, or puts `fresh` where there is none.
    fn enter<R>(
        &self,
        key: &Key,
        now: u64,
        live: impl Fn(&mut Slot) -> Result<R>,
        fresh: impl Fn() -> (Slot, R),
    ) -> Result<R> {
        loop {
            let mut shard = self.shard(key);
            match shard.entry(name(key)) {
                Entry::Occupied(mut found) if found.get().is_live(now) => {
                    return live(found.get_mut());
                }
                Entry::Occupied(mut expired) => {
                    let (slot, answer) = fresh();
                    expired.insert(slot);
                    return Ok(answer);
                }
                Entry::Vacant(place) if self.reserve() => {
                    let (slot, answer) = fresh();
                    place.insert(slot);
                    return Ok(answer);
                }
                Entry::Vacant(_) => drop(shard),
            }
            if !self.reclaim(now) {
                return Err(Error::Full);
            }
        }
    }

    fn reserve(&self) -> bool {
        let claim = |taken| (taken < self.cap).then_some(taken + 1);
        self.taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, claim)
            .is_ok()
    }

    /// Frees the place of some expired record. `false` if none was met in the part searched.
    fn reclaim(&self, now: u64) -> bool {
        let mut looked_at = 0;
        for _ in 0..SHARDS {
            let place = self.hand.fetch_add(1, Ordering::Relaxed) % SHARDS;
            let mut shard = lock(&self.shards[place]);
            looked_at += shard.len();
            if self.clear(&mut shard, now) > 0 {
                return true;
            }
            if looked_at > SEARCH {
                return false;
            }
        }
        false
    }

    fn clear(&self, shard: &mut Shard, now: u64) -> usize {
        let before = shard.len();
        shard.retain(|_, slot| slot.is_live(now));
        let cleared = before - shard.len();
        self.taken.fetch_sub(cleared, Ordering::Relaxed);
        cleared
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        lock(&self.shards[usize::from(key.digest()[0])])
    }
}

fn name(key: &Key) -> Name {
    let (name, _) = key.digest().split_at(size_of::<Name>());
    name.try_into().expect("a digest is longer than a name")
}

/// Nothing panics while it holds a lock here, so what a poisoned lock guards is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot {
    fn new(value: &[u8], end: u64) -> Self {
        Self {
            end,
            value: Value::new(value),
        }
    }

    fn is_live(&self, now: u64) -> bool {
        now < self.end
    }
}

impl Value {
    fn new(bytes: &[u8]) -> Self {
        Self((!bytes.is_empty()).then(|| Box::new(bytes.into())))
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |bytes| bytes)
    }

    fn count(&self) -> Result<u64> {
        std::str::from_utf8(self.bytes())
            .ok()
            .and_then(|digits| digits.parse().ok())
            .ok_or(Error::NotACounter)
    }
}

/// Members in this process's memory, gone when it ends.
#[derive(Default)]
pub struct MemoryMembers {
    book: Mutex<Book>,
    clock: Clock,
}

#[derive(Default)]
struct Book {
    members: BTreeMap<MemberId, Member>,
    by_email: HashMap<String, MemberId>,
    last: i64,
}

impl MemoryMembers {
    /// No member yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the member with this number. `false` if there is none.
    fn change(&self, id: MemberId, change: impl FnOnce(&mut Member)) -> bool {
        lock(&self.book).members.get_mut(&id).map(change).is_some()
    }
}

impl fmt::Debug for MemoryMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryMembers").finish_non_exhaustive()
    }
}

#[async_trait]
impl Members for MemoryMembers {
    async fn add(&self, member: NewMember) -> Result<Member> {
        lock(&self.book).add(member, self.clock.now())
    }

    async fn add_first(&self, member: NewMember) -> Result<Member> {
        let mut book = lock(&self.book);
        if !book.members.is_empty() {
            return Err(Error::Conflict);
        }
        book.add(member, self.clock.now())
    }

    async fn by_email(&self, email: &str) -> Result<Option<Member>> {
        let Ok(email) = Email::parse(email) else {
            return Ok(None);
        };
        let book = lock(&self.book);
        let id = book.by_email.get(email.canonical());
        Ok(id.and_then(|id| book.members.get(id)).cloned())
    }

    async fn by_id(&self, id: MemberId) -> Result<Option<Member>> {
        Ok(lock(&self.book).members.get(&id).cloned())
    }

    async fn list(&self) -> Result<Vec<Member>> {
        Ok(lock(&self.book).members.values().cloned().collect())
    }

    async fn count(&self) -> Result<u64> {
        Ok(lock(&self.book).members.len() as u64)
    }

    async fn set_password(&self, id: MemberId, password: PasswordHash) -> Result<bool> {
        Ok(self.change(id, |member| {
            member.password = Some(password);
            member.epoch += 1;
        }))
    }

    async fn rehash(&self, id: MemberId, old: &PasswordHash, new: PasswordHash) -> Result<bool> {
        let mut book = lock(&self.book);
        let member = book.members.get_mut(&id);
        let Some(member) = member.filter(|member| member.password.as_ref() == Some(old)) else {
            return Ok(false);
        };
        member.password = Some(new);
        Ok(true)
    }

    async fn raise_epoch(&self, id: MemberId) -> Result<bool> {
        Ok(self.change(id, |member| member.epoch += 1))
    }

    async fn set_disabled(&self, id: MemberId, disabled: bool) -> Result<bool> {
        Ok(self.change(id, |member| {
            member.disabled = disabled;
            member.epoch += u64::from(disabled);
        }))
    }

    async fn remove(&self, id: MemberId) -> Result<bool> {
        let mut book = lock(&self.book);
        let gone = book.members.remove(&id);
        book.by_email.retain(|_, named| *named != id);
        Ok(gone.is_some())
    }
}

impl Book {
    fn add(&mut self, new: NewMember, now: u64) -> Result<Member> {
        if self.by_email.contains_key(new.email.canonical()) {
            return Err(Error::Conflict);
        }
        self.last += 1;
        let member = Member {
            id: MemberId(self.last),
            email: new.email.as_str().to_owned(),
            name: new.name,
            password: new.password,
            disabled: false,
            epoch: 0,
            created: now,
        };
        self.by_email
            .insert(new.email.canonical().to_owned(), member.id);
        self.members.insert(member.id, member.clone());
        Ok(member)
    }
}

/// Sites in this process's memory, gone when it ends.
#[derive(Default)]
pub struct MemorySites {
    sites: Mutex<Vec<Site>>,
    clock: Clock,
}

impl MemorySites {
    /// No site yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for MemorySites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySites").finish_non_exhaustive()
    }
}

#[async_trait]
impl Sites for MemorySites {
    async fn add(&self, new: NewSite) -> Result<Site> {
        let mut sites = lock(&self.sites);
        let new = new.into_site(self.clock.now());
        let is_taken = |site: &Site| site.name == new.name || site.key == new.key;
        if sites.iter().any(is_taken) {
            return Err(Error::Conflict);
        }
        sites.push(new.clone());
        Ok(new)
    }

    async fn list(&self) -> Result<Vec<Site>> {
        Ok(lock(&self.sites).clone())
    }

    async fn rotate(&self, name: &str, secret: SecretDigest, grace: Duration) -> Result<bool> {
        let until = end(self.clock.now(), grace);
        let mut sites = lock(&self.sites);
        let Some(site) = sites.iter_mut().find(|site| site.name == name) else {
            return Ok(false);
        };
        site.retired = Some(Retired {
            secret: std::mem::replace(&mut site.secret, secret),
            until,
        });
        Ok(true)
    }

    async fn remove(&self, name: &str) -> Result<bool> {
        let mut sites = lock(&self.sites);
        let before = sites.len();
        sites.retain(|site| site.name != name);
        Ok(sites.len() < before)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::contract::Opened;

    async fn open(caps: Caps) -> Opened<dyn Store> {
        Opened::new(Arc::new(MemoryStore::with_caps(caps)))
    }

    async fn open_members() -> Opened<dyn Members> {
        Opened::new(Arc::new(MemoryMembers::new()))
    }

    async fn open_sites() -> Opened<dyn Sites> {
        Opened::new(Arc::new(MemorySites::new()))
    }

    store_contract!(open);
    members_contract!(open_members);
    sites_contract!(open_sites);

    #[test]
    fn a_counter_stops_at_its_largest_sum() {
        let room = Room::new(1);
        let key = Key::new(Kind::Counter, b"often");
        let sum = COUNTER_MAX.to_string();
        room.insert(&key, sum.as_bytes(), 0, 10).unwrap();
        assert_eq!(room.increment(&key, 1, 11).unwrap(), COUNTER_MAX);
    }

    #[test]
    fn a_record_lives_until_the_last_millisecond_of_its_ttl() {
        let room = Room::new(1);
        let key = Key::new(Kind::Mark, b"mark");
        room.insert(&key, b"", 1000, 1500).unwrap();
        assert!(room.get(&key, 1499).is_some());
        assert!(room.get(&key, 1500).is_none());
        assert!(room.insert(&key, b"", 1499, 2000).is_err());
        assert!(room.insert(&key, b"", 1500, 2000).is_ok());
    }

    #[test]
    fn a_large_full_room_finds_expired_records_in_the_end() {
        const CAP: u32 = 20_000;
        let room = Room::new(CAP.into());
        let key = |n: u32| Key::new(Kind::Mark, &n.to_be_bytes());
        for n in 0..CAP {
            let end = if n == 77 { 10 } else { 1000 };
            room.insert(&key(n), b"", 0, end).unwrap();
        }
        // Each refused insert searches a part; together they search it all.
        let tries = (0..20).position(|_| room.insert(&key(CAP), b"", 10, 1000).is_ok());
        assert!(tries.is_some());
        assert_eq!(room.taken.load(Ordering::Relaxed), CAP as usize);
    }
}
