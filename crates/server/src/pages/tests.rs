//! What holds for every page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use askama::Template;
use inkgate::{Strength, Styles};

use super::*;

/// What somebody might type or be called.
const HOSTILE: &str = r#""'><script>alert(1)</script>&lt;{{ x }}"#;

/// Every page in every state, with this text wherever a visitor's text can come in.
fn pages(lang: Lang, assets: &Assets, text: &str) -> Vec<(String, String)> {
    let shell = Shell {
        lang,
        here: text,
        assets,
    };
    let mut pages = vec![
        ("newpage done".to_owned(), render(&NewpageDone { shell })),
        ("link done".to_owned(), render(&LinkDone { shell })),
        ("link gone".to_owned(), render(&LinkGone { shell })),
    ];
    for on in [false, true] {
        pages.push((format!("front {on}"), render(&front(shell, on))));
        pages.push((format!("home {on}"), render(&home(shell, text, on))));
    }
    let problems = [NewpageProblem::Wrong, NewpageProblem::Expired];
    for problem in with_none(problems) {
        pages.push((
            format!("newpage {problem:?}"),
            render(&newpage(shell, text, problem)),
        ));
    }
    let problems = [
        MemberProblem::Captcha,
        MemberProblem::CaptchaExpired,
        MemberProblem::Password,
    ];
    for problem in with_none(problems) {
        pages.push((
            format!("member {problem:?}"),
            render(&member(shell, text, problem)),
        ));
    }
    let of_passwords = [
        LinkProblem::TooShort,
        LinkProblem::TooLong,
        LinkProblem::Common,
        LinkProblem::Mismatch,
    ];
    for problem in with_none(of_passwords) {
        let email = text.to_owned();
        let page = link(shell, LinkPurpose::SetPassword { email }, text, problem);
        pages.push((format!("link set {problem:?}"), render(&page)));
    }
    let of_the_first = [LinkProblem::Email, LinkProblem::Name].map(Some);
    for problem in with_none(of_passwords).into_iter().chain(of_the_first) {
        let page = link(shell, LinkPurpose::CreateFirst, text, problem);
        pages.push((format!("link create {problem:?}"), render(&page)));
    }
    for problem in with_none([NewpageProblem::Wrong, NewpageProblem::Expired]) {
        let form = Fallback {
            shell,
            picture: picture("ink"),
            sitekey: text,
            action: text,
            host: text,
            problem,
        };
        pages.push((format!("fallback {problem:?}"), render(&form)));
    }
    let done = FallbackDone {
        shell,
        sitekey: text,
        host: text,
        token: text.to_owned(),
        seconds: 120,
    };
    pages.push(("fallback done".to_owned(), render(&done)));
    pages.extend(of_the_product(shell, text));
    for kind in NOTICES {
        pages.push((
            format!("notice {kind:?}"),
            render(&Notice {
                shell,
                status: 400,
                kind,
            }),
        ));
    }
    pages
}

