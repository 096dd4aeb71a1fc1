//! The verbs, as the server runs them: one script, so one step, each.

use std::sync::LazyLock;

use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind, ToRedisArgs};

use super::link::Connection;

/// A script and the digest by which the server remembers it.
pub(super) struct Lua {
    text: String,
    script: Script,
}

macro_rules! scripts {
    ($($name:ident: $file:literal),+ $(,)?) => {
        $(pub(super) static $name: LazyLock<Lua> = LazyLock::new(|| {
            Lua::new(concat!(include_str!("scripts/prelude.lua"), include_str!($file)))
        });)+
    };
}

scripts! {
    INSERT: "scripts/insert.lua",
    UPDATE: "scripts/update.lua",
    TAKE: "scripts/take.lua",
    INCREMENT: "scripts/increment.lua",
    SWEEP: "scripts/sweep.lua",
    GREET: "scripts/greet.lua",
}

impl Lua {
    fn new(text: &str) -> Self {
        Self {
            script: Script::new(text),
            text: text.to_owned(),
        }
    }

    /// Runs it, by its digest, or by its text on a server that has not met it yet. All keys are in one slot.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut Connection,
        keys: &[Vec<u8>],
        values: &[&[u8]],
    ) -> Result<T, RedisError> {
        let call = |how: &str, what: &str| {
            let mut call = redis::cmd(how);
            call.arg(what).arg(keys.len());
            add(&mut call, keys.iter());
            add(&mut call, values.iter());
            call
        };
        let by_digest = call("EVALSHA", self.script.get_hash());
        match connection.ask(&by_digest).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                connection.ask(&call("EVAL", &self.text)).await
            }
            done => done,
        }
    }
}

fn add(call: &mut Cmd, values: impl Iterator<Item = impl ToRedisArgs>) {
    for value in values {
        call.arg(value);
    }
}
