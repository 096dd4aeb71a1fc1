//! A comment form on axum that was made for Turnstile: two addresses lead to Inkgate instead.

use std::env::var;

use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;

#[derive(Deserialize)]
struct Comment {
    #[serde(rename = "cf-turnstile-response", default)]
    token: String,
}

async fn form() -> Html<String> {
    let (inkgate, sitekey) = (inkgate(), var("SITEKEY").unwrap_or_default());
    Html(format!(
        r#"<!doctype html><html lang="en"><title>Leave a comment</title>
<script src="{inkgate}/turnstile/v0/api.js" async defer></script>
<h1>Leave a comment</h1>
<form method="post"><p><label>Comment <textarea name="comment"></textarea></label></p>
<div class="cf-turnstile" data-sitekey="{sitekey}"></div><button>Send</button></form>"#
    ))
}

async fn comment(Form(comment): Form<Comment>) -> (StatusCode, &'static str) {
    match verify(&comment.token).await {
        Ok(true) => (StatusCode::OK, "Thank you for your comment."),
        Ok(false) => (StatusCode::FORBIDDEN, "Please prove that you are a person."),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "Please try again later."),
    }
}

async fn verify(token: &str) -> reqwest::Result<bool> {
    let secret = var("SECRET").unwrap_or_default();
    let asked = reqwest::Client::new()
        .post(format!("{}/turnstile/v0/siteverify", inkgate()))
        .form(&[("secret", secret.as_str()), ("response", token)]);
    let answer: serde_json::Value = asked.send().await?.json().await?;
    Ok(answer["success"] == true)
}

fn inkgate() -> String {
    var("INKGATE").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/", get(form).post(comment));
    let port = var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    axum::serve(listener, app).await
}