/// The product's own sign-in, in every state.
fn of_the_product(shell: Shell<'_>, text: &str) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let product = |on| Product {
        // Titles end with it, so that is what every page is called here.
        name: "Inkgate",
        logo: "/login/logo",
        has_mail: on,
        has_registration: on,
    };
    let problems = [
        LoginProblem::Captcha,
        LoginProblem::CaptchaExpired,
        LoginProblem::CaptchaAsked,
        LoginProblem::Password,
    ];
    for problem in with_none(problems) {
        let form = LoginForm {
            shell,
            product: product(problem.is_none()),
            picture: problem.map(|_| picture("ink")),
            email: text.to_owned(),
            remember: problem.is_some(),
            next: text,
            problem,
            signed_in_as: problem.is_none().then_some(text),
        };
        pages.push((format!("login {problem:?}"), render(&form)));
    }
    let problems = [
        EntryProblem::Captcha,
        EntryProblem::CaptchaExpired,
        EntryProblem::Email,
        EntryProblem::Name,
        EntryProblem::Taken,
        EntryProblem::TooShort,
        EntryProblem::TooLong,
        EntryProblem::Common,
        EntryProblem::Mismatch,
    ];
    for purpose in [
        EntryPurpose::RegisterHere,
        EntryPurpose::RegisterByMail,
        EntryPurpose::Forgot,
    ] {
        let met = match purpose {
            EntryPurpose::RegisterHere => 9,
            EntryPurpose::RegisterByMail => 4,
            EntryPurpose::Forgot => 3,
        };
        for problem in with_none(problems).into_iter().take(met + 1) {
            let form = EntryForm {
                shell,
                product: product(true),
                purpose,
                picture: picture("ink"),
                email: text.to_owned(),
                name: text.to_owned(),
                problem,
            };
            pages.push((format!("{purpose:?} {problem:?}"), render(&form)));
        }
    }
    for told in [
        Telling::Registered,
        Telling::Mailed,
        Telling::SignedOutEverywhere,
        Telling::Deleted,
    ] {
        let page = Told {
            shell,
            product: product(true),
            told,
        };
        pages.push((format!("told {told:?}"), render(&page)));
    }
    let problems = [
        AccountProblem::Wrong,
        AccountProblem::WrongToDelete,
        AccountProblem::TooShort,
        AccountProblem::TooLong,
        AccountProblem::Common,
        AccountProblem::Mismatch,
    ];
    for problem in with_none(problems) {
        let sessions = BROWSERS.map(|browser| SessionRow {
            id: "00".repeat(32),
            browser,
            created: "2026-01-01T00:00:00Z".to_owned(),
            seen: "2026-01-01T00:00:00Z".to_owned(),
            is_this: browser == "browser-edge",
        });
        for notice in ["session-ended", "account-password-done"] {
            let account = Account {
                shell,
                product: product(true),
                name: text.to_owned(),
                email: text.to_owned(),
                sessions: sessions.to_vec(),
                notice: problem.is_none().then_some(notice),
                problem,
            };
            pages.push((format!("account {notice} {problem:?}"), render(&account)));
        }
    }
    pages
}

const NOTICES: [NoticeKind; 9] = [
    NoticeKind::BadRequest,
    NoticeKind::CrossSite,
    NoticeKind::NotFound,
    NoticeKind::MethodNotAllowed,
    NoticeKind::TooLarge,
    NoticeKind::Gone,
    NoticeKind::TooMany { seconds: 12 },
    NoticeKind::Unavailable,
    NoticeKind::Internal,
];

fn with_none<T: Copy, const N: usize>(all: [T; N]) -> Vec<Option<T>> {
    [None].into_iter().chain(all.map(Some)).collect()
}

fn render(page: &impl Template) -> String {
    page.render().unwrap()
}

fn front(shell: Shell<'_>, has_members: bool) -> Front<'_> {
    let styles = ["ink", "member"].map(|name| StyleCard {
        name: name.to_owned(),
        weak: name == "member",
        strength: (name == "ink").then_some(Strength {
            stock: 0.0,
            adapted: 8.5,
            blind: 97.0,
            measured: "2026-11-21",
        }),
        picture: Picture {
            ticket: name.to_owned(),
            ..picture(name)
        },
    });
    Front {
        shell,
        styles: styles.into(),
        has_members,
        address: "https://captcha.example.org".to_owned(),
    }
}

fn picture(style: &str) -> Picture {
    let styles = Styles::standard();
    let life = Duration::from_secs(300);
    Picture::new("TICKET".to_owned(), life, styles.get(style).unwrap())
}

fn newpage<'a>(shell: Shell<'a>, text: &str, problem: Option<NewpageProblem>) -> NewpageLogin<'a> {
    NewpageLogin {
        shell,
        picture: picture("newpage"),
        username: text.to_owned(),
        problem,
    }
}

fn member<'a>(shell: Shell<'a>, text: &'a str, problem: Option<MemberProblem>) -> MemberLogin<'a> {
    MemberLogin {
        shell,
        picture: Some(picture("member")),
        email: text.to_owned(),
        remember: problem.is_some(),
        next: text,
        problem,
        signed_in_as: problem.is_none().then_some(text),
    }
}

fn home<'a>(shell: Shell<'a>, text: &str, just_signed_in: bool) -> MemberHome<'a> {
    MemberHome {
        shell,
        name: text.to_owned(),
        just_signed_in,
    }
}

