//! One schema in a PostgreSQL database that several nodes share: records, members and sites.
//!
//! Each verb is one statement, so one transaction, that decides by the database's clock. What has several ways to end
//! is a function in the schema ([`migrations`]). [`link`] holds the connections.

mod link;
mod members;
mod migrations;
mod sites;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_postgres::Row;

use self::link::Link;
use crate::gate::Backend;
use crate::{Caps, Error, Fence, Key, Kind, Result, Store};

pub use self::{members::PostgresMembers, sites::PostgresSites};

/// Records in a PostgreSQL database, version 12 or newer.
///
/// Its [`Fence`] is the moment of the first connection to the server since it started: a server that starts may have been
/// given older files, and a standby that is promoted may lack the last marks, which a connection cannot tell.
#[derive(Debug)]
pub struct PostgresStore {
    link: Arc<Link>,
    caps: Caps,
}

impl PostgresStore {
    /// A store at this URL (`postgres://user:password@host:port/database`), with the default [`Caps`].
    ///
    /// It connects, and brings the schema up to date, by itself and as soon as the server answers;
    /// [`settled`](Self::settled) waits for that. Until then, and whenever the server is away, every verb is
    /// [`Unavailable`](Error::Unavailable) at once. Besides the options that libpq knows, `schema` names the schema
    /// (`inkgate`). Without `sslmode` the connection is not encrypted; with `require` the server must prove its name.
    ///
    /// # Errors
    /// [`BadAddress`](Error::BadAddress).
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn open(url: &str) -> Result<Self> {
        Self::with_caps(url, Caps::default())
    }

    /// A store at this URL.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    ///
    /// # Panics
    /// As [`open`](Self::open).
    pub fn with_caps(url: &str, caps: Caps) -> Result<Self> {
        Ok(Self {
            link: Link::open(url)?,
            caps,
        })
    }

    /// Waits until the server answers, or it is known why it does not.
    ///
    /// # Errors
    /// [`Unavailable`](Error::Unavailable), which may pass; [`NewerSchema`](Error::NewerSchema), which does not.
    pub async fn settled(&self, patience: Duration) -> Result<()> {
        self.link.gate().settled(patience).await
    }

    /// The members in the same schema, sharing this store's connections.
    #[must_use]
    pub fn members(&self) -> PostgresMembers {
        PostgresMembers::on(Arc::clone(&self.link))
    }

