//! Files come in through every importer, or are refused with a reason.

use reqwest::Method;
use reqwest::Response;
use store::testing::block_on;

use crate::bench::{Bench, problem};

async fn send(bench: &Bench, importer: &str, bytes: Vec<u8>) -> Response {
    let path = format!("/api/v1/import/{importer}?name=file.csv");
    bench.request(Method::POST, &path).body(bytes).send().await.unwrap()
}

#[test]
fn rubbish_is_refused_or_quarantined_and_never_an_outage() {
    block_on(async {
        let bench = Bench::new().await;
        let registry = bench.app.executor.registry();
        for importer in server::import::importers(registry) {
            for bytes in [&b""[..], b"\xff\xfe\x00", b"a,b\n1,2\n", b"{\"a\": [", b"\x1f\x8bxx"] {
                let response = send(&bench, importer.name(), bytes.to_vec()).await;
                let status = response.status().as_u16();
                let text = response.text().await.unwrap();
                assert!(status == 200 || status == 422, "{}: {status} {text}", importer.name());
            }
        }
    });
}

#[test]
fn a_file_may_come_as_a_form_and_must_not_be_too_large() {
    block_on(async {
        let bench = Bench::with(|it| it.import_limit = 1_000).await;
        let Some(importer) = server::import::importers(bench.app.executor.registry()).next() else {
            return;
        };
        let large = send(&bench, importer.name(), vec![b'a'; 1_001]).await;
        assert_eq!(problem(large).await["status"], 413);
        let unknown = send(&bench, &format!("{}s", importer.name()), b"a".to_vec()).await;
        assert_eq!(problem(unknown).await["nearest"], importer.name());
        let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n\
                    a,b\r\n--x--\r\n";
        let asked = bench
            .request(Method::POST, &format!("/api/v1/import/{}", importer.name()))
            .header("content-type", "multipart/form-data; boundary=x")
            .body(form);
        let status = asked.send().await.unwrap().status().as_u16();
        assert!(status == 200 || status == 422, "{status}");
        let key = bench.key(bench.tenant.id(), &["library:read"]).await;
        let path = format!("/api/v1/import/{}", importer.name());
        let asked = bench.request(Method::POST, &path).bearer_auth(&key).body("a,b");
        assert_eq!(problem(asked.send().await.unwrap()).await["status"], 403);
    });
}
