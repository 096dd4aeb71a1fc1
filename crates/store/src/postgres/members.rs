use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::link::Link;
use crate::{Email, Error, Member, MemberId, Members, NewMember, PasswordHash, Result};

/// Members in a PostgreSQL database: [`PostgresStore::members`](crate::PostgresStore::members).
pub struct PostgresMembers(Arc<Link>);

impl PostgresMembers {
    pub(super) fn on(link: Arc<Link>) -> Self {
        Self(link)
    }

    /// Adds a member by a statement that answers with none if there is a reason not to.
    async fn add_by(&self, statement: &str, new: NewMember) -> Result<Member> {
        let password = new.password.as_ref().map(PasswordHash::phc);
        let values: [&(dyn ToSql + Sync); 4] = [
            &new.email.as_str(),
            &new.email.canonical(),
            &new.name,
            &password,
        ];
        let added = self.0.rows(statement, &values).await?;
        member(added.first().ok_or(Error::Conflict)?)
    }

    async fn find(&self, statement: &str, value: &(dyn ToSql + Sync)) -> Result<Option<Member>> {
        let found = self.0.rows(statement, &[value]).await?;
        found.first().map(member).transpose()
    }

    /// Runs a statement that answers with the number of the one member that it changes.
    async fn change(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<bool> {
        Ok(!self.0.rows(statement, values).await?.is_empty())
    }
}

impl fmt::Debug for PostgresMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresMembers").field(&self.0).finish()
    }
}

/// The columns by name: a newer schema may have more of them.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, email, name, password, disabled, epoch, created ",
            $after
        )
    };
}

#[async_trait]
impl Members for PostgresMembers {
    async fn add(&self, member: NewMember) -> Result<Member> {
        let statement = columns!(
            "INSERT INTO members (email, canonical, name, password) VALUES ($1, $2, $3, $4)
             ON CONFLICT (canonical) DO NOTHING RETURNING",
            ""
        );
        self.add_by(statement, member).await
    }

    async fn add_first(&self, member: NewMember) -> Result<Member> {
        let statement = columns!("SELECT", "FROM add_first_member($1, $2, $3, $4)");
        self.add_by(statement, member).await
    }

    async fn by_email(&self, email: &str) -> Result<Option<Member>> {
        let Ok(email) = Email::parse(email) else {
            return Ok(None);
        };
        let statement = columns!("SELECT", "FROM members WHERE canonical = $1");
        self.find(statement, &email.canonical()).await
    }

    async fn by_id(&self, id: MemberId) -> Result<Option<Member>> {
        let statement = columns!("SELECT", "FROM members WHERE id = $1");
        self.find(statement, &id.0).await
    }

    async fn list(&self) -> Result<Vec<Member>> {
        let statement = columns!("SELECT", "FROM members ORDER BY id");
        let members = self.0.rows(statement, &[]).await?;
        members.iter().map(member).collect()
    }

    async fn count(&self) -> Result<u64> {
        let counted = self.0.row("SELECT count(*) AS members FROM members", &[]);
        super::count(&counted.await?, "members")
    }

    async fn set_password(&self, id: MemberId, password: PasswordHash) -> Result<bool> {
        let statement =
            "UPDATE members SET password = $2, epoch = epoch + 1 WHERE id = $1 RETURNING id";
        self.change(statement, &[&id.0, &password.phc()]).await
    }

    async fn rehash(&self, id: MemberId, old: &PasswordHash, new: PasswordHash) -> Result<bool> {
        let statement =
            "UPDATE members SET password = $3 WHERE id = $1 AND password = $2 RETURNING id";
        let values: [&(dyn ToSql + Sync); 3] = [&id.0, &old.phc(), &new.phc()];
        self.change(statement, &values).await
    }

    async fn raise_epoch(&self, id: MemberId) -> Result<bool> {
        let statement = "UPDATE members SET epoch = epoch + 1 WHERE id = $1 RETURNING id";
        self.change(statement, &[&id.0]).await
    }

    async fn set_disabled(&self, id: MemberId, disabled: bool) -> Result<bool> {
        let statement = "UPDATE members SET disabled = $2, epoch = epoch + $2::boolean::integer
                         WHERE id = $1 RETURNING id";
        self.change(statement, &[&id.0, &disabled]).await
    }

    async fn remove(&self, id: MemberId) -> Result<bool> {
        let statement = "DELETE FROM members WHERE id = $1 RETURNING id";
        self.change(statement, &[&id.0]).await
    }
}

fn member(row: &Row) -> Result<Member> {
    let read = || {
        Ok(Member {
            id: MemberId(row.try_get("id")?),
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            password: row
                .try_get::<_, Option<String>>("password")?
                .map(PasswordHash::new),
            disabled: row.try_get("disabled")?,
            epoch: row.try_get::<_, i64>("epoch")?.unsigned_abs(),
            created: row.try_get::<_, i64>("created")?.unsigned_abs(),
        })
    };
    read().map_err(|error: tokio_postgres::Error| Error::unavailable(error))
}
