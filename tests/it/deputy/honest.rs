//! What the honest services do, end to end.

use tenancy_core::RequestId;
use tenancy_testkit::ServiceKey;

use super::platform::Platform;

#[tokio::test]
async fn a_user_s_request_reaches_the_second_service_as_the_user_s() {
    for key in [ServiceKey::es256, ServiceKey::ed25519] {
        let platform = Platform::start(key).await;
        for (tenant, subject) in [(&platform.acme, "alice"), (&platform.globex, "bob")] {
            let id = RequestId::new();
            let call = platform
                .client
                .post(format!("{}/trips/comments", platform.trips))
                .bearer_auth(platform.token(tenant, subject))
                .header("x-request-id", id.to_string())
                .header("x-tenant-id", tenant.slug.as_str());
            let response = call.send().await.unwrap();
            assert_eq!(response.status(), 200);
            let json: serde_json::Value = response.json().await.unwrap();
            assert_eq!(json["status"], 200, "{json}");
            let expect = serde_json::json!({
                "tenant": tenant.slug, "actor": subject, "via": "trips", "request": id,
            });
            assert_eq!(json["answer"], expect);
        }
        let wire = platform.wire.lock().unwrap().clone();
        for head in &wire {
            assert!(!head.headers.contains_key("x-tenant-id"));
            assert!(head.headers.contains_key("traceparent"));
        }
    }
}
