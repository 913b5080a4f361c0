//! The second door: user name and password.

use sugar_oauth::{ErrorKind, Password, Step};

use crate::cases;
use crate::target::Target;

cases![
    login_by_digest,
    login_plain,
    a_wrong_password,
    a_login_session_is_renewed
];

async fn login_by_digest(target: Target) {
    let client = target.builder().build();
    let session = client.login(&target.user_name, target.password()).await.unwrap();
    assert!(!session.get_user_id().await.unwrap().is_empty());
    session.logout().await.unwrap();
}

async fn login_plain(target: Target) {
    let client = target.builder().build();
    let session = client.login_plain(&target.user_name, target.password()).await.unwrap();
    assert!(!session.get_user_id().await.unwrap().is_empty());
    session.logout().await.unwrap();
}

async fn a_wrong_password(target: Target) {
    let wrong = "not-the-password-of-anyone";
    let error = target
        .builder()
        .build()
        .login(&target.user_name, Password::new(wrong))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Api, Some(Step::Login)),
        "{error}"
    );
    assert_eq!(error.api().unwrap().number, 10);
    assert!(!error.to_string().contains(wrong));
}

async fn a_login_session_is_renewed(target: Target) {
    let client = target.builder().build();
    let session = client.login(&target.user_name, target.password()).await.unwrap();
    let first = session.id();
    client.session(first.clone()).unwrap().logout().await.unwrap();
    assert!(!session.get_user_id().await.unwrap().is_empty());
    assert_ne!(session.id(), first);
    session.logout().await.unwrap();
}
