//! Site one: a form with a picture that signs nobody in.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;

use crate::visitor::{Answer, FORM, Server, Visitor, unthrottled};

const LOGIN: &str = "/newpage/login/";

async fn try_code(visitor: &mut Visitor, ticket: &str, code: &str) -> Answer {
    let fields = [
        ("username", "ann"),
        ("ticket", ticket),
        ("verify_code", code),
    ];
    visitor.post(LOGIN, &fields).await
}

async fn new_ticket(visitor: &mut Visitor) -> String {
    visitor.get(LOGIN).await.ticket()
}

fn assert_again(answer: &Answer, why: &str) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), format!("/newpage/login/?again={why}"));
}

/// C-62: it asks for no password, and says so.
#[tokio::test]
async fn the_right_code_shows_that_it_was_right_and_signs_nobody_in() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let form = visitor.get(LOGIN).await;
    assert_eq!(form.status, StatusCode::OK);
    for text in [
        "请输入用户名",
        "请输入下图中的验证码",
        "登录",
        "name=\"username\"",
        "不会登录任何人",
    ] {
        assert!(form.text().contains(text), "{text}");
    }
    let ticket = form.ticket();
    let right = try_code(&mut visitor, &ticket, &server.answer(&ticket)).await;
    assert_eq!(right.status, StatusCode::OK);
    assert!(right.text().contains("登录成功"));
    assert!(right.text().contains("并没有真正登录任何人"));
    assert!(visitor.cookies.is_empty());
}

/// CAP-28, C-28
#[tokio::test]
async fn case_width_and_look_alikes_do_not_matter() {
    let server = Server::new();
    let mut visitor = server.visitor();
    for change in [
        |code: &str| code.to_lowercase(),
        |code: &str| code.to_uppercase(),
        |code: &str| format!(" {code}\u{200b} "),
        |code: &str| code.chars().map(wide).collect(),
        |code: &str| code.chars().map(look_alike).collect(),
    ] {
        let ticket = new_ticket(&mut visitor).await;
        let typed: String = change(&server.answer(&ticket));
        let answer = try_code(&mut visitor, &ticket, &typed).await;
        assert_eq!(answer.status, StatusCode::OK, "{typed}");
    }
}

fn wide(symbol: char) -> char {
    char::from_u32(symbol as u32 + 0xfee0).unwrap()
}

fn look_alike(symbol: char) -> char {
    match symbol {
        '0' => 'O',
        'O' | 'o' => '0',
        '1' | 'I' | 'i' => 'l',
        'l' | 'L' => '1',
        other => other,
    }
}

/// CAP-03, C-02, C-03, C-08
#[tokio::test]
async fn a_ticket_is_used_once_right_or_wrong() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = new_ticket(&mut visitor).await;
    let code = server.answer(&ticket);
    assert_again(&try_code(&mut visitor, &ticket, "????").await, "wrong");
    assert_again(&try_code(&mut visitor, &ticket, &code).await, "wrong");

    let ticket = new_ticket(&mut visitor).await;
    let code = server.answer(&ticket);
    assert_eq!(
        try_code(&mut visitor, &ticket, &code).await.status,
        StatusCode::OK
    );
    assert_again(&try_code(&mut visitor, &ticket, &code).await, "wrong");
}

/// CAP-05, C-05, C-06
#[tokio::test]
async fn a_ticket_expires_at_its_time_and_not_before() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let almost = new_ticket(&mut visitor).await;
    let late = new_ticket(&mut visitor).await;
    server.clock.advance(Duration::from_millis(299_999));
    let answer = try_code(&mut visitor, &almost, &server.answer(&almost)).await;
    assert_eq!(answer.status, StatusCode::OK);
    server.clock.advance(Duration::from_millis(1));
    let answer = try_code(&mut visitor, &late, &server.answer(&late)).await;
    assert_again(&answer, "expired");
    let told = visitor.get("/newpage/login/?again=expired").await;
    let wrong = visitor.get("/newpage/login/?again=wrong").await;
    for (page, text, other) in [
        (told, "验证码已过期", "验证码不正确"),
        (wrong, "验证码不正确", "验证码已过期"),
    ] {
        let (_, alert) = page.text().split_once("role=\"alert\"").unwrap();
        assert!(alert.contains(text) && !alert.contains(other), "{alert}");
    }
}

