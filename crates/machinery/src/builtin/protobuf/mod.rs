//! Protobuf request bodies to JSON. Answers are always JSON, so nothing encodes.
//!
//! The facts say which number is which field; the result is what upstream's Go types would have printed as JSON, its zero
//! values (`status: {}`, `creationTimestamp: null`) included, so that a protobuf body and a JSON body of one object mean the
//! same. Unknown fields are skipped, as upstream does; malformed input is a 400.

mod message;
mod special;
#[cfg(test)]
mod tests;
mod wire;

use api::status::Status;
use serde_json::Value;

use super::facts::{FieldType, TypeFacts, table};
use message::Decoder;
pub(super) use message::is_omitted;
use wire::{Error, Payload, Reader};

/// What every body starts with; a `runtime.Unknown` follows.
const MAGIC: &[u8] = b"k8s\0";

/// Kinds of `meta.k8s.io/v1` that upstream registers in every group-version.
const EVERYWHERE: &[&str] = &[
    "APIGroup",
    "APIGroupList",
    "APIResourceList",
    "APIVersions",
    "CreateOptions",
    "DeleteOptions",
    "GetOptions",
    "ListOptions",
    "PartialObjectMetadata",
    "PartialObjectMetadataList",
    "PatchOptions",
    "Status",
    "Table",
    "UpdateOptions",
    "WatchEvent",
];

/// A body of `application/vnd.kubernetes.protobuf` as the JSON object that upstream would have printed, apiVersion and kind
/// included. Knows every upstream kind, served or not.
pub fn decode_protobuf(body: &[u8]) -> Result<Value, Status> {
    decode(&mut Decoder::new(), body)
}

/// What Go prints of the zero value of a type.
pub(super) fn zero(of: &FieldType) -> Option<Value> {
    Decoder::new().zero(of).ok()
}

/// An object in a raw field counts towards the limits of the one that holds it.
fn decode(decoder: &mut Decoder, body: &[u8]) -> Result<Value, Status> {
    let envelope = Envelope::read(body).map_err(unrecognized)?;
    let (api_version, kind) = (envelope.api_version, envelope.kind);
    let (group, version) = api::names::split_api_version(api_version);
    let Some(of) = find(group, version, kind) else {
        return Err(Status::bad_request(format!("no kind \"{kind}\" is registered for version \"{api_version}\"")));
    };
    let cannot = |why: String| {
        Status::bad_request(format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {why}"))
    };
    if !envelope.content_encoding.is_empty() {
        return Err(cannot(format!("unknown content encoding \"{}\"", envelope.content_encoding)));
    }
    if envelope.content_type == "application/json" {
        return serde_json::from_slice(envelope.raw).map_err(|error| cannot(error.to_string()));
    }
    let mut object = decoder.message(of, envelope.raw).map_err(|error| cannot(error.to_string()))?;
    object.insert("apiVersion".into(), api_version.into());
    object.insert("kind".into(), kind.into());
    Ok(Value::Object(object))
}

fn unrecognized(error: Error) -> Status {
    Status::bad_request(format!("the object provided is unrecognized: {error}"))
}

fn find(group: &str, version: &str, kind: &str) -> Option<&'static TypeFacts> {
    let of_group = table().kind(group, version, kind);
    of_group.or_else(|| {
        EVERYWHERE.contains(&kind).then_some(())?;
        table().get(&format!("io.k8s.apimachinery.pkg.apis.meta.v1.{kind}"))
    })
}

/// `runtime.Unknown`
#[derive(Debug, Default)]
struct Envelope<'a> {
    api_version: &'a str,
    kind: &'a str,
    raw: &'a [u8],
    content_encoding: &'a str,
    content_type: &'a str,
}

impl<'a> Envelope<'a> {
    fn read(body: &'a [u8]) -> Result<Self, Error> {
        let mut envelope = Envelope::default();
        let mut fields = Reader::new(body.strip_prefix(MAGIC).ok_or(Error::Magic)?);
        while let Some((number, payload)) = fields.next_field()? {
            match (number, payload) {
                (1, Payload::Bytes(type_meta)) => envelope.type_meta(type_meta)?,
                (2, Payload::Bytes(raw)) => envelope.raw = raw,
                (3, payload) => envelope.content_encoding = payload.text()?,
                (4, payload) => envelope.content_type = payload.text()?,
                _ => {}
            }
        }
        Ok(envelope)
    }

    fn type_meta(&mut self, bytes: &'a [u8]) -> Result<(), Error> {
        let mut fields = Reader::new(bytes);
        while let Some((number, payload)) = fields.next_field()? {
            match number {
                1 => self.api_version = payload.text()?,
                2 => self.kind = payload.text()?,
                _ => {}
            }
        }
        Ok(())
    }
}
