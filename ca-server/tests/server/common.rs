//! One data folder made for all tests, copied for each.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use ca_core::authority::{Authority, Clock};
use ca_core::{Suite, UnixTime};
use ca_server::data::{
    Folder, InitOrder, Institution, Opened, OperatorToken, PassphraseSource, Tokens,
};
use ca_server::http::{App, router};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) fn order() -> InitOrder {
    InitOrder {
        brands: vec!["Sample".to_owned()],
        geo: None,
        combined_ca: false,
        suite: Suite::Modern,
        policies_dir: None,
        base_url: "http://127.0.0.1:8080".to_owned(),
        test: false,
        passphrase: None,
    }
}

/// A data folder of the test's own, in `data` under the temporary folder.
pub(crate) fn data_folder() -> (TempDir, Folder) {
    static MADE: LazyLock<TempDir> = LazyLock::new(|| {
        let place = tempfile::tempdir().unwrap();
        Folder::at(&place.path().join("data")).create(&order(), &mut |_| ()).unwrap();
        place
    });
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    copy(&MADE.path().join("data"), &path);
    (place, Folder::at(&path))
}

pub(crate) fn open(folder: &Folder) -> Opened {
    Folder::at(folder.path()).open(&PassphraseSource::Usual, false).unwrap()
}

pub(crate) fn authority(folder: &Folder) -> Arc<Authority> {
    Arc::new(Authority::open(open(folder).parts).unwrap())
}

pub(crate) fn operator(folder: &Folder) -> Tokens {
    OperatorToken::from_file(&folder.operator_token_file()).unwrap().hash().into()
}

struct FixedClock(UnixTime);

impl Clock for FixedClock {
    fn now(&self) -> UnixTime {
        self.0
    }
}

/// The routes over a data folder at a fixed time.
pub(crate) struct Site {
    pub(crate) authority: Arc<Authority>,
    pub(crate) routes: Router,
    pub(crate) token: OperatorToken,
    _place: TempDir,
}

impl Site {
    pub(crate) fn at(now: UnixTime) -> Self {
        Self::with(now, Vec::new())
    }

    /// The same, for institutions, too.
    pub(crate) fn with(now: UnixTime, institutions: Vec<Institution>) -> Self {
        let (place, folder) = data_folder();
        let authority = authority(&folder);
        let token = OperatorToken::from_file(&folder.operator_token_file()).unwrap();
        let operator = Tokens::new(token.hash(), institutions);
        let clock = Arc::new(FixedClock(now));
        let (observed, responder) = (Arc::default(), Arc::default());
        let app = App { authority: authority.clone(), clock, operator, observed, responder };
        Self { authority, routes: router(app), token, _place: place }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: head.status, headers: head.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, media_type: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(path).header("content-type", media_type);
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and `code` of a problem document.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], self.status.as_u16());
        (self.status.as_u16(), problem["code"].as_str().unwrap().to_owned())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
