//! One call with a session, beside the same POST through the HTTP library alone, each on one open connection.

use criterion::{Criterion, criterion_group, criterion_main};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::signing::Parameters;
use sugar_oauth::{Client, GetUserId, Instance, Password, Transport};
use tokio::runtime::Runtime;

fn call(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let (sandbox, session) = runtime.block_on(async {
        let sandbox = Sandbox::start().await.expect("a practice instance");
        let transport = Transport::builder().no_proxy().build();
        let instance = Instance::parse(sandbox.url()).expect("a site");
        let client = Client::builder(instance).transport(&transport).build();
        let password = Password::new(sandbox.password());
        let session = client.login(sandbox.user_name(), password).await.expect("a session");
        (sandbox, session)
    });
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("an HTTP client");
    let url = format!("{}/service/v4_1/rest.php", sandbox.url());
    let form = Parameters::new()
        .with("method", "get_user_id")
        .with("input_type", "JSON")
        .with("request_type", "JSON")
        .with("response_type", "JSON")
        .with("rest_data", format!("{{\"session\":\"{}\"}}", session.id().expose()))
        .to_form();

    let mut group = criterion.benchmark_group("call");
    group.bench_function("sugar-oauth", |bencher| {
        bencher
            .to_async(&runtime)
            .iter(|| async { session.call(&GetUserId).await.expect("an id") });
    });
    group.bench_function("reqwest", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let request = http
                .post(&url)
                .header("content-type", "application/x-www-form-urlencoded");
            let answer = request.body(form.clone()).send().await.expect("an answer");
            serde_json::from_slice::<String>(&answer.bytes().await.expect("a body")).expect("an id")
        });
    });
    group.finish();
}

criterion_group!(benches, call);
criterion_main!(benches);
