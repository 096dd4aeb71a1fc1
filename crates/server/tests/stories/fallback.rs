//! A visitor of another site, whose browser runs no scripts, earns a token on a page of ours.

use axum::http::StatusCode;

use crate::site::{Shop, json_of};
use crate::visitor::{Answer, Visitor};

struct Fallback {
    shop: Shop,
    visitor: Visitor,
    address: String,
}

impl Fallback {
    /// By a link on this page.
    async fn linked_from(page: &str) -> Self {
        let shop = Shop::open().await;
        let visitor = shop.server.visitor().with_header("referer", page);
        let address = format!("/fallback?sitekey={}", shop.key);
        Self {
            shop,
            visitor,
            address,
        }
    }

    async fn send(&mut self, form: &Answer, code: &str) -> Answer {
        let (ticket, host) = (form.ticket(), form.value_of("host"));
        let fields = [("ticket", ticket.as_str()), ("host", &host), ("code", code)];
        self.visitor.post(&self.address, &fields).await
    }
}

#[tokio::test]
async fn a_right_code_is_answered_with_a_token_for_the_host_that_the_visitor_came_from() {
    let mut page = Fallback::linked_from("https://www.shop.example.org/comment?page=2").await;
    page.address.push_str("&action=sign-in");
    let form = page.visitor.get(&page.address).await;
    assert_eq!(form.status, StatusCode::OK);
    assert_eq!(form.value_of("host"), "www.shop.example.org");
    let code = page.shop.server.answer(&form.ticket());
    let done = page.send(&form, &code).await;
    assert_eq!(done.status, StatusCode::OK);
    let (_, rest) = done.text().split_once("<textarea").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let (token, _) = rest.split_once("</textarea>").unwrap();
    let redeemed = page
        .shop
        .server
        .visitor()
        .post(
            "/turnstile/v0/siteverify",
            &[("secret", page.shop.secret.as_str()), ("response", token)],
        )
        .await;
    let told = json_of(&redeemed);
    assert_eq!(told["success"], true);
    assert_eq!(told["hostname"], "www.shop.example.org");
    assert_eq!(told["action"], "sign-in");
    // The ticket is used up.
    let again = page.send(&form, &code).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// C-25
#[tokio::test]
async fn another_code_shows_another_picture() {
    let mut page = Fallback::linked_from("https://elsewhere.example.org/").await;
    let form = page.visitor.get(&page.address).await;
    assert_eq!(form.value_of("host"), "shop.example.org");
    let right = page.shop.server.answer(&form.ticket());
    for code in ["", "?", &right] {
        let missed = page.send(&form, code).await;
        assert_eq!(missed.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_ne!(missed.ticket(), form.ticket());
    }
    let fields = [("refresh", "1"), ("host", "shop.example.org")];
    let fresh = page.visitor.post(&page.address, &fields).await;
    assert_eq!(fresh.status, StatusCode::OK);
    assert_ne!(fresh.ticket(), form.ticket());
}

/// WEB-08
#[tokio::test]
async fn only_the_site_s_own_pages_may_frame_it() {
    let mut page = Fallback::linked_from("https://shop.example.org/").await;
    let form = page.visitor.get(&page.address).await;
    let policy = form.header("content-security-policy");
    let (_, ancestors) = policy.split_once("frame-ancestors ").unwrap();
    assert_eq!(ancestors, "shop.example.org:* www.shop.example.org:*");
    assert!(!policy.contains("script-src"));
}

#[tokio::test]
async fn there_is_none_for_unknown_sites_actions_and_hosts() {
    let mut page = Fallback::linked_from("https://shop.example.org/").await;
    for address in [
        "/fallback".to_owned(),
        "/fallback?sitekey=newpage".to_owned(),
        "/fallback?sitekey=%22%3E%3Cscript%3E".to_owned(),
        format!("{}&action=unheard-of", page.address),
    ] {
        assert_eq!(
            page.visitor.get(&address).await.status,
            StatusCode::NOT_FOUND,
            "{address}"
        );
    }
    let form = page.visitor.get(&page.address).await;
    let (ticket, code) = (form.ticket(), page.shop.server.answer(&form.ticket()));
    for host in ["", "elsewhere.example.org"] {
        let fields = [("ticket", ticket.as_str()), ("host", host), ("code", &code)];
        let refused = page.visitor.post(&page.address, &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
    // Of the site's other host: sealed for one, it is not taken for the other.
    let fields = [
        ("ticket", ticket.as_str()),
        ("host", "www.shop.example.org"),
        ("code", &code),
    ];
    let refused = page.visitor.post(&page.address, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn recaptcha_s_address_leads_there_too() {
    let mut page = Fallback::linked_from("https://shop.example.org/").await;
    let address = format!("/recaptcha/api/fallback?k={}", page.shop.key);
    let form = page.visitor.get(&address).await;
    assert_eq!(form.status, StatusCode::OK);
    let code = page.shop.server.answer(&form.ticket());
    assert_eq!(page.send(&form, &code).await.status, StatusCode::OK);
}
