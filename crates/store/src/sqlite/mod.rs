//! One folder with two SQLite files: `inkgate.db`, where every commit is synchronised (members, sessions,
//! remember-me, links, counters), and `marks.db`, where commits are not, because the fence tells when some may be
//! lost.
//!
//! Several processes may use the folder at once. Every change runs on one thread for each file, which commits what
//! has queued up together ([`lane`]): synchronised commits are slow (some hundred a second), grouped they carry
//! many times that.

mod backup;
mod fence;
mod file;
mod lane;
mod members;
mod records;
mod sites;

use std::{fmt, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use rusqlite::Connection;

use self::{
    fence::Owner,
    file::Database,
    lane::{Lane, Turn},
};
use crate::{Caps, Error, Fence, Key, Kind, Result, Store, clock::Clock};

pub use self::{backup::Restored, members::SqliteMembers, sites::SqliteSites};

/// Records in a folder on disk.
///
/// Its [`Fence`] for marks is the last unclean start: [`close`](Store::close) it before the process ends, and the
/// next start remembers everything. Opening a folder that another process has open counts as unclean, so a server
/// opens it once for its life, and whoever works beside it uses [`open_beside`](Self::open_beside).
pub struct SqliteStore {
    main: Lane,
    main_reader: Lane,
    marks: Option<Marks>,
    caps: Caps,
}

/// The lane to `marks.db`, and who we are to its fence.
struct Marks {
    lane: Lane,
    owner: Owner,
}

impl SqliteStore {
    /// Opens the databases of an existing folder, or creates them, with the default [`Caps`].
    ///
    /// # Errors
    /// [`Open`](crate::Error::Open) or [`NewerSchema`](crate::Error::NewerSchema), naming the file.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::with_caps(folder, Caps::default())
    }

    /// Opens the databases of an existing folder, or creates them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn with_caps(folder: &Path, caps: Caps) -> Result<Self> {
        let clock = Arc::new(Clock::default());
        Ok(Self {
            marks: Some(Marks::open(folder, Arc::clone(&clock))?),
            ..Self::of(folder, caps, &clock)?
        })
    }

    /// Opens everything but the marks, for work beside a running server whose fence stays where it is.
    ///
    /// Marks are [`Unavailable`](Error::Unavailable) in it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_beside(folder: &Path) -> Result<Self> {
        Self::of(folder, Caps::default(), &Arc::default())
    }

    /// Whether a folder holds records and members: somebody has opened a store in it. Nothing is made.
    #[must_use]
    pub fn is_in(folder: &Path) -> bool {
        Database::MAIN.is_in(folder)
    }

    fn of(folder: &Path, caps: Caps, clock: &Arc<Clock>) -> Result<Self> {
        let (main, main_reader) = open_main(folder, clock)?;
        Ok(Self {
            main,
            main_reader,
            marks: None,
            caps,
        })
    }

    /// The members in the same folder, sharing this store's connections.
    #[must_use]
    pub fn members(&self) -> SqliteMembers {
        SqliteMembers::on(self.main.clone(), self.main_reader.clone())
    }

    /// The sites in the same folder, sharing this store's connections.
    #[must_use]
    pub fn sites(&self) -> SqliteSites {
        SqliteSites::on(self.main.clone(), self.main_reader.clone())
    }

    /// Copies members and sites of a folder into a new file, also beside a running server. What expires is left out:
    /// a session that has ended must not come back.
    ///
    /// # Errors
    /// [`Open`](crate::Error::Open) if the folder holds no store, or the file is there already or cannot be written.
    pub fn backup(folder: &Path, file: &Path) -> Result<()> {
        backup::write(folder, file)
    }

    /// Puts the members and sites of a backup in the place of a folder's, in one step, also beside a running server.
    /// Everybody is signed out, and what was counted is forgotten.
    ///
    /// # Errors
    /// [`Open`](crate::Error::Open) if the file is no backup, or the folder cannot be written;
    /// [`NewerSchema`](crate::Error::NewerSchema) if a later program made it.
    pub fn restore(folder: &Path, file: &Path) -> Result<Restored> {
        backup::read(folder, file)
    }

    fn writer(&self, kind: Kind) -> Result<&Lane> {
        match (kind, &self.marks) {
            (Kind::Mark, Some(marks)) => Ok(&marks.lane),
            (Kind::Mark, None) => Err(Error::unavailable("opened without the marks")),
            _ => Ok(&self.main),
        }
    }

    /// Reads wait for no commit, except of marks, which nobody needs to read.
    fn reader(&self, kind: Kind) -> Result<&Lane> {
        match kind {
            Kind::Mark => self.writer(kind),
            _ => Ok(&self.main_reader),
        }
    }
}