/// C-25: a missing, empty, doubled or endless answer is a wrong one, and the ticket is used.
#[tokio::test]
async fn a_missing_empty_or_doubled_answer_consumes_the_ticket() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let endless = "9".repeat(10_000);
    let odd: [&[(&str, &str)]; 4] = [
        &[],
        &[("verify_code", "")],
        &[("verify_code", "RIGHT"), ("verify_code", "RIGHT")],
        &[("verify_code", &endless)],
    ];
    for fields in odd {
        let ticket = new_ticket(&mut visitor).await;
        let code = server.answer(&ticket);
        let mut form = vec![("ticket", ticket.as_str())];
        form.extend(fields.iter().map(|(name, value)| match *value {
            "RIGHT" => (*name, code.as_str()),
            other => (*name, other),
        }));
        assert_again(&visitor.post(LOGIN, &form).await, "wrong");
        assert_again(&try_code(&mut visitor, &ticket, &code).await, "wrong");
    }
}

/// CAP-07, C-01, C-26: only the right answer of a known ticket passes.
#[tokio::test]
async fn of_all_tickets_and_answers_one_pair_passes() {
    let server = Server::new();
    let mut visitor = server.visitor();
    for ticket_kind in ["valid", "unknown", "empty", "missing", "doubled"] {
        for answer_kind in ["right", "wrong", "empty", "missing", "doubled"] {
            let valid = new_ticket(&mut visitor).await;
            let code = server.answer(&valid);
            let mut form = Vec::new();
            match ticket_kind {
                "valid" => form.push(("ticket", valid.as_str())),
                "unknown" => form.push(("ticket", "AQ")),
                "empty" => form.push(("ticket", "")),
                "doubled" => form.extend([("ticket", valid.as_str()), ("ticket", &valid)]),
                _ => {}
            }
            match answer_kind {
                "right" => form.push(("verify_code", code.as_str())),
                "wrong" => form.push(("verify_code", "?")),
                "empty" => form.push(("verify_code", "")),
                "doubled" => form.extend([("verify_code", code.as_str()), ("verify_code", &code)]),
                _ => {}
            }
            let status = visitor.clone().post(LOGIN, &form).await.status;
            let passes = ticket_kind == "valid" && answer_kind == "right";
            let expected = if passes {
                StatusCode::OK
            } else {
                StatusCode::SEE_OTHER
            };
            assert_eq!(
                status, expected,
                "{ticket_kind} ticket, {answer_kind} answer"
            );
        }
    }
}

/// CAP-38: no byte of a ticket can be changed, and no other spelling of it is read.
#[tokio::test]
async fn a_changed_or_respelt_ticket_is_a_wrong_one() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = new_ticket(&mut visitor).await;
    let code = server.answer(&ticket);
    let mut altered: Vec<String> = (0..ticket.len())
        .map(|at| {
            let other = if ticket.as_bytes()[at] == b'A' {
                "B"
            } else {
                "A"
            };
            let mut text = ticket.clone();
            text.replace_range(at..=at, other);
            text
        })
        .collect();
    altered.extend([
        format!("{ticket}="),
        format!("{ticket}A"),
        format!(" {ticket}"),
        ticket.replace('-', "+").replace('_', "/") + "+",
        "A".repeat(1 << 13),
    ]);
    for (number, text) in altered.iter().enumerate() {
        visitor
            .address
            .set_ip([198, 51, (number >> 4) as u8, 1].into());
        assert_again(&try_code(&mut visitor, text, &code).await, "wrong");
    }
    assert_eq!(
        try_code(&mut visitor, &ticket, &code).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_ticket_under_foreign_keys_is_a_wrong_one() {
    let (server, other) = (Server::new(), Server::new());
    let foreign = new_ticket(&mut other.visitor()).await;
    let code = other.answer(&foreign);
    assert_again(
        &try_code(&mut server.visitor(), &foreign, &code).await,
        "wrong",
    );
}

/// CAP-22, C-12: presented elsewhere a ticket fails, and is burnt.
#[tokio::test]
async fn a_ticket_of_the_other_site_fails_and_is_burnt() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = visitor.get("/member/login").await.ticket();
    let code = server.answer(&ticket);
    assert_again(&try_code(&mut visitor, &ticket, &code).await, "wrong");
    let fields = [("ticket", ticket.as_str()), ("captcha", &code)];
    let answer = visitor.post("/member/login", &fields).await;
    assert!(answer.text().contains("驗證碼輸入錯誤"));
}

