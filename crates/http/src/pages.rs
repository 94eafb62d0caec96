//! The web pages, embedded in the program. `make pages` bundles them from their sources in `pages/src/`.

use std::collections::BTreeMap;
use std::io;
use std::sync::{LazyLock, OnceLock};

use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, ETag, Encoding, EntityTag, Header, HeaderName,
    HeaderValue, IfNoneMatch,
};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::edge::unsent_bodies::SharedBy;
use crate::route::{Route, get};
use crate::wire::error::ApiError;
use crate::wire::gzip::gzip_at;

pub(crate) mod docs;

#[derive(RustEmbed)]
#[folder = "pages/bundle/"]
struct Files;

/// The page that loads all others.
const INDEX: &str = "index.html";
/// Only our own files and our own API, and no other site may embed our pages (CSP level 3). The styles in the page are
/// named by their digest. A picture may be in the page itself, as its icon is: it loads nothing.
fn policy(styles: &str) -> String {
    let digest = STANDARD.encode(Sha256::digest(styles));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'sha256-{digest}'; img-src 'self' data:; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// What is between `<style>` and `</style>`.
fn styles(page: &str) -> &str {
    let rest = page.split_once("<style>").map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split_once("</style>")).map_or("", |(styles, _)| styles)
}

/// The policy of a file that is no page. A script is no document, so it has none.
fn policy_of_file(name: &str) -> &'static str {
    if name.ends_with(".js") { "" } else { "default-src 'none'" }
}
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// The pages and their files.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/", page).undocumented(),
        get("/pages/{page:.*}", page).undocumented(),
        get("/assets/{version}/{name}", asset).undocumented(),
        get("/door-worker.js", door_worker).undocumented(),
        get("/door.webmanifest", door_manifest).undocumented(),
    ]
}

async fn page(req: HttpRequest, index: Data<Index>) -> HttpResponse {
    index.answer(&req)
}

/// The page that loads all others, with the settings that scripts need.
pub(crate) struct Index {
    time_zone: String,
    page: OnceLock<Asset>,
}

impl Index {
    /// The page of a service in this time zone, by its IANA name.
    pub(crate) fn new(time_zone: &str) -> Self {
        Self { time_zone: time_zone.to_owned(), page: OnceLock::new() }
    }

    /// The page in the coding that the request accepts.
    pub(crate) fn answer(&self, req: &HttpRequest) -> HttpResponse {
        self.page().answer(req, "no-cache")
    }

    fn page(&self) -> &Asset {
        let page = || {
            let text = String::from_utf8_lossy(&ASSETS.index);
            let text = text.replace("{timeZone}", &self.time_zone);
            let policy = policy(styles(&text));
            Asset::new(INDEX, text.into_bytes(), &policy)
        };
        self.page.get_or_init(page)
    }
}

/// A file of this version may be cached without limit. A page of an older version gets the current file.
async fn asset(req: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    let (version, name) = path.into_inner();
    let file = ASSETS.files.get(name.as_str()).ok_or(ApiError::RouteNotFound)?;
    let is_current = version == ASSETS.version;
    Ok(file
        .answer(&req, if is_current { "public, max-age=31536000, immutable" } else { "no-cache" }))
}

/// The service worker of the door. It is at the root because its scope lies below its address.
async fn door_worker(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    current(&req, "door-worker.js")
}

/// What the door is as an app that can be installed.
async fn door_manifest(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    current(&req, "door.webmanifest")
}

/// A file at an address of its own, which stays.
fn current(req: &HttpRequest, name: &str) -> Result<HttpResponse, ApiError> {
    let file = ASSETS.files.get(name).ok_or(ApiError::RouteNotFound)?;
    Ok(file.answer(req, "no-cache"))
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::embedded);

/// All files as they are sent.
struct Assets {
    /// The digest of all files, a part of the path of each.
    version: String,
    /// The page that loads all others, without the settings of this service.
    index: Vec<u8>,
    files: BTreeMap<String, Asset>,
}

/// One file, plain and compressed.
pub(crate) struct Asset {
    policy: HeaderValue,
    media_type: HeaderValue,
    tag: EntityTag,
    plain: Bytes,
    /// Made for the first client that accepts it.
    gzip: OnceLock<Option<Bytes>>,
    brotli: OnceLock<Option<Bytes>>,
}

impl Assets {
    fn embedded() -> Self {
        let found = Files::iter().filter_map(|name| Some((name.to_string(), Files::get(&name)?)));
        let files: BTreeMap<String, EmbeddedFile> = found.collect();
        let mut digest = Sha256::new();
        for (name, file) in &files {
            digest.update(name.as_bytes());
            digest.update(file.metadata.sha256_hash());
        }
        let version = short(&digest.finalize());
        let template = files.get(INDEX).map(|file| file.data.as_ref()).unwrap_or_default();
        let index = index(template, &version);
        let asset = |(name, file): (String, EmbeddedFile)| {
            let asset = Asset::new(&name, file.data.into(), policy_of_file(&name));
            (name, asset)
        };
        let files = files.into_iter().filter(|(name, _)| name != INDEX).map(asset).collect();
        Self { version, index, files }
    }
}

