//! Addresses as people write them, and what is kept quiet of them.

use super::*;

fn address(text: &str, clear: InTheClear) -> Result<Address, AddressError> {
    Address::new(&Wire::new(None).unwrap(), "hook", &text.into(), clear)
}

#[test]
fn nothing_travels_readable_to_another_machine_unless_it_is_allowed() {
    for (text, refused) in [
        ("https://example.org/m4rker-m4rker", ""),
        ("http://127.0.0.1:80/m4rker-m4rker", ""),
        ("http://[::1]/m4rker-m4rker", ""),
        ("http://localhost/m4rker-m4rker", ""),
        ("http://192.168.1.2/m4rker-m4rker", "readable over the network to 192.168.1.2"),
        ("http://localhost.example.org/m4rker-m4rker", "readable over the network to localhost.example.org"),
        ("ftp://example.org/m4rker-m4rker", "ftp:// is not spoken"),
        ("https://a:m4rker-m4rker@example.org/", "holds a name or a password"),
        ("m4rker-m4rker", "is no address"),
    ] {
        match address(text, InTheClear::Refused) {
            Ok(address) => {
                assert_eq!(refused, "", "{text}");
                assert!(!format!("{address:?} {}", address.place()).contains("m4rker"), "{address:?}");
            }
            Err(error) => {
                assert!(!refused.is_empty() && error.to_string().contains(refused), "{error}");
                assert!(!error.to_string().contains("m4rker"), "{error}");
            }
        }
    }
    assert!(address("http://192.168.1.2/", InTheClear::Allowed).is_ok());
}

#[test]
fn what_is_added_to_a_path_is_one_part_of_it() {
    let address = address("https://example.org/base/?a=1", InTheClear::Refused).unwrap();
    let below = address.below(&["!room/x:home", "a?b#c"]);
    assert_eq!(below.url.as_str(), "https://example.org/base/!room%2Fx:home/a%3Fb%23c?a=1");
}

#[test]
fn a_header_that_is_none_is_refused_and_not_shown() {
    let address = address("https://example.org/", InTheClear::Refused).unwrap();
    let error = address.header("X-Token", &"m4rker\r\nBcc: x".into()).unwrap_err();
    assert_eq!(error.to_string(), "the header X-Token holds what no header can");
}