#[tokio::test]
async fn getcode_answers_a_picture_whose_ticket_is_in_a_header_and_a_cookie() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let picture = visitor.get("/newpage/getcode/?t=0.123&x=%ff").await;
    assert_eq!(picture.status, StatusCode::OK);
    assert_eq!(picture.header("content-type"), "image/png");
    assert_eq!(&picture.body[16..24], &[0, 0, 0, 200, 0, 0, 0, 100]);
    let ticket = picture.header("inkgate-ticket").to_owned();
    assert_eq!(visitor.cookies["inkgate_ticket_newpage"], ticket);
    let (mut tickets, mut answers, mut pictures) =
        <(BTreeSet<_>, BTreeSet<_>, BTreeSet<_>)>::default();
    for _ in 0..20 {
        let picture = visitor.get("/newpage/getcode/").await;
        let ticket = picture.header("inkgate-ticket").to_owned();
        answers.insert(server.answer(&ticket));
        tickets.insert(ticket);
        pictures.insert(picture.body);
    }
    assert_eq!((tickets.len(), pictures.len()), (20, 20));
    // Of 33⁴ answers two may be alike by chance, though hardly three.
    assert!(answers.len() >= 19, "{answers:?}");
}

/// CAP-26, C-42: whoever asks for a picture has no say in what is on it.
#[tokio::test]
async fn a_visitor_chooses_nothing_of_the_picture() {
    let server = Server::with(unthrottled());
    let names = [
        "answer",
        "text",
        "code",
        "alphabet",
        "length",
        "n",
        "width",
        "height",
        "w",
        "h",
        "size",
        "scale",
        "font",
        "style",
        "preset",
        "noise",
        "difficulty",
        "seed",
        "ttl",
        "format",
        "debug",
    ];
    let values = ["1", "0", "-1", "4294967296", "A", "member", "1e9"];
    for (path, length, size) in [
        ("/newpage/getcode/", 4, [0, 0, 0, 200, 0, 0, 0, 100]),
        ("/member/captcha", 5, [0, 0, 0, 60, 0, 0, 0, 30]),
    ] {
        let mut visitor = server.visitor();
        for name in names {
            for value in values {
                let picture = visitor.get(&format!("{path}?{name}={value}")).await;
                assert_eq!(picture.status, StatusCode::OK, "{name}={value}");
                assert_eq!(picture.body[16..24], size, "{name}={value}");
                let answer = server.answer(picture.header("inkgate-ticket"));
                assert_eq!(answer.len(), length, "{name}={value}");
            }
        }
        let all: String = names.map(|name| format!("{name}=A")).join("&");
        let picture = visitor.get(&format!("{path}?{all}")).await;
        let mut wish = visitor
            .with_header("x-width", "1")
            .with_header("accept", "image/svg+xml");
        let other = wish.get(path).await;
        for picture in [picture, other] {
            assert_eq!(picture.header("content-type"), "image/png");
            assert_eq!(picture.body[16..24], size);
        }
    }
}