/// The page with the paths of this version in it.
fn index(template: &[u8], version: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(template);
    text.replace("{assets}", &format!("/assets/{version}")).into_bytes()
}

fn short(digest: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or_default())
}

impl Asset {
    /// A file whose responses have this `Content-Security-Policy`.
    pub(crate) fn new(name: &str, content: Vec<u8>, policy: &str) -> Self {
        let policy = HeaderValue::from_str(policy);
        Self {
            policy: policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
            media_type: HeaderValue::from_static(media_type(name)),
            tag: EntityTag::new_weak(short(&Sha256::digest(&content))),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            plain: content.into(),
        }
    }

    pub(crate) fn answer(&self, req: &HttpRequest, caching: &'static str) -> HttpResponse {
        let known = matches!(IfNoneMatch::parse(req), Ok(IfNoneMatch::Items(tags))
            if tags.iter().any(|tag| tag.weak_eq(&self.tag)));
        let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer
            .insert_header(ETag(self.tag.clone()))
            .insert_header((header::CACHE_CONTROL, caching))
            .insert_header((header::VARY, "accept-encoding"))
            .insert_header((header::CONTENT_TYPE, self.media_type.clone()))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        if !self.policy.is_empty() {
            answer
                .insert_header((header::CONTENT_SECURITY_POLICY, self.policy.clone()))
                .insert_header((header::REFERRER_POLICY, "same-origin"))
                .insert_header((OPENER_POLICY, "same-origin"));
        }
        if known {
            return answer.finish();
        }
        let mut answer = match self.packed(req) {
            Some((encoding, body)) => answer.insert_header(encoding).body(body),
            None => answer.body(self.plain.clone()),
        };
        answer.extensions_mut().insert(SharedBy::All);
        answer
    }

