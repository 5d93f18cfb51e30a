use super::*;
use proptest::prelude::*;

#[test]
fn secrets_are_masked_and_the_rest_stays() {
    let cases = [
        ("password=hunter2 rest", "password=*** rest"),
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=***"),
        ("password: correct horse battery", "password: ***"),
        ("passphrase = \"correct horse\" ok", "passphrase = \"***\" ok"),
        ("{\"user\":\"joe\",\"api_key\":\"abc\\\"def\",\"n\":1}", "{\"user\":\"joe\",\"api_key\":\"***\",\"n\":1}"),
        ("{\\\"token\\\":\\\"abc\\\"}", "{\\\"token\\\":\\\"***\\\"}"),
        ("accessToken => 'abc', id => 7", "accessToken => '***', id => 7"),
        ("x-auth-token: abc def", "x-auth-token: *** def"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("sent Bearer abc.def-ghi to x", "sent Bearer *** to x"),
        ("Authorization: Basic dXNlcjpwYXNz, Host: a", "Authorization: ***, Host: a"),
        ("Set-Cookie: a=b; Path=/", "Set-Cookie: ***"),
        ("GET /?user=joe&token=abc&x=1", "GET /?user=joe&token=***&x=1"),
        ("postgres://joe:hunter2@db.example/x", "postgres://***@db.example/x"),
        ("amqp://joe:a@b@mq:5672 and http://h/?a@b", "amqp://***@mq:5672 and http://h/?a@b"),
        ("borg --password hunter2 list", "borg --password *** list"),
        ("borg --password --list", "borg --password --list"),
        ("secret key 0123456789abcdef0123 used", "secret key *** used"),
        ("private_key=0123456789abcdef", "private_key=***"),
        ("token ghp_0123456789abcdefghij", "token ***"),
        ("using ghp_0123456789abcdefghij now", "using *** now"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc/+= ok", "got *** ok"),
        ("AKIAIOSFODNN7EXAMPLE denied", "*** denied"),
        ("MYSQL_PWD='it''s'", "MYSQL_PWD='***''s'"),
    ];
    for (text, expected) in cases {
        assert_eq!(line(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_secret_stays_as_it_is() {
    for text in [
        "Failed password for root from 192.0.2.1 port 22 ssh2",
        "FATAL: password authentication failed for user \"joe\"",
        "token expired",
        "key=7 primary_key=9 keys: a, b",
        "monkey=1 author=joe compass=north tokenizer=fast passenger=2",
        "http://example.org/a@b?c=d",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "Basic configuration loaded",
        "session opened for user root(uid=0)",
        "-----BEGIN CERTIFICATE-----",
        "sk-1",
        "",
    ] {
        assert_eq!(line(text), text);
    }
}

#[test]
fn a_private_key_is_masked_to_its_end() {
    let mut mask = Mask::default();
    let lines = ["key: -----BEGIN RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEA", "-----END RSA PRIVATE KEY-----", "done"];
    let masked: Vec<_> = lines.iter().filter_map(|text| mask.line(text)).collect();
    assert_eq!(masked, ["key: ***", "done"]);
    assert_eq!(mask.line("-----BEGIN PRIVATE KEY----- MIIE -----END PRIVATE KEY-----").as_deref(), Some("***"));
    assert_eq!(mask.line("a").as_deref(), Some("a"));
    mask.line("-----BEGIN OPENSSH PRIVATE KEY-----");
    assert_eq!(mask.line("a"), None);
    mask.end();
    assert_eq!(mask.line("a").as_deref(), Some("a"), "the next message");
}

proptest! {
    #[test]
    fn no_text_panics(text in "((password|token|api_key|Bearer|://|@|=|:|--|\"|'|\\\\|ä| |-----BEGIN |PRIVATE KEY)|[a-z0-9 ]{0,5}){0,20}") {
        let _ = line(&text);
    }

    #[test]
    fn an_announced_secret_never_passes(
        name in "(DB_)?(password|PASSWORD|apiKey|api-key|auth_token|secret|passphrase)",
        sign in "(=|: |\": \"|='|=>| = )",
        secret in "[A-Za-z0-9+/_.-]{8,40}",
        before in "[a-z ]{0,10} ",
    ) {
        let masked = line(&format!("{before}{name}{sign}{secret}"));
        prop_assert!(!masked.contains(&secret), "{masked}");
    }
}