fn link<'a>(
    shell: Shell<'a>,
    purpose: LinkPurpose,
    text: &str,
    problem: Option<LinkProblem>,
) -> LinkForm<'a> {
    LinkForm {
        shell,
        purpose,
        action: "/link/HANDLE",
        email: text.to_owned(),
        name: text.to_owned(),
        problem,
    }
}

fn every_page(text: &str) -> Vec<(String, String)> {
    let assets = Assets::new();
    let in_lang = |lang: Lang| {
        let named = pages(lang, &assets, text).into_iter();
        named.map(move |(name, html)| (format!("{} {name}", lang.code()), html))
    };
    Lang::ALL.into_iter().flat_map(in_lang).collect()
}

/// The start tags of a page, each as `name attributes`.
fn tags(html: &str) -> Vec<&str> {
    let after = html.split('<').skip(1);
    let tag = after.map(|rest| rest.split_once('>').expect("a tag ends").0);
    tag.filter(|tag| !tag.starts_with(['/', '!'])).collect()
}

/// The value of an attribute of a start tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

#[test]
fn every_page_renders_in_every_language() {
    for (name, html) in every_page("Mei") {
        let lang = name.split(' ').next().unwrap();
        assert!(html.starts_with("<!doctype html>\n<html lang=\""), "{name}");
        assert!(html.contains(&format!("<html lang=\"{lang}\">")), "{name}");
        assert!(html.contains("<main ") && html.contains("</h1>"), "{name}");
        assert!(
            !html.contains("localization"),
            "{name} misses a text: {html}"
        );
        assert!(!html.contains("{{") && !html.contains("{%"), "{name}");
    }
}

#[test]
fn every_page_has_a_title_that_carries_the_problem() {
    for (name, html) in every_page("Mei") {
        let title = html
            .split("<title>")
            .nth(1)
            .unwrap()
            .split("</title>")
            .next()
            .unwrap();
        assert!(
            title.ends_with(" · Inkgate") && title.len() > " · Inkgate".len(),
            "{name}"
        );
        if let Some((_, alert)) = html.split_once("role=\"alert\"") {
            let strong = alert
                .split("<strong>")
                .nth(1)
                .unwrap()
                .split("</strong>")
                .next()
                .unwrap();
            assert!(title.starts_with(strong), "{name}: {title}");
        }
    }
}

/// C-37: what visitors type or are called is text wherever it appears.
#[test]
fn hostile_names_and_addresses_are_escaped() {
    for (name, html) in every_page(HOSTILE) {
        assert!(!html.contains("<script>"), "{name}");
        assert!(!html.contains("alert(1)</script>"), "{name}");
        let field =
            "value=\"&#34;&#39;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#38;lt;{{ x }}\"";
        assert!(
            html.contains(field),
            "{name}: the way back is in the footer"
        );
    }
}

/// WEB-07: the content security policy allows none of these.
#[test]
fn nothing_is_inline() {
    for (name, html) in every_page(HOSTILE) {
        for tag in tags(&html) {
            let element = tag.split([' ', '\n']).next().unwrap();
            assert!(
                !["style", "iframe", "object", "base"].contains(&element),
                "{name}: {tag}"
            );
            assert!(
                element != "script" || attribute(tag, "src").is_some(),
                "{name}: {tag}"
            );
            assert!(attribute(tag, "style").is_none(), "{name}: {tag}");
            let names = tag
                .split_whitespace()
                .filter_map(|word| word.split_once('='));
            assert!(
                !names.into_iter().any(|(key, _)| key.starts_with("on")),
                "{name}: {tag}"
            );
            for address in ["src", "href", "action"]
                .iter()
                .filter_map(|key| attribute(tag, key))
            {
                assert!(address.starts_with(['/', '#']), "{name}: {address}");
            }
        }
        assert!(!html.contains("javascript:"), "{name}");
    }
}

