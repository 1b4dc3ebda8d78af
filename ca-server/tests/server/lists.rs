//! Published lists: media types, cache headers, conditional GET.

use axum::body::Body;
use axum::http::Request;
use ca_core::store::conformance::samples;
use ca_core::store::{CaId, ListId, PublishedList, Shard};
use ca_core::{Part, UnixTime};

use super::common::{Answer, Site};

/// 2026-11-22T13:00:00Z.
const THIS_UPDATE: UnixTime = UnixTime::from_secs(1_795_352_400);

/// An hour after the lists were published, a day before they expire.
fn site() -> Site {
    let site = Site::at(THIS_UPDATE.plus_secs(3_600));
    for list in [ListId::Crl(CaId::new("of-a-test").unwrap()), ListId::Bci("Te st".to_owned())] {
        site.authority.store().record_list(&published(list, 7), &samples::acting()).unwrap();
    }
    site
}

fn published(list: ListId, number: u64) -> PublishedList {
    PublishedList {
        list,
        number,
        der: b"list".to_vec().into(),
        this_update: THIS_UPDATE,
        next_update: THIS_UPDATE.plus_secs(3_600 + 86_400),
    }
}

async fn conditional(site: &Site, name: &str, value: &str) -> Answer {
    let request = Request::get("/crl/of-a-test.crl").header(name, value).body(Body::empty());
    site.send(request.unwrap()).await
}

#[tokio::test]
async fn a_list_is_served_with_its_media_type_and_until_its_next_update() {
    let site = site();
    for (path, media_type) in [
        ("/crl/of-a-test.crl", "application/pkix-crl"),
        ("/bci/Te%20st.der", "application/x-setca-bci"),
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(&answer.body[..], b"list");
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(
            answer.header("cache-control"),
            "max-age=86399, public, no-transform, must-revalidate"
        );
        assert_eq!(answer.header("last-modified"), "Sun, 22 Nov 2026 13:00:00 GMT");
        assert_eq!(answer.header("expires"), "Mon, 23 Nov 2026 14:00:00 GMT");
    }
}

#[tokio::test]
async fn deltas_and_shards_have_paths_of_their_own() {
    let site = site();
    let ca = CaId::new("of-a-test").unwrap();
    let shard = |index| ListId::Shard { ca: ca.clone(), shard: Shard { of: 16, index } };
    let lists = [
        (ListId::Delta(ca.clone()), "/crl/of-a-test/delta.crl"),
        (shard(0), "/crl/of-a-test/16-0.crl"),
        (shard(15), "/crl/of-a-test/16-15.crl"),
    ];
    for (list, path) in &lists {
        let der = path.as_bytes().to_vec().into();
        let list = PublishedList { der, ..published(list.clone(), 3) };
        site.authority.store().record_list(&list, &samples::acting()).unwrap();
    }
    for (_, path) in lists {
        let answer = site.get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, path.as_bytes()));
        assert_eq!(answer.header("content-type"), "application/pkix-crl");
    }
    for unknown in ["16-1.crl", "016-0.crl", "16-16.crl", "16-0", "delta", "base.crl", ".crl"] {
        assert_eq!(site.get(&format!("/crl/of-a-test/{unknown}")).await.status, 404, "{unknown}");
    }
    assert_eq!(site.get("/crl/another/delta.crl").await.status, 404);
}

#[tokio::test]
async fn a_client_that_has_the_list_is_told_so() {
    let site = site();
    let tag = site.get("/crl/of-a-test.crl").await.header("etag").to_owned();
    for (name, value) in [
        ("if-none-match", tag.clone()),
        ("if-none-match", format!("\"other\", W/{tag}")),
        ("if-none-match", "*".to_owned()),
        ("if-modified-since", "Sun, 22 Nov 2026 13:00:00 GMT".to_owned()),
    ] {
        let answer = conditional(&site, name, &value).await;
        assert_eq!(answer.status, 304, "{name}: {value}");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), tag);
    }
}

#[tokio::test]
async fn a_client_that_has_another_list_gets_this_one() {
    let site = site();
    for (name, value) in [
        ("if-none-match", "\"other\""),
        ("if-modified-since", "Sun, 22 Nov 2026 12:59:59 GMT"),
        ("if-modified-since", "yesterday"),
    ] {
        assert_eq!(conditional(&site, name, value).await.status, 200, "{name}: {value}");
    }
    // If-None-Match decides alone (RFC 9110 §13.2.2).
    let request = Request::get("/crl/of-a-test.crl")
        .header("if-none-match", "\"other\"")
        .header("if-modified-since", "Sun, 22 Nov 2026 13:00:00 GMT")
        .body(Body::empty());
    assert_eq!(site.send(request.unwrap()).await.status, 200);
}

#[tokio::test]
async fn the_next_list_has_another_tag() {
    let site = site();
    let tag = site.get("/crl/of-a-test.crl").await.header("etag").to_owned();
    let next = published(ListId::Crl(CaId::new("of-a-test").unwrap()), 8);
    site.authority.store().record_list(&next, &samples::acting()).unwrap();
    assert_eq!(conditional(&site, "if-none-match", &tag).await.status, 200);
}

#[tokio::test]
async fn a_list_in_parts_is_sent_whole_and_with_its_length() {
    let site = site();
    let parts = ["one ", "two ", "three"].map(|part| Part::from(part.as_bytes().to_vec()));
    let list = published(ListId::Crl(CaId::new("of-a-test").unwrap()), 8);
    let list = PublishedList { der: parts.into_iter().collect(), ..list };
    site.authority.store().record_list(&list, &samples::acting()).unwrap();
    let answer = site.get("/crl/of-a-test.crl").await;
    assert_eq!(&answer.body[..], b"one two three");
    assert_eq!(answer.header("content-length"), "13");
}

#[tokio::test]
async fn a_list_that_was_never_published_is_404() {
    let site = site();
    for path in ["/crl/nobody.crl", "/crl/of-a-test", "/bci/nobody.der", "/bci/Te%20st"] {
        assert_eq!(site.get(path).await.problem().0, 404, "{path}");
    }
}
