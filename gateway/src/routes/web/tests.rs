//! The screens as a browser gets them, and what holds for each of their files.

mod words;

use super::{FILES, PAGES, POLICY, STILLS, content_type, path};
use crate::router::router;
use crate::router::tests::offline;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response};
use flate2::write::GzDecoder;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use tower::ServiceExt;

const ANSWER_BYTES_MAX: usize = 1_000_000;
/// What the first visit of a page may load in all.
const PAGE_BYTES_MAX: usize = 100 * 1024;

async fn ask(method: Method, path: &str, known: Option<&str>) -> Response<Body> {
    let known = known.map(|tag| ("if-none-match", tag));
    ask_with(method, path, known.as_slice()).await
}

async fn ask_with(method: Method, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path.replace("{id}", "7"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    router(offline().await).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn body(response: Response<Body>) -> Vec<u8> {
    to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap().to_vec()
}

#[tokio::test]
async fn each_file_is_served_as_what_it_is_and_known_again() {
    let pages = PAGES.iter().map(|(path, file, text)| ((*path).to_owned(), *file, *text));
    let files = FILES.iter().map(|(file, text)| (path(file), *file, *text));
    for (path, file, text) in pages.chain(files) {
        let answer = ask(Method::GET, &path, None).await;
        let headers = answer.headers().clone();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(headers["content-type"], content_type(file), "{path}");
        assert_ne!(headers["content-type"], "application/octet-stream", "{path}");
        assert_eq!(headers["content-security-policy"], POLICY, "{path}");
        assert_eq!(headers["cache-control"], "no-cache", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(body(answer).await == text.as_bytes(), "{path}");
        let tag = headers["etag"].to_str().unwrap();
        let again = ask(Method::GET, &path, Some(tag)).await;
        assert_eq!((again.status().as_u16(), body(again).await.len()), (304, 0), "{path}");
        let head = ask(Method::HEAD, &path, None).await;
        assert_eq!((head.status().as_u16(), &head.headers()["etag"]), (200, &headers["etag"]));
        assert!(body(head).await.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn who_understands_gzip_gets_that_and_nobody_else() {
    let (_, _, text) = PAGES[0];
    let plain = ask(Method::GET, "/", None).await.headers()["etag"].clone();
    for understood in ["gzip", "deflate, gzip;q=0.5, br", "br,GZIP"] {
        let answer = ask_with(Method::GET, "/", &[("accept-encoding", understood)]).await;
        let headers = answer.headers().clone();
        assert_eq!(headers["content-encoding"], "gzip", "{understood}");
        assert_eq!(headers["vary"], "accept-encoding", "{understood}");
        assert_ne!(headers["etag"], plain, "{understood}: two bodies have one tag");
        let mut decoder = GzDecoder::new(Vec::new());
        decoder.write_all(&body(answer).await).unwrap();
        assert!(decoder.finish().unwrap() == text.as_bytes(), "{understood}");
        let tag = headers["etag"].to_str().unwrap();
        let known = [("accept-encoding", understood), ("if-none-match", tag)];
        assert_eq!(ask_with(Method::GET, "/", &known).await.status(), 304, "{understood}");
    }
    for other in ["", "br", "identity", "gzip;q=0", "gzip;q=none", "x-gzip-not"] {
        let answer = ask_with(Method::GET, "/", &[("accept-encoding", other)]).await;
        assert!(answer.headers().get("content-encoding").is_none(), "{other}");
        assert_eq!(answer.headers()["vary"], "accept-encoding", "{other}");
        assert!(body(answer).await == text.as_bytes(), "{other}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_as_everywhere() {
    for path in ["/web/none.js", "/images/none.svg", "/web/", "/web/../Cargo.toml", "/kitchen/x"] {
        let answer = ask(Method::GET, path, None).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
    }
    assert_eq!(ask(Method::POST, "/", None).await.status(), 405);
}

#[test]
fn every_file_of_the_folder_is_in_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let mut found = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert!(found.remove("README.md"));
    let pages = PAGES.iter().map(|(_, file, _)| (*file).to_owned());
    let known: BTreeSet<String> =
        pages.chain(FILES.iter().map(|(file, _)| (*file).to_owned())).collect();
    assert_eq!(found, known);
    assert_eq!(STILLS.len(), known.len());
}

/// The text of a file.
fn text(file: &str) -> &'static str {
    let page = PAGES.iter().find(|(_, name, _)| *name == file).map(|(_, _, text)| *text);
    let other = || FILES.iter().find(|(name, _)| *name == file).map(|(_, text)| *text);
    page.or_else(other).unwrap_or_else(|| panic!("there is no {file}"))
}

/// What stands between `before` and `after`, wherever it does.
fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| Some(rest.split_once(after)?.0))
}

/// What a page loads at once: its files, and all that its modules import. Words come besides.
fn graph(page: &str) -> BTreeSet<String> {
    walk(page, &["from \"", "import \""])
}

/// The same with what is loaded when it is needed.
fn graph_in_the_end(page: &str) -> BTreeSet<String> {
    walk(page, &["from \"", "import \"", "import(\""])
}

fn walk(page: &str, imports: &[&str]) -> BTreeSet<String> {
    let html = text(page);
    let named = between(html, "src=\"", "\"").chain(between(html, "href=\"", "\""));
    let named = named.filter(|path| path.starts_with("/web/") || path.starts_with("/images/"));
    let file = |path: &str| path.trim_start_matches("/web/").trim_start_matches('/').to_owned();
    let mut todo: Vec<String> = named.map(file).collect();
    let mut seen = BTreeSet::from([page.to_owned()]);
    while let Some(file) = todo.pop() {
        if seen.insert(file.clone()) && file.ends_with(".js") {
            let found = imports.iter().flat_map(|before| between(text(&file), before, "\""));
            todo.extend(found.map(|import| beside(&file, import)));
        }
    }
    seen
}

/// Where an import leads to from a file.
fn beside(file: &str, import: &str) -> String {
    assert!(import.starts_with('.'), "{file}: {import}");
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in import.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[test]
fn no_page_loads_more_than_it_may() {
    let pictures: usize = FILES
        .iter()
        .filter(|(file, _)| file.starts_with("images/"))
        .map(|(_, text)| text.len())
        .sum();
    for (_, page, _) in PAGES {
        let name = page.trim_end_matches(".html");
        let files: usize = graph(page).iter().map(|file| text(file).len()).sum();
        let words = |language: &str| {
            ["shared", name]
                .map(|part| text(&format!("js/text/{language}/{part}.js")).len())
                .iter()
                .sum()
        };
        let words: usize = words::languages().iter().map(|language| words(language)).max().unwrap();
        let shows_products =
            graph(page).iter().any(|file| text(file).contains("/images/product.svg"));
        let bytes = files + words + if shows_products { pictures } else { 0 };
        assert!(bytes <= PAGE_BYTES_MAX, "{page} loads {bytes} bytes");
    }
}

#[test]
fn no_file_has_markup_from_text_or_anything_from_outside() {
    let forbidden = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "createPolicy",
        "javascript:",
        "<style",
        " style=\"",
        "@import",
        "http://",
        "https://",
    ];
    let pages = PAGES.iter().map(|(_, file, text)| (*file, *text));
    for (file, text) in pages.chain(FILES.iter().copied()) {
        let text = text.replace("http://www.w3.org/2000/svg", "");
        for word in forbidden {
            assert!(!text.contains(word), "{file}: {word}");
        }
        if file.ends_with(".js") {
            assert!(text.lines().count() <= 250, "{file} is too long");
            continue;
        }
        for tag in between(&text, "<", ">").filter(|_| !file.ends_with(".css")) {
            assert!(!tag.contains(" on"), "{file}: {tag}");
            assert!(!tag.starts_with("script") || tag.contains(" src=\"/web/"), "{file}: {tag}");
        }
    }
}
