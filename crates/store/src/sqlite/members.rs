use std::fmt;

use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row};

use super::lane::Lane;
use crate::{Email, Error, Member, MemberId, Members, NewMember, PasswordHash, Result};

/// Members in `inkgate.db`: [`SqliteStore::members`](crate::SqliteStore::members).
pub struct SqliteMembers {
    writer: Lane,
    reader: Lane,
}

impl SqliteMembers {
    pub(super) fn on(writer: Lane, reader: Lane) -> Self {
        Self { writer, reader }
    }

    /// Runs a statement that adds a member, unless its conditions are not met.
    async fn add_by(&self, statement: &'static str, new: NewMember) -> Result<Member> {
        self.writer
            .run(move |turn| {
                let password = new.password.as_ref().map(PasswordHash::phc);
                let (typed, canonical) = (new.email.as_str(), new.email.canonical());
                turn.connection
                    .prepare_cached(statement)?
                    .query_row((typed, canonical, &new.name, password, turn.now), member)
                    .optional()?
                    .ok_or(Error::Conflict)
            })
            .await
    }

    async fn change(
        &self,
        statement: &'static str,
        values: impl rusqlite::Params + Clone + Send + 'static,
    ) -> Result<bool> {
        self.writer
            .run(move |turn| {
                let mut statement = turn.connection.prepare_cached(statement)?;
                Ok(statement.execute(values.clone())? == 1)
            })
            .await
    }
}

impl fmt::Debug for SqliteMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteMembers").finish_non_exhaustive()
    }
}

#[async_trait]
impl Members for SqliteMembers {
    async fn add(&self, member: NewMember) -> Result<Member> {
        let statement = "INSERT INTO members (email, canonical, name, password, created) VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT (canonical) DO NOTHING RETURNING *";
        self.add_by(statement, member).await
    }

    async fn add_first(&self, member: NewMember) -> Result<Member> {
        let statement = "INSERT INTO members (email, canonical, name, password, created) SELECT ?1, ?2, ?3, ?4, ?5
                         WHERE NOT EXISTS (SELECT 1 FROM members) RETURNING *";
        self.add_by(statement, member).await
    }

    async fn by_email(&self, email: &str) -> Result<Option<Member>> {
        let Ok(email) = Email::parse(email) else {
            return Ok(None);
        };
        self.reader
            .run(move |turn| {
                let found = turn
                    .connection
                    .prepare_cached("SELECT * FROM members WHERE canonical = ?1")?
                    .query_row([email.canonical()], member)
                    .optional()?;
                Ok(found)
            })
            .await
    }

    async fn by_id(&self, id: MemberId) -> Result<Option<Member>> {
        self.reader
            .run(move |turn| {
                let found = turn
                    .connection
                    .prepare_cached("SELECT * FROM members WHERE id = ?1")?
                    .query_row([id.0], member)
                    .optional()?;
                Ok(found)
            })
            .await
    }

    async fn list(&self) -> Result<Vec<Member>> {
        self.reader
            .run(|turn| {
                let mut statement = turn
                    .connection
                    .prepare_cached("SELECT * FROM members ORDER BY id")?;
                let members = statement.query_map((), member)?;
                Ok(members.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn count(&self) -> Result<u64> {
        self.reader
            .run(|turn| {
                let mut statement = turn
                    .connection
                    .prepare_cached("SELECT count(*) FROM members")?;
                Ok(statement.query_row((), |row| row.get(0))?)
            })
            .await
    }

    async fn set_password(&self, id: MemberId, password: PasswordHash) -> Result<bool> {
        let statement = "UPDATE members SET password = ?2, epoch = epoch + 1 WHERE id = ?1";
        self.change(statement, (id.0, password.phc().to_owned()))
            .await
    }

    async fn rehash(&self, id: MemberId, old: &PasswordHash, new: PasswordHash) -> Result<bool> {
        let statement = "UPDATE members SET password = ?3 WHERE id = ?1 AND password = ?2";
        self.change(
            statement,
            (id.0, old.phc().to_owned(), new.phc().to_owned()),
        )
        .await
    }

    async fn raise_epoch(&self, id: MemberId) -> Result<bool> {
        let statement = "UPDATE members SET epoch = epoch + 1 WHERE id = ?1";
        self.change(statement, [id.0]).await
    }

    async fn set_disabled(&self, id: MemberId, disabled: bool) -> Result<bool> {
        let statement = "UPDATE members SET disabled = ?2, epoch = epoch + ?2 WHERE id = ?1";
        self.change(statement, (id.0, disabled)).await
    }

    async fn remove(&self, id: MemberId) -> Result<bool> {
        self.change("DELETE FROM members WHERE id = ?1", [id.0])
            .await
    }
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        id: MemberId(row.get("id")?),
        email: row.get("email")?,
        name: row.get("name")?,
        password: row
            .get::<_, Option<String>>("password")?
            .map(PasswordHash::new),
        disabled: row.get("disabled")?,
        epoch: row.get("epoch")?,
        created: row.get("created")?,
    })
}