/// CAP-32: nothing that is read out or shown beside the picture depends on the ticket, and so
/// nothing can depend on its answer.
#[test]
fn what_describes_a_picture_does_not_hint_at_the_answer() {
    for (name, html) in every_page("Mei") {
        let without_addresses = tags(&html).into_iter().map(|tag| {
            let carriers = ["src", "srcset", "value"]
                .iter()
                .filter_map(|key| attribute(tag, key));
            carriers.fold(tag.to_owned(), |tag, value| tag.replace(value, ""))
        });
        let told: Vec<String> = without_addresses.collect();
        assert!(told.iter().all(|tag| !tag.contains("TICKET")), "{name}");
        for tag in told.iter().filter(|tag| tag.starts_with("img ")) {
            assert!(attribute(tag, "alt").is_some(), "{name}: {tag}");
            assert!(attribute(tag, "title").is_none(), "{name}: {tag}");
        }
    }
    let alternatives: BTreeSet<String> = every_page("Mei")
        .iter()
        .flat_map(|(_, html)| tags(html))
        .filter(|tag| attribute(tag, "src").is_some_and(|src| src.contains("TICKET")))
        .map(|tag| attribute(tag, "alt").unwrap().to_owned())
        .collect();
    assert_eq!(alternatives.len(), Lang::ALL.len());
}

#[test]
fn a_picture_has_its_room_before_it_is_loaded() {
    let assets = Assets::new();
    let shell = Shell {
        lang: Lang::En,
        here: "/",
        assets: &assets,
    };
    let form = |style: &str| {
        let member = member(shell, "", None);
        let picture = picture(style);
        render(&MemberLogin {
            picture: Some(picture),
            ..member
        })
    };
    assert!(form("member").contains(" width=\"120\" height=\"60\""));
    assert!(form("ink").contains(" width=\"300\" height=\"170\""));
    for html in [form("member"), form("ink"), render(&front(shell, true))] {
        for image in tags(&html).iter().filter(|tag| tag.starts_with("img ")) {
            let sides = ["width", "height"].map(|side| attribute(image, side));
            assert!(sides.iter().all(Option::is_some), "{image}");
        }
    }
}

#[test]
fn a_dark_page_asks_for_the_dark_palette_where_there_is_one() {
    let assets = Assets::new();
    let shell = Shell {
        lang: Lang::En,
        here: "/",
        assets: &assets,
    };
    let dark = |ticket: &str| {
        format!(
            "<source media=\"(prefers-color-scheme: dark)\" \
             srcset=\"/challenge/{ticket}.dark.png, /challenge/{ticket}@2x.dark.png 2x\">"
        )
    };
    let form = |style: &str| {
        let member = member(shell, "", None);
        let picture = picture(style);
        render(&MemberLogin {
            picture: Some(picture),
            ..member
        })
    };
    assert!(form("ink").contains(&dark("TICKET")));
    assert!(!form("member").contains("<source"));
    assert!(!render(&newpage(shell, "", None)).contains("<source"));
    let front = render(&front(shell, true));
    assert!(front.contains(&dark("ink")));
    assert_eq!(front.matches("<source").count(), 1);
}

/// Enter in a field presses the first submit button of its form. That must not be the one that
/// only shows another picture.
#[test]
fn enter_sends_the_form() {
    for (name, html) in every_page("Mei") {
        for form in html
            .split("<form")
            .skip(1)
            .filter(|form| form.contains("name=\"refresh\""))
        {
            let first = tags(form).into_iter().find(|tag| tag.starts_with("button"));
            assert!(
                first.is_some_and(|button| !button.contains("name=")),
                "{name}"
            );
        }
    }
}

/// C-66, C-68: each field has a label, each description exists, the field in error has the focus.
#[test]
fn fields_are_labelled_and_errors_are_tied_to_them() {
    for (name, html) in every_page("Mei") {
        let tags = tags(&html);
        let ids: Vec<&str> = tags.iter().filter_map(|tag| attribute(tag, "id")).collect();
        assert_eq!(
            ids.len(),
            ids.iter().collect::<BTreeSet<_>>().len(),
            "{name}: ids are unique"
        );
        for tag in tags.iter().filter(|tag| tag.starts_with("input")) {
            if !["hidden", "checkbox"].contains(&attribute(tag, "type").unwrap_or("text")) {
                let id = attribute(tag, "id").unwrap();
                assert!(
                    html.contains(&format!("<label for=\"{id}\">")),
                    "{name}: {id}"
                );
            }
            for id in attribute(tag, "aria-describedby")
                .unwrap_or("")
                .split_whitespace()
            {
                assert!(ids.contains(&id), "{name}: {id}");
            }
        }
        let focused = tags.iter().filter(|tag| tag.contains(" autofocus"));
        let is_problem = html.contains("role=\"alert\"");
        assert_eq!(focused.count(), usize::from(is_problem), "{name}");
    }
}