/// The tutorial's own HTML has no ticket field: then, and only then, the cookie counts.
#[tokio::test]
async fn the_cookie_counts_only_when_the_form_has_no_ticket_field() {
    let server = Server::new();
    let mut visitor = server.visitor();
    visitor.get("/newpage/getcode/").await;
    let code = server.answer(&visitor.cookies["inkgate_ticket_newpage"]);
    for field in ["", "nonsense"] {
        let mut other = visitor.clone();
        assert_again(&try_code(&mut other, field, &code).await, "wrong");
        assert!(other.cookies.is_empty(), "any check clears the cookie");
    }
    let fields = [("username", "ann"), ("verify_code", code.as_str())];
    assert_eq!(visitor.post(LOGIN, &fields).await.status, StatusCode::OK);
    assert!(visitor.cookies.is_empty());
    assert_again(&visitor.post(LOGIN, &fields).await, "wrong");
}

/// C-38
#[tokio::test]
async fn another_site_that_shows_the_picture_sets_no_cookie() {
    let server = Server::new();
    for site in ["cross-site", "same-site"] {
        let mut visitor = server.visitor().with_header("sec-fetch-site", site);
        let picture = visitor.get("/newpage/getcode/").await;
        assert_eq!(picture.status, StatusCode::OK);
        assert!(picture.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn refresh_keeps_the_name_shows_a_new_picture_and_consumes_nothing() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = new_ticket(&mut visitor).await;
    let fields = [
        ("username", "安 & <ann>"),
        ("ticket", ticket.as_str()),
        ("verify_code", "x"),
        ("refresh", "1"),
    ];
    let form = visitor.post(LOGIN, &fields).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.text().contains("value=\"安 &#38; &#60;ann&#62;\""));
    assert_ne!(form.ticket(), ticket);
    assert_eq!(form.value_of("verify_code"), "");
    let answer = try_code(&mut visitor, &ticket, &server.answer(&ticket)).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// C-67
#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let first = new_ticket(&mut visitor).await;
    visitor.get("/newpage/getcode/").await;
    let second = new_ticket(&mut visitor).await;
    for ticket in [second, first] {
        let answer = try_code(&mut visitor, &ticket, &server.answer(&ticket)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

/// INP-03: a body that would have to be unpacked first is none of ours.
#[tokio::test]
async fn a_compressed_form_is_refused_and_loses_nothing() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let ticket = new_ticket(&mut visitor).await;
    let code = server.answer(&ticket);
    let form = format!("ticket={ticket}&verify_code={code}");
    for coding in [
        "gzip",
        "br",
        "zstd",
        "deflate",
        "identity",
        "gzip, gzip",
        "",
    ] {
        let mut packed = visitor.clone().with_header("content-encoding", coding);
        let answer = packed
            .post_raw(LOGIN, FORM, form.clone().into_bytes())
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{coding}"
        );
    }
    let answer = visitor.post_raw(LOGIN, FORM, form.into_bytes()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// INP-01, INP-04, C-45
#[tokio::test]
async fn what_is_no_form_is_refused_and_loses_nothing() {
    let server = Server::new();
    let mut visitor = server.visitor();
    let megabyte = [b"verify_code=".to_vec(), vec![b'a'; 1 << 20]].concat();
    for (kind, body, status) in [
        (FORM, megabyte, StatusCode::PAYLOAD_TOO_LARGE),
        (FORM, b"verify_code=%ff".to_vec(), StatusCode::BAD_REQUEST),
        (FORM, b"verify_code=\xff".to_vec(), StatusCode::BAD_REQUEST),
        (FORM, b"verify_code=%00".to_vec(), StatusCode::BAD_REQUEST),
        (
            "text/plain",
            b"verify_code=a".to_vec(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            "application/json",
            b"{}".to_vec(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        ("", b"".to_vec(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let ticket = new_ticket(&mut visitor).await;
        let answer = visitor.post_raw(LOGIN, kind, body).await;
        assert_eq!(answer.status, status, "{kind}");
        let answer = try_code(&mut visitor, &ticket, &server.answer(&ticket)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}