    fn packed(&self, req: &HttpRequest) -> Option<(ContentEncoding, Bytes)> {
        let accepted = AcceptEncoding::parse(req).ok()?;
        let offered = [ContentEncoding::Brotli, ContentEncoding::Gzip].map(Encoding::Known);
        let (encoding, body) = match accepted.negotiate(offered.iter())? {
            Encoding::Known(ContentEncoding::Brotli) => {
                (ContentEncoding::Brotli, self.brotli.get_or_init(|| brotli(&self.plain).ok()))
            }
            Encoding::Known(ContentEncoding::Gzip) => {
                (ContentEncoding::Gzip, self.gzip.get_or_init(|| gzip(&self.plain).ok()))
            }
            _ => return None,
        };
        Some((encoding, body.clone()?))
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn gzip(content: &[u8]) -> io::Result<Bytes> {
    Ok(gzip_at(content, Compression::best())?.into())
}

/// The longest file that is compressed as well as Brotli can, in bytes: 100 kB take 0.2 s, once.
const BEST_BYTES_MAX: usize = 128 * 1_024;

fn brotli(content: &[u8]) -> io::Result<Bytes> {
    let mut packed = Vec::new();
    let quality = if content.len() <= BEST_BYTES_MAX { 11 } else { 9 };
    let quality = BrotliEncoderParams { quality, ..BrotliEncoderParams::default() };
    brotli::BrotliCompress(&mut &*content, &mut packed, &quality)?;
    Ok(packed.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_the_page_names_is_there() {
        let index = Index::new("Europe/Berlin");
        let page = String::from_utf8_lossy(&index.page().plain).into_owned();
        assert!(page.contains("content=\"Europe/Berlin\""), "{page}");
        let assets = format!("/assets/{}/", ASSETS.version);
        let named: Vec<_> =
            page.split(&assets).skip(1).filter_map(|it| it.split('"').next()).collect();
        assert!(
            named.contains(&"chunk.js") && page.contains("href=\"data:image/svg+xml,"),
            "{page}"
        );
        for name in named {
            assert!(Files::get(name).is_some(), "{name}");
        }
        let styles = styles(&page);
        assert!(styles.len() > 1_000 && policy(styles).contains("style-src 'sha256-"));
        let others = page.replace(styles, "");
        assert!(!others.contains('{'), "every address is filled in: {others}");
    }

    /// The folder of the sources, which `make pages` bundles.
    const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pages/src");

    fn source(name: &str) -> String {
        std::fs::read_to_string(format!("{SOURCES}/{name}")).unwrap()
    }

    /// The names of all modules.
    fn modules() -> Vec<String> {
        let files = std::fs::read_dir(SOURCES).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        // A service worker is no module of the pages.
        let names = names.filter(|name| name != "door-worker.js");
        names.filter(|name| name.ends_with(".js") || name.ends_with(".jsx")).collect()
    }

    /// The keys of the texts in a file. Each has one line, with the text in English and in Korean.
    fn texts(file: &str) -> BTreeSet<String> {
        let source = source(file);
        let lines = source.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": ['"));
        let keys = lines.map(|(key, languages)| {
            let english_and_korean =
                languages.strip_suffix("'],").and_then(|it| it.split_once("', '"));
            assert!(english_and_korean.is_some(), "{file}: {key} needs two languages");
            key.trim_matches('\'').to_owned()
        });
        keys.collect()
    }

    /// Words in quotes that can only be keys of texts: `'room.save'` anywhere, and `'again'` in `t('again')`.
    fn keys(source: &str) -> impl Iterator<Item = &str> {
        let mut before = "";
        source.split('\'').filter(move |word| {
            let call = std::mem::replace(&mut before, word).strip_suffix("t(");
            let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
            let is_dotted = |(group, name): (&str, &str)| {
                group.starts_with(|c: char| c.is_ascii_lowercase())
                    && is_word(group)
                    && is_word(name)
            };
            word.split_once('.').is_some_and(is_dotted)
                || is_word(word)
                    && call.is_some_and(|call| call.ends_with([' ', '(', '[', ',', '.']))
        })
    }

    /// The scripts that are loaded when a page needs them, each with the texts that only its own modules use.
    const LATER: [(&str, &str); 11] = [
        ("booking-page.js", "booking-text.js"),
        ("concert-page.js", "concert-text.js"),
        ("desk-page.js", "desk-text.js"),
        ("door-page.js", "door-text.js"),
        ("editor-page.js", "editor-text.js"),
        ("managed-page.js", "managed-text.js"),
        ("own-page.js", "own-text.js"),
        ("planner-page.js", "planner-text.js"),
        ("room-page.js", "room-text.js"),
        ("sales-page.js", "sales-text.js"),
        ("seat-page.js", "seat-text.js"),
    ];

    #[test]
    fn each_text_of_a_page_exists_in_both_languages_and_is_loaded_with_it() {
        let all = texts("text.js");
        let later = LATER.map(|(start, file)| (modules_of(start), texts(file)));
        for name in modules().into_iter().filter(|name| !name.ends_with("text.js")) {
            let source = source(&name);
            for key in keys(&source) {
                let mut with_it = later.iter().filter(|(modules, _)| modules.contains(&name));
                let is_loaded = all.contains(key) || with_it.any(|(_, texts)| texts.contains(key));
                assert!(is_loaded, "{name}: no text {key} is loaded with it");
            }
        }
    }

    /// The modules that only a later script imports: those that it leads to and `app.jsx` does not.
    fn modules_of(start: &str) -> BTreeSet<String> {
        let [later, of_all] = [start, "app.jsx"].map(reached);
        later.difference(&of_all).cloned().collect()
    }

    /// The modules that a module imports, and theirs. An `import()` waits until it is called, and another script has its own.
    fn reached(start: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut todo = vec![start.to_owned()];
        while let Some(name) = todo.pop() {
            if found.insert(name.clone()) {
                let source = source(&name);
                let imports =
                    source.split("from './").skip(1).chain(source.split("import './").skip(1));
                let named = imports.filter_map(|rest| rest.split('\'').next());
                let own = named.filter(|name| !name.ends_with("-page.js"));
                todo.extend(own.map(str::to_owned));
            }
        }
        found
    }

    #[test]
    fn each_page_is_looked_at_in_a_browser() {
        let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/browser/pages.spec.js");
        let tests = std::fs::read_to_string(tests).unwrap();
        let visits =
            tests.split(".goto(").skip(1).filter_map(|rest| rest.split([')', '?', '#']).next());
        let mut visited: BTreeSet<_> =
            visits.map(|address| shape(address.trim_matches(['\'', '`']))).collect();
        // A payment leads to it.
        visited.insert("/pages/reservations/{}".to_owned());
        let app = source("app.jsx");
        let pages = app.lines().filter_map(|line| line.strip_prefix("  ['/")?.split_once("', "));
        let pages: Vec<_> =
            pages.map(|(page, _)| format!("/{}", page.replace("{id}", "{}"))).collect();
        assert!(pages.len() > 10, "{pages:?}");
        for page in pages {
            assert!(visited.contains(&page), "pages.spec.js does not look at {page}");
        }
    }

    /// An address with `{}` in the place of each id.
    fn shape(address: &str) -> String {
        let mut parts = address.split("${");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |shape, part| shape + "{}" + part.split_once('}').map_or("", |it| it.1))
    }
}
