use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::decode_protobuf;

/// A tiny encoder: enough to write the messages that these tests read.
#[derive(Clone, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn int(mut self, number: u64, value: i64) -> Self {
        self.varint(number << 3);
        self.varint(value as u64);
        self
    }

    fn bytes(mut self, number: u64, bytes: &[u8]) -> Self {
        self.varint(number << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    fn text(self, number: u64, text: &str) -> Self {
        self.bytes(number, text.as_bytes())
    }

    fn message(self, number: u64, message: Message) -> Self {
        self.bytes(number, &message.0)
    }

    fn entry(self, number: u64, key: &str, value: &[u8]) -> Self {
        self.message(number, message().text(1, key).bytes(2, value))
    }
}

fn message() -> Message {
    Message::default()
}

fn named(name: &str) -> Message {
    // As clients write it: empty strings and the empty creationTimestamp are there.
    message().text(1, name).text(2, "").text(3, "prod").message(8, message())
}

fn body(api_version: &str, kind: &str, raw: Message) -> Vec<u8> {
    let unknown =
        message().message(1, message().text(1, api_version).text(2, kind)).message(2, raw).text(3, "").text(4, "");
    [b"k8s\0".as_slice(), &unknown.0].concat()
}

fn check(body: &[u8], expected: Expect) {
    let text = match decode_protobuf(body) {
        Ok(object) => serde_json::to_string_pretty(&object).unwrap(),
        Err(status) => format!("{} {}: {}", status.code, status.reason, status.message),
    };
    expected.assert_eq(&text);
}

fn secret() -> Vec<u8> {
    let secret =
        message().message(1, named("db")).entry(2, "password", b"hunter2").entry(2, "empty", b"").text(3, "Opaque");
    body("v1", "Secret", secret.int(5, 1))
}

#[test]
fn bytes_become_base64_and_absent_fields_are_what_go_prints() {
    check(
        &secret(),
        expect![[r#"
        {
          "apiVersion": "v1",
          "data": {
            "empty": "",
            "password": "aHVudGVyMg=="
          },
          "immutable": true,
          "kind": "Secret",
          "metadata": {
            "creationTimestamp": null,
            "name": "db",
            "namespace": "prod"
          },
          "type": "Opaque"
        }"#]],
    );
    check(
        &body("v1", "ServiceAccount", message().message(1, named("builder"))),
        expect![[r#"
        {
          "apiVersion": "v1",
          "kind": "ServiceAccount",
          "metadata": {
            "creationTimestamp": null,
            "name": "builder",
            "namespace": "prod"
          }
        }"#]],
    );
}

#[test]
fn structs_are_printed_although_empty_and_inlined_ones_are_not() {
    let volume =
        message().text(1, "config").message(2, message().message(19, message().message(1, message().text(1, "cm"))));
    let limits = message().entry(1, "cpu", &message().text(1, "250m").0);
    let container = message().text(1, "app").message(8, limits).message(6, message().int(3, 8080).text(4, "TCP"));
    let spec = message().message(1, volume).message(2, container);
    check(
        &body("v1", "Pod", message().message(1, named("web")).message(2, spec)),
        expect![[r#"
        {
          "apiVersion": "v1",
          "kind": "Pod",
          "metadata": {
            "creationTimestamp": null,
            "name": "web",
            "namespace": "prod"
          },
          "spec": {
            "containers": [
              {
                "name": "app",
                "ports": [
                  {
                    "containerPort": 8080,
                    "protocol": "TCP"
                  }
                ],
                "resources": {
                  "limits": {
                    "cpu": "250m"
                  }
                }
              }
            ],
            "volumes": [
              {
                "configMap": {
                  "name": "cm"
                },
                "name": "config"
              }
            ]
          },
          "status": {}
        }"#]],
    );
}

#[test]
fn times_quantities_and_ints_or_strings_have_forms_of_their_own() {
    let time = message().int(1, 1_700_000_000).int(2, 123_456_000);
    let lease = message().text(1, "holder").int(2, -1).message(4, time);
    check(
        &body("coordination.k8s.io/v1", "Lease", message().message(2, lease)),
        expect![[r#"
        {
          "apiVersion": "coordination.k8s.io/v1",
          "kind": "Lease",
          "metadata": {
            "creationTimestamp": null
          },
          "spec": {
            "holderIdentity": "holder",
            "leaseDurationSeconds": -1,
            "renewTime": "2023-11-14T22:13:20.123456Z"
          }
        }"#]],
    );
    let port = |target: Message| message().text(1, "").text(2, "TCP").int(3, 80).message(4, target).int(5, 0);
    let named_port = port(message().int(1, 1).int(2, 0).text(3, "http"));
    let numbered = port(message().int(1, 0).int(2, 8080).text(3, ""));
    check(
        &body("v1", "Service", message().message(2, message().message(1, named_port).message(1, numbered))),
        expect![[r#"
            {
              "apiVersion": "v1",
              "kind": "Service",
              "metadata": {
                "creationTimestamp": null
              },
              "spec": {
                "ports": [
                  {
                    "port": 80,
                    "protocol": "TCP",
                    "targetPort": "http"
                  },
                  {
                    "port": 80,
                    "protocol": "TCP",
                    "targetPort": 8080
                  }
                ]
              },
              "status": {
                "loadBalancer": {}
              }
            }"#]],
    );
}

#[test]
fn the_options_of_requests_are_known_in_every_group() {
    let options = message().int(1, 30).message(2, message().text(1, "u-1")).text(4, "Foreground").text(5, "All");
    check(
        &body("apps/v1", "DeleteOptions", options),
        expect![[r#"
        {
          "apiVersion": "apps/v1",
          "dryRun": [
            "All"
          ],
          "gracePeriodSeconds": 30,
          "kind": "DeleteOptions",
          "preconditions": {
            "uid": "u-1"
          },
          "propagationPolicy": "Foreground"
        }"#]],
    );
}

#[test]
fn json_schemas_keep_their_unions_and_their_spelling() {
    let items = message().message(1, message().text(5, "string"));
    let properties = |name: &str, of: Message| message().text(1, name).message(2, of);
    let schema = message()
        .text(5, "object")
        .message(29, properties("list", message().text(5, "array").message(24, items.clone()).text(42, "set")))
        .message(30, message().int(1, 1))
        .message(8, message().bytes(1, b"{\"a\":1}"))
        .int(38, 1);
    let version = message().text(1, "v1").int(2, 1).int(3, 1).message(4, message().message(1, schema));
    let crd = message().message(1, named("x")).message(2, message().text(1, "example.com").message(7, version));
    check(
        &body("apiextensions.k8s.io/v1", "CustomResourceDefinition", crd),
        expect![[r#"
            {
              "apiVersion": "apiextensions.k8s.io/v1",
              "kind": "CustomResourceDefinition",
              "metadata": {
                "creationTimestamp": null,
                "name": "x",
                "namespace": "prod"
              },
              "spec": {
                "group": "example.com",
                "names": {
                  "kind": "",
                  "plural": ""
                },
                "scope": "",
                "versions": [
                  {
                    "name": "v1",
                    "schema": {
                      "openAPIV3Schema": {
                        "additionalProperties": true,
                        "default": {
                          "a": 1
                        },
                        "properties": {
                          "list": {
                            "items": {
                              "type": "string"
                            },
                            "type": "array",
                            "x-kubernetes-list-type": "set"
                          }
                        },
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": true
                      }
                    },
                    "served": true,
                    "storage": true
                  }
                ]
              },
              "status": {
                "acceptedNames": {
                  "kind": "",
                  "plural": ""
                },
                "conditions": null,
                "storedVersions": null
              }
            }"#]],
    );
}

#[test]
fn unknown_fields_are_skipped() {
    let secret = message().message(1, named("db")).int(900, 7).text(901, "later").message(902, message());
    check(
        &body("v1", "Secret", secret),
        expect![[r#"
        {
          "apiVersion": "v1",
          "kind": "Secret",
          "metadata": {
            "creationTimestamp": null,
            "name": "db",
            "namespace": "prod"
          }
        }"#]],
    );
}

#[test]
fn malformed_bodies_are_refused_with_the_reason() {
    check(
        b"{\"kind\":\"Secret\"}",
        expect![
            "400 BadRequest: the object provided is unrecognized: provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
        ],
    );
    check(
        b"",
        expect![
            "400 BadRequest: the object provided is unrecognized: provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
        ],
    );
    check(
        &body("v1", "Nothing", message()),
        expect![[r#"400 BadRequest: no kind "Nothing" is registered for version "v1""#]],
    );
    check(
        &body("v1", "Secret", message().int(1, 5)),
        expect![[
            r#"400 BadRequest: Secret in version "v1" cannot be handled as a Secret: metadata: proto: wrong wireType = 0"#
        ]],
    );
    check(
        &body("v1", "Secret", message().bytes(3, b"\xff\xfe")),
        expect![[
            r#"400 BadRequest: Secret in version "v1" cannot be handled as a Secret: type: proto: a string is not valid UTF-8"#
        ]],
    );
    check(
        &body("v1", "Secret", message().bytes(1, b"\x0a\x7f")),
        expect![[r#"400 BadRequest: Secret in version "v1" cannot be handled as a Secret: metadata: unexpected EOF"#]],
    );
    check(
        &body(
            "coordination.k8s.io/v1",
            "Lease",
            message().message(2, message().message(4, message().int(1, i64::MAX))),
        ),
        expect![[
            r#"400 BadRequest: Lease in version "v1" cannot be handled as a Lease: spec.renewTime: proto: a time is out of range"#
        ]],
    );
}

#[test]
fn nesting_and_amplification_are_bounded() {
    let deep = (0..200).fold(message().text(5, "string"), |inner, _| message().message(26, inner));
    let version = message().message(4, message().message(1, deep));
    let crd = message().message(2, message().message(7, version));
    let error = decode_protobuf(&body("apiextensions.k8s.io/v1", "CustomResourceDefinition", crd)).unwrap_err();
    assert!(error.message.ends_with("proto: messages are nested too deeply"), "{}", error.message);
    let containers = (0..120_000).fold(message(), |spec, _| spec.message(2, message()));
    check(
        &body("v1", "Pod", message().message(2, containers)),
        expect![[
            r#"400 BadRequest: Pod in version "v1" cannot be handled as a Pod: spec.containers: proto: more than 200000 messages in one body"#
        ]],
    );
}

#[test]
fn every_prefix_of_a_body_is_an_error_or_an_object() {
    let body = secret();
    for length in 0..body.len() {
        let _ = decode_protobuf(&body[..length]);
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(raw in proptest::collection::vec(any::<u8>(), 0..200), pod in any::<bool>()) {
        let _ = decode_protobuf(&body("v1", if pod { "Pod" } else { "Secret" }, Message(raw.clone())));
        let _ = decode_protobuf(&[b"k8s\0".as_slice(), &raw].concat());
    }

    #[test]
    fn damaged_bodies_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut body = secret();
        let at = at.index(body.len());
        body[at] = byte;
        let _ = decode_protobuf(&body);
    }
}
