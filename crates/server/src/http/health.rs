//! `GET /healthz`: the process answers. It asks no store (API-14).

/// Says that the process is alive.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}