impl Marks {
    fn open(folder: &Path, clock: Arc<Clock>) -> Result<Self> {
        let owner = Owner::new()?;
        let marks = Database::MARKS.open(folder)?;
        let now = clock.now();
        let fence = owner
            .enter(&marks, now)
            .map_err(|source| Database::MARKS.failed(folder, source))?;
        if let Some(ahead) = fence::ahead(fence, now) {
            tracing::error!(
                "{}: the clock has stood {ahead:?} ahead of now, so every ticket is refused for that long; if the \
                 clock is right now, end the server, delete marks.db* and start again",
                folder.display()
            );
        }
        let begin = move |marks: &Connection| owner.begin(marks);
        Ok(Self {
            lane: Lane::start("inkgate marks", marks, clock, begin)?,
            owner,
        })
    }

    async fn close(&self) -> Result<()> {
        let owner = self.owner;
        let leave = move |marks: &Connection| {
            file::checkpoint(marks)?;
            owner.leave(marks)
        };
        self.lane.alone(leave).await
    }
}

/// A lane that writes to `inkgate.db` and one that reads it.
fn open_main(folder: &Path, clock: &Arc<Clock>) -> Result<(Lane, Lane)> {
    let writer = Database::MAIN.open(folder)?;
    let created = writer
        .query_row("SELECT created FROM origin", (), |row| row.get(0))
        .map(Fence::since)
        .map_err(|source| Database::MAIN.failed(folder, source))?;
    let reader = Database::MAIN.open(folder)?;
    Ok((
        Lane::start("inkgate writer", writer, Arc::clone(clock), move |main| {
            main.execute_batch("BEGIN IMMEDIATE").map(|()| created)
        })?,
        Lane::start("inkgate reader", reader, Arc::clone(clock), move |main| {
            main.execute_batch("BEGIN").map(|()| created)
        })?,
    ))
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn insert(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<Fence> {
        let (key, value, cap) = (*key, value.to_vec(), self.caps.of(key.kind()));
        self.writer(key.kind())?
            .run(move |turn| records::insert(turn, &key, &value, ttl, cap))
            .await
    }

    async fn update(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<bool> {
        let (key, value) = (*key, value.to_vec());
        self.writer(key.kind())?
            .run(move |turn| records::update(turn, &key, &value, ttl))
            .await
    }

    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        let key = *key;
        self.reader(key.kind())?
            .run(move |turn| records::get(turn, &key))
            .await
    }

    async fn take(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        let key = *key;
        self.writer(key.kind())?
            .run(move |turn| records::take(turn, &key))
            .await
    }

    async fn increment(&self, key: &Key, ttl: Duration) -> Result<u64> {
        let (key, cap) = (*key, self.caps.of(key.kind()));
        self.writer(key.kind())?
            .run(move |turn| records::increment(turn, &key, ttl, cap))
            .await
    }

    async fn sweep(&self) -> Result<u64> {
        let mut swept = 0;
        for kind in Kind::ALL {
            // Only marks may have no writer.
            while let Ok(writer) = self.writer(kind) {
                let sweep = move |turn: &Turn<'_>| records::sweep(turn, kind, SWEEP);
                let batch = writer.run(sweep).await?;
                swept += batch as u64;
                if batch < SWEEP {
                    break;
                }
            }
        }
        Ok(swept)
    }

    async fn close(&self) -> Result<()> {
        self.main.alone(file::checkpoint).await?;
        match &self.marks {
            Some(marks) => marks.close().await,
            None => Ok(()),
        }
    }
}

/// How many records a sweep deletes before others have their turn.
const SWEEP: usize = 1_000;

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;
    use crate::{Members, Sites, contract::Opened};

    async fn open(caps: Caps) -> Opened<dyn Store> {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::with_caps(folder.path(), caps).unwrap();
        Opened::within(Arc::new(store), folder)
    }

    async fn open_members() -> Opened<dyn Members> {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open_beside(folder.path()).unwrap();
        Opened::within(Arc::new(store.members()), folder)
    }

    async fn open_sites() -> Opened<dyn Sites> {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open_beside(folder.path()).unwrap();
        Opened::within(Arc::new(store.sites()), folder)
    }

    store_contract!(open);
    members_contract!(open_members);
    sites_contract!(open_sites);

    const MINUTE: Duration = Duration::from_secs(60);

    /// SES-01: neither a handle's text nor its bytes are anywhere in the folder.
    #[tokio::test]
    async fn a_copied_folder_holds_no_handle() {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Note(String);
        impl crate::Record for Note {
            const KIND: Kind = Kind::Session;
        }
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        let notes = crate::Table::new(store.clone() as Arc<dyn Store>);
        let mut secrets = Vec::new();
        for _ in 0..50 {
            let note = Note("what is kept".into());
            let handle = notes.issue(&note, MINUTE).await.unwrap();
            notes.update(&handle, &note, MINUTE).await.unwrap();
            let text = handle.reveal();
            secrets.push(URL_SAFE_NO_PAD.decode(&text).unwrap());
            secrets.push(text.into_bytes());
        }
        let copy = everything_in(folder.path());
        assert!(
            contains(&copy, b"what is kept"),
            "the copy is of the right files"
        );
        for secret in secrets {
            assert!(!contains(&copy, &secret));
        }
        store.close().await.unwrap();
    }

    fn everything_in(folder: &Path) -> Vec<u8> {
        std::fs::read_dir(folder)
            .unwrap()
            .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect()
    }

    fn contains(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[tokio::test]
    async fn records_and_members_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let first = SqliteStore::open(folder.path()).unwrap();
        let new = crate::NewMember::new("ann@example.org", "Ann", None).unwrap();
        let ann = first.members().add(new).await.unwrap();
        for kind in Kind::ALL {
            first
                .insert(&Key::new(kind, b"a"), b"b", MINUTE)
                .await
                .unwrap();
        }
        drop(first);
        let second = SqliteStore::open(folder.path()).unwrap();
        assert_eq!(second.members().list().await.unwrap(), [ann]);
        for kind in Kind::ALL {
            assert_eq!(
                second.get(&Key::new(kind, b"a")).await.unwrap().unwrap(),
                b"b"
            );
        }
    }

    #[tokio::test]
    async fn a_counter_stops_at_its_largest_sum() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        let key = Key::new(Kind::Counter, b"often");
        let sum = crate::COUNTER_MAX.to_string();
        store.insert(&key, sum.as_bytes(), MINUTE).await.unwrap();
        assert_eq!(
            store.increment(&key, MINUTE).await.unwrap(),
            crate::COUNTER_MAX
        );
        assert_eq!(store.get(&key).await.unwrap().unwrap(), sum.as_bytes());
    }

    #[tokio::test]
    async fn whoever_works_beside_a_server_has_everything_but_marks() {
        let folder = tempfile::tempdir().unwrap();
        let beside = SqliteStore::open_beside(folder.path()).unwrap();
        let link = Key::new(Kind::Link, b"a");
        beside.insert(&link, b"b", MINUTE).await.unwrap();
        let mark = beside
            .insert(&Key::new(Kind::Mark, b"a"), b"", MINUTE)
            .await;
        assert!(matches!(mark, Err(Error::Unavailable(_))));
        assert_eq!(beside.sweep().await.unwrap(), 0);
        beside.close().await.unwrap();
        assert!(!folder.path().join("marks.db").exists());
        let server = SqliteStore::open(folder.path()).unwrap();
        assert_eq!(server.take(&link).await.unwrap().unwrap(), b"b");
    }

    /// A backup that holds the lock, say, must not hold up every request.
    #[tokio::test]
    async fn while_a_stranger_locks_a_file_callers_hear_soon_that_it_is_unavailable() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        let strangers = ["inkgate.db", "marks.db"].map(|name| {
            let stranger = Connection::open(folder.path().join(name)).unwrap();
            stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
            stranger
        });
        let insert = async |kind, after: u64| {
            tokio::time::sleep(Duration::from_millis(after)).await;
            let begun = std::time::Instant::now();
            let refused = store.insert(&Key::new(kind, b"a"), b"", MINUTE).await;
            assert!(matches!(refused, Err(Error::Unavailable(_))));
            assert!(begun.elapsed() < Duration::from_secs(3));
        };
        tokio::join!(
            insert(Kind::Session, 0),
            insert(Kind::Session, 200),
            insert(Kind::Mark, 0),
            insert(Kind::Mark, 200),
        );
        drop(strangers);
        for kind in [Kind::Session, Kind::Mark] {
            store
                .insert(&Key::new(kind, b"b"), b"", MINUTE)
                .await
                .unwrap();
        }
    }

    #[test]
    fn a_folder_holds_a_store_once_one_was_opened_in_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!SqliteStore::is_in(folder.path()));
        std::fs::write(folder.path().join("inkgate.db"), "").unwrap();
        assert!(!SqliteStore::is_in(folder.path()));
        SqliteStore::open_beside(folder.path()).unwrap();
        assert!(SqliteStore::is_in(folder.path()));
    }

    /// The cap holds for all who share the folder.
    #[tokio::test]
    async fn two_openers_share_one_cap() {
        let folder = tempfile::tempdir().unwrap();
        let caps = Caps {
            marks: 3,
            ..Caps::default()
        };
        let one = SqliteStore::with_caps(folder.path(), caps).unwrap();
        let other = SqliteStore::with_caps(folder.path(), caps).unwrap();
        for (i, store) in [&one, &other, &one].into_iter().enumerate() {
            store
                .insert(&Key::new(Kind::Mark, &[i as u8]), b"", MINUTE)
                .await
                .unwrap();
        }
        for store in [&one, &other] {
            let refused = store
                .insert(&Key::new(Kind::Mark, b"more"), b"", MINUTE)
                .await;
            assert!(matches!(refused, Err(crate::Error::Full)));
        }
    }
}