/// Whoever knows the tutorials finds their words again.
#[test]
fn the_two_sites_speak_the_texts_of_their_tutorials() {
    let assets = Assets::new();
    let texts_of = |lang: Lang| {
        let shell = Shell {
            lang,
            here: "/",
            assets: &assets,
        };
        move |html: fn(Shell<'_>) -> String, texts: &[&str]| {
            let html = html(shell);
            for text in texts {
                assert!(html.contains(text), "{text}");
            }
        }
    };
    let newpage_says = texts_of(Lang::ZhHans);
    newpage_says(
        |shell| render(&newpage(shell, "", None)),
        &[
            "placeholder=\"请输入用户名\"",
            "placeholder=\"请输入下图中的验证码\"",
            "<button class=\"go\">登录</button>",
            "不会登录任何人",
            "name=\"username\"",
            "name=\"verify_code\"",
            "name=\"ticket\" value=\"TICKET\"",
        ],
    );
    newpage_says(|shell| render(&NewpageDone { shell }), &["登录成功"]);
    let member_says = texts_of(Lang::ZhHant);
    member_says(
        |shell| render(&member(shell, "", None)),
        &[
            "<h1>會員登入</h1>",
            ">驗證碼</label>",
            "name=\"useremail\"",
            "name=\"userpassword\"",
            "name=\"captcha\"",
            "name=\"rememberme\"",
            "name=\"ticket\" value=\"TICKET\"",
            "name=\"next\" value=\"\"",
        ],
    );
    member_says(
        |shell| render(&member(shell, "", Some(MemberProblem::Captcha))),
        &["驗證碼輸入錯誤"],
    );
    member_says(
        |shell| render(&member(shell, "", Some(MemberProblem::Password))),
        &["登入失敗，密碼錯誤"],
    );
    member_says(|shell| render(&home(shell, "Mei", true)), &["登入成功"]);
}

#[test]
fn sign_in_is_told_once() {
    let assets = Assets::new();
    let shell = Shell {
        lang: Lang::ZhHant,
        here: "/",
        assets: &assets,
    };
    assert!(!render(&home(shell, "Mei", false)).contains("登入成功"));
}

/// A password that was typed comes back in no page: no template has a value for such a field.
#[test]
fn a_password_field_is_always_empty() {
    for (name, html) in every_page("Mei") {
        for tag in tags(&html)
            .iter()
            .filter(|tag| tag.contains("type=\"password\""))
        {
            assert!(attribute(tag, "value").is_none(), "{name}: {tag}");
        }
    }
}

#[test]
fn all_languages_have_the_same_texts_and_every_one_is_used() {
    let [english, others @ ..] = Lang::ALL.map(|lang| keys(lang.code()));
    assert!(english.len() > 50);
    for other in others {
        assert_eq!(english, other);
    }
    let used = quoted_words();
    let unused: Vec<&String> = english.difference(&used).collect();
    assert!(unused.is_empty(), "{unused:?}");
    for said in said_by_templates() {
        assert!(english.contains(&said), "{said}");
    }
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(name: &str) -> Vec<String> {
    let entries = fs::read_dir(folder(name)).unwrap();
    entries
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect()
}

/// The keys of a language, each of which it has once.
fn keys(lang: &str) -> BTreeSet<String> {
    let text = files(&format!("locales/{lang}")).concat();
    let is_key = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
    let lines: Vec<&str> = text.lines().filter(is_key).collect();
    let keys: BTreeSet<String> = lines
        .iter()
        .map(|line| line.split(" =").next().unwrap().to_owned())
        .collect();
    assert_eq!(keys.len(), lines.len(), "{lang} has a key twice");
    keys
}

/// Everything in quotation marks in templates and in the structs behind them.
fn quoted_words() -> BTreeSet<String> {
    let texts = [files("templates"), files("src/pages")].concat();
    let words = texts.iter().flat_map(|text| text.split('"'));
    words.map(str::to_owned).collect()
}

/// The keys that templates name.
fn said_by_templates() -> Vec<String> {
    let templates = files("templates").concat();
    let calls = ["say(\"", "say_with(\""].map(|call| {
        let rest = templates.split(call).skip(1);
        rest.map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    });
    calls.concat()
}