    /// The sites in the same schema, sharing this store's connections.
    #[must_use]
    pub fn sites(&self) -> PostgresSites {
        PostgresSites::on(Arc::clone(&self.link))
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn insert(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<Fence> {
        let statement = "SELECT outcome, since FROM insert_record($1, $2, $3, $4, $5)";
        let ended = self
            .link
            .row(
                statement,
                &[
                    &code(key.kind()),
                    &&key.digest()[..],
                    &value,
                    &life(ttl),
                    &self.cap(key),
                ],
            )
            .await?;
        done(&ended)?;
        Ok(Fence::since(count(&ended, "since")?))
    }

    async fn update(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<bool> {
        let statement = "UPDATE records SET value = $3, expires = millis() + $4
                         WHERE kind = $1 AND digest = $2 AND expires > millis() RETURNING 1";
        let updated = self
            .link
            .rows(
                statement,
                &[&code(key.kind()), &&key.digest()[..], &value, &life(ttl)],
            )
            .await?;
        Ok(!updated.is_empty())
    }

    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        let statement =
            "SELECT value FROM records WHERE kind = $1 AND digest = $2 AND expires > millis()";
        self.value(statement, key).await
    }

    async fn take(&self, key: &Key) -> Result<Option<Vec<u8>>> {
        let statement = "DELETE FROM records WHERE kind = $1 AND digest = $2 AND expires > millis() RETURNING value";
        self.value(statement, key).await
    }

    async fn increment(&self, key: &Key, ttl: Duration) -> Result<u64> {
        let statement = "SELECT outcome, total FROM increment_record($1, $2, $3, $4)";
        let ended = self
            .link
            .row(
                statement,
                &[
                    &code(key.kind()),
                    &&key.digest()[..],
                    &life(ttl),
                    &self.cap(key),
                ],
            )
            .await?;
        done(&ended)?;
        count(&ended, "total")
    }

    async fn sweep(&self) -> Result<u64> {
        let mut swept = 0;
        for kind in Kind::ALL {
            loop {
                let batch = self
                    .link
                    .row("SELECT sweep($1, $2) AS swept", &[&code(kind), &SWEEP])
                    .await?;
                let batch = count(&batch, "swept")?;
                swept += batch;
                if batch < SWEEP.unsigned_abs() {
                    break;
                }
            }
        }
        Ok(swept)
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

impl PostgresStore {
    async fn value(&self, statement: &str, key: &Key) -> Result<Option<Vec<u8>>> {
        let found = self
            .link
            .rows(statement, &[&code(key.kind()), &&key.digest()[..]])
            .await?;
        match found.first() {
            Some(row) => row.try_get("value").map_err(Error::unavailable),
            None => Ok(None),
        }
    }

    fn cap(&self, key: &Key) -> i64 {
        i64::try_from(self.caps.of(key.kind())).unwrap_or(i64::MAX)
    }
}

/// How many records a sweep deletes before others have their turn.
const SWEEP: i64 = 500;

fn code(kind: Kind) -> i16 {
    i16::from(kind.code())
}

/// Milliseconds that can be added to any time.
fn life(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis())
        .unwrap_or(i64::MAX)
        .min(i64::MAX / 2)
}

/// What the functions in the schema call an outcome.
fn done(ended: &Row) -> Result<()> {
    match ended.try_get("outcome").map_err(Error::unavailable)? {
        0_i16 => Ok(()),
        1 => Err(Error::Conflict),
        2 => Err(Error::Full),
        _ => Err(Error::NotACounter),
    }
}

/// A number that is never negative.
fn count(row: &Row, column: &str) -> Result<u64> {
    let number: i64 = row.try_get(column).map_err(Error::unavailable)?;
    u64::try_from(number).map_err(Error::unavailable)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::SystemTime;

    use super::*;
    use crate::contract::Opened;
    use crate::daemon::{Daemon, is_there};
    use crate::{Members, NewMember, Sites};

    /// One server for all tests, each with a schema of its own. What it says is not synchronised: nobody cuts power.
    static SERVER: LazyLock<Daemon> = LazyLock::new(|| {
        let options = ["-c", "fsync=off", "-c", "max_connections=300"];
        Daemon::start_for_all("postgres", &options)
    });

    /// The address of a schema that nobody has used.
    fn fresh() -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let schema = NEXT.fetch_add(1, Ordering::Relaxed);
        url(SERVER.port, &format!("test_{schema}"))
    }

    fn url(port: u16, schema: &str) -> String {
        format!("postgres://inkgate@127.0.0.1:{port}/postgres?schema={schema}")
    }

    const SOON: Duration = Duration::from_secs(20);
    const MINUTE: Duration = Duration::from_secs(60);

    async fn at(url: &str, caps: Caps) -> PostgresStore {
        let store = PostgresStore::with_caps(url, caps).unwrap();
        while let Err(error) = store.settled(SOON).await {
            assert!(matches!(error, Error::Unavailable(_)), "{error}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        store
    }

    async fn open(caps: Caps) -> Opened<dyn Store> {
        Opened::new(Arc::new(at(&fresh(), caps).await))
    }

    async fn open_members() -> Opened<dyn Members> {
        Opened::new(Arc::new(at(&fresh(), Caps::default()).await.members()))
    }

    async fn open_sites() -> Opened<dyn Sites> {
        Opened::new(Arc::new(at(&fresh(), Caps::default()).await.sites()))
    }

    store_contract!(open, is_there("postgres"));
    members_contract!(open_members, is_there("postgres"));
    sites_contract!(open_sites, is_there("postgres"));

    #[tokio::test]
    async fn a_counter_stops_at_its_largest_sum() {
        if !is_there("postgres") {
            return;
        }
        let store = at(&fresh(), Caps::default()).await;
        let key = Key::new(Kind::Counter, b"often");
        let sum = crate::COUNTER_MAX.to_string();
        store.insert(&key, sum.as_bytes(), MINUTE).await.unwrap();
        assert_eq!(
            store.increment(&key, MINUTE).await.unwrap(),
            crate::COUNTER_MAX
        );
        assert_eq!(store.get(&key).await.unwrap().unwrap(), sum.as_bytes());
    }

    /// STO-09
    #[tokio::test]
    async fn two_schemas_in_one_database_do_not_see_each_other() {
        if !is_there("postgres") {
            return;
        }
        let [one, other] =
            [fresh(), fresh()].map(|url| async move { at(&url, Caps::default()).await });
        let (one, other) = tokio::join!(one, other);
        let mark = Key::new(Kind::Mark, b"a");
        one.insert(&mark, b"", MINUTE).await.unwrap();
        other.insert(&mark, b"", MINUTE).await.unwrap();
        let ann = NewMember::new("ann@example.org", "Ann", None).unwrap();
        one.members().add(ann).await.unwrap();
        assert_eq!(other.members().count().await.unwrap(), 0);
    }

    /// STO-07: several nodes start at once on an empty database.
    #[tokio::test]
    async fn many_nodes_bring_one_schema_up_to_date() {
        if !is_there("postgres") {
            return;
        }
        let url = fresh();
        let nodes = (0..8).map(|_| {
            let url = url.clone();
            tokio::spawn(async move { at(&url, Caps::default()).await })
        });
        let mut fences = Vec::new();
        for (i, node) in nodes.collect::<Vec<_>>().into_iter().enumerate() {
            let mark = Key::new(Kind::Mark, &[i as u8]);
            let node = node.await.unwrap();
            fences.push(node.insert(&mark, b"", MINUTE).await.unwrap());
        }
        assert!(fences.iter().all(|fence| *fence == fences[0]));
    }

    /// STO-07
    #[tokio::test]
    async fn a_newer_schema_is_refused_and_left_alone() {
        if !is_there("postgres") {
            return;
        }
        let url = fresh();
        let store = at(&url, Caps::default()).await;
        let newer = "UPDATE schema_version SET version = 77 RETURNING 1";
        store.link.rows(newer, &[]).await.unwrap();
        let refused = PostgresStore::open(&url).unwrap();
        let refused = refused.settled(SOON).await.unwrap_err();
        assert!(matches!(refused, Error::NewerSchema { found: 77, .. }));
        let line = refused.to_string();
        assert!(line.contains("/postgres has schema 77"), "{line}");
        assert!(!line.contains("inkgate@"), "{line}");
    }

    /// A promoted standby may lack the last marks; it is another history.
    #[tokio::test]
    async fn another_history_raises_the_fence() {
        if !is_there("postgres") {
            return;
        }
        let url = fresh();
        let store = at(&url, Caps::default()).await;
        let fence = async |name: &[u8]| {
            let mark = Key::new(Kind::Mark, name);
            store.insert(&mark, b"", MINUTE).await.unwrap()
        };
        let first = fence(b"a").await;
        let moved = "UPDATE fence SET history = 'another/00000001' RETURNING 1";
        store.link.rows(moved, &[]).await.unwrap();
        at(&url, Caps::default()).await;
        let second = fence(b"b").await;
        assert!(second > first);
        at(&url, Caps::default()).await;
        assert_eq!(fence(b"c").await, second);
    }

    /// STO-03, F-17: nobody waits for a statement longer than its deadline, and nobody else for that statement.
    #[tokio::test]
    async fn while_a_stranger_locks_a_table_callers_hear_soon_that_it_is_unavailable() {
        if !is_there("postgres") {
            return;
        }
        let url = fresh();
        let store = at(&url, Caps::default()).await;
        let schema = url.rsplit_once('=').unwrap().1.to_owned();
        let plain = url.split_once('?').unwrap().0;
        let (mut stranger, connection) = tokio_postgres::connect(plain, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let lock = stranger.transaction().await.unwrap();
        let statement = format!("LOCK TABLE \"{schema}\".members");
        lock.batch_execute(&statement).await.unwrap();
        let members = store.members();
        let begun = std::time::Instant::now();
        let (refused, mark) = (members.count(), Key::new(Kind::Mark, b"a"));
        let (refused, inserted) = tokio::join!(refused, store.insert(&mark, b"", MINUTE));
        assert!(matches!(refused, Err(Error::Unavailable(_))));
        assert!(begun.elapsed() < Duration::from_secs(3));
        inserted.unwrap();
        lock.rollback().await.unwrap();
        assert_eq!(members.count().await.unwrap(), 0);
    }

    /// F-17: killed and started again; what was acknowledged is there, and nothing was used twice.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_store_comes_back_with_its_server() {
        if !is_there("postgres") {
            return;
        }
        let mut server = Daemon::start("postgres", &[]);
        let url = url(server.port, "killed");
        let store = at(&url, Caps::default()).await;
        let mark = Key::new(Kind::Mark, b"a");
        let fence = store.insert(&mark, b"", MINUTE).await.unwrap();
        for _ in 0..3 {
            server.kill();
            let refused = store.insert(&mark, b"", MINUTE).await;
            assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
            server.resume();
            while let Err(error) = store.settled(SOON).await {
                assert!(matches!(error, Error::Unavailable(_)), "{error}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let again = store.insert(&mark, b"", MINUTE).await;
            assert!(matches!(again, Err(Error::Conflict)), "{again:?}");
        }
        let another = Key::new(Kind::Mark, b"b");
        assert!(store.insert(&another, b"", MINUTE).await.unwrap() > fence);
    }

    /// Marks that are younger than the files put back are forgotten, and the fence says so.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_given_older_files_raises_the_fence() {
        if !is_there("postgres") {
            return;
        }
        let mut server = Daemon::start("postgres", &[]);
        let url = url(server.port, "restored");
        at(&url, Caps::default()).await;
        server.kill();
        let (data, older) = (server.path(), server.path().with_extension("older"));
        copy(&data, &older);
        server.resume();
        let store = at(&url, Caps::default()).await;
        let mark = Key::new(Kind::Mark, b"a");
        let fence = store.insert(&mark, b"", MINUTE).await.unwrap();
        let used = millis_now();
        server.kill();
        std::fs::remove_dir_all(&data).unwrap();
        copy(&older, &data);
        server.resume();
        let store = at(&url, Caps::default()).await;
        let raised = store.insert(&mark, b"", MINUTE).await.unwrap();
        assert!(raised > fence);
        assert!(raised.as_millis() >= used);
    }

    fn copy(from: &Path, to: &Path) {
        let copied = Command::new("cp").arg("-a").args([from, to]).status();
        assert!(copied.unwrap().success());
    }

    fn millis_now() -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        u64::try_from(since.unwrap().as_millis()).unwrap()
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_used_is_refused_without_telling_its_password() {
        for url in [
            "postgres://ann:s3cret@db.test:x/shop",
            "postgres://ann:s3cret@db.test/shop?schema=A%22",
            "postgres://ann:s3cret@db.test/shop?sslmode=sometimes",
            "postgres://ann:s3cret@db.test/shop?nonsense=1",
        ] {
            let refused = PostgresStore::open(url).unwrap_err();
            assert!(matches!(refused, Error::BadAddress(_)), "{refused:?}");
            assert!(
                !format!("{refused} {refused:?}").contains("s3cret"),
                "{refused:?}"
            );
        }
        let store = PostgresStore::open("postgres://ann:s3cret@127.0.0.1:1/shop").unwrap();
        let refused = store.settled(SOON).await.unwrap_err();
        assert!(!format!("{refused:?} {store:?}").contains("s3cret"));
    }
}
