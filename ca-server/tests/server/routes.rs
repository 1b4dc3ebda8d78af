//! Media types, sizes, methods and the shape of errors, route by route.

use axum::body::Body;
use axum::http::Request;
use ca_core::UnixTime;

use super::common::Site;

const SET: &str = "application/set-registration";
const OCSP: &str = "application/ocsp-request";

fn site() -> Site {
    Site::at(UnixTime::from_secs(1_800_000_000))
}

#[tokio::test]
async fn a_path_that_is_not_there_is_a_problem_document() {
    assert_eq!(site().get("/nothing").await.problem(), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_405_with_allow() {
    let answer = site().get("/set").await;
    assert_eq!(answer.problem(), (405, "method-not-allowed".to_owned()));
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn set_and_ocsp_take_their_own_media_type_only() {
    let site = site();
    for path in ["/set", "/ocsp"] {
        for media_type in ["text/plain", "application/set-payment", ""] {
            let answer = site.post(path, media_type, vec![0x30, 0]).await;
            assert_eq!(answer.problem(), (415, "unsupported-media-type".to_owned()), "{path}");
        }
    }
}

#[tokio::test]
async fn a_media_type_compares_without_case_and_parameters() {
    let answer = site().post("/set", "Application/SET-Registration; x=1", vec![0x30, 0]).await;
    assert!(answer.status.is_success());
}

#[tokio::test]
async fn an_empty_set_message_is_400() {
    let answer = site().post("/set", SET, Vec::new()).await;
    assert_eq!(answer.problem(), (400, "empty-body".to_owned()));
}

#[tokio::test]
async fn a_body_above_the_limit_is_413_whether_announced_or_not() {
    let site = site();
    for (path, media_type, limit) in [("/set", SET, 256 * 1024), ("/ocsp", OCSP, 64 * 1024)] {
        let fits = site.post(path, media_type, vec![0; limit]).await;
        assert!(fits.status.is_success(), "{path}");
        let too_large = (413, "body-too-large".to_owned());
        // A body made in memory has no Content-Length header until it meets a connection.
        let counted = site.post(path, media_type, vec![0; limit + 1]).await;
        assert_eq!(counted.problem(), too_large, "{path}");
        let announced = Request::post(path)
            .header("content-type", media_type)
            .header("content-length", limit + 1)
            .body(Body::empty());
        assert_eq!(site.send(announced.unwrap()).await.problem(), too_large, "{path}");
    }
}

#[tokio::test]
async fn octets_that_are_no_set_message_have_an_answer_that_is_not_stored() {
    let site = site();
    for octets in [vec![0x30], vec![0xff; 1000], b"GET / HTTP/1.0".to_vec()] {
        let answer = site.post("/set", SET, octets).await;
        assert!(answer.status.is_success());
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn ocsp_answers_what_it_cannot_read_in_ocsp() {
    let site = site();
    let encoded = ["/ocsp/not%20base64!", "/ocsp/%FF%FE", "/ocsp/MAA%3D", "/ocsp/MA/+//8="];
    for path in encoded {
        let answer = site.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "application/ocsp-response");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let posted = site.post("/ocsp", OCSP, Vec::new()).await;
    assert_eq!(posted.status, 200);
    assert_eq!(posted.header("content-type"), "application/ocsp-response");
}

#[tokio::test]
async fn the_root_is_among_the_cas_and_its_certificate_is_served() {
    let site = site();
    let cas: serde_json::Value = serde_json::from_slice(&site.get("/v1/cas").await.body).unwrap();
    let root = &cas["cas"][0];
    assert_eq!(root["superior"], serde_json::Value::Null);
    assert_eq!(root["roles"], serde_json::json!(["rca"]));

    let id = root["id"].as_str().unwrap();
    let one = site.get(&format!("/v1/cas/{id}")).await;
    assert_eq!(&serde_json::from_slice::<serde_json::Value>(&one.body).unwrap(), root);

    let certificate = site.get(root["certificate"].as_str().unwrap()).await;
    assert_eq!(certificate.header("content-type"), "application/pkix-cert");
    let recorded = &site.authority.cas().unwrap()[0].certificates[0].der;
    assert_eq!(certificate.body, recorded);
}

#[tokio::test]
async fn an_unknown_ca_is_404() {
    let site = site();
    for path in ["/ca/nobody.cer", "/ca/root", "/ca/..%2Froot.cer", "/v1/cas/nobody"] {
        assert_eq!(site.get(path).await.problem().0, 404, "{path}");
    }
}

#[tokio::test]
async fn brands_and_health_are_json() {
    let site = site();
    for path in ["/v1/brands", "/healthz", "/readyz"] {
        let answer = site.get(path).await;
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
    }
}

#[tokio::test]
async fn a_request_id_comes_back() {
    let request = Request::get("/healthz").header("x-request-id", "abc").body(Body::empty());
    assert_eq!(site().send(request.unwrap()).await.header("x-request-id"), "abc");
}
