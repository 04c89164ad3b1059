//! An OpenAPI v2 document as protobuf (`openapi.v2.Document`): the only form in which kubectl asks for it. What the document has
//! besides its known fields goes as named YAML, of which JSON is a part.

use serde_json::{Map, Value};

#[derive(Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn tag(&mut self, field: u32, wire: u8) {
        self.varint(u64::from(field) << 3 | u64::from(wire));
    }

    fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.tag(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u32, message: Message) {
        self.bytes(field, &message.0);
    }

    /// Text, booleans and numbers as they are; what is absent or empty is not there.
    fn scalar(&mut self, field: u32, value: Option<&Value>, is_double: bool) {
        match value {
            Some(Value::String(text)) if !text.is_empty() => self.bytes(field, text.as_bytes()),
            Some(Value::Bool(true)) => {
                self.tag(field, 0);
                self.varint(1);
            }
            Some(Value::Number(number)) if is_double => {
                self.tag(field, 1);
                self.0.extend_from_slice(&number.as_f64().unwrap_or_default().to_le_bytes());
            }
            Some(Value::Number(number)) => {
                self.tag(field, 0);
                self.varint(number.as_i64().unwrap_or_default().cast_unsigned());
            }
            _ => {}
        }
    }

    fn texts(&mut self, field: u32, list: Option<&Value>) {
        for text in list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            self.bytes(field, text.as_bytes());
        }
    }

    /// `name: value` for each member.
    fn named(&mut self, field: u32, members: Option<&Value>, of: impl Fn(&Value) -> Message) {
        for (name, value) in members.and_then(Value::as_object).into_iter().flatten() {
            let mut entry = Message::default();
            entry.bytes(1, name.as_bytes());
            entry.message(2, of(value));
            self.message(field, entry);
        }
    }

    /// Vendor extensions: `x-...`.
    fn extensions(&mut self, field: u32, fields: &Map<String, Value>) {
        for (name, value) in fields.iter().filter(|(name, _)| name.starts_with("x-")) {
            let mut entry = Message::default();
            entry.bytes(1, name.as_bytes());
            entry.message(2, any(value));
            self.message(field, entry);
        }
    }
}

/// A value as YAML.
fn any(value: &Value) -> Message {
    let mut message = Message::default();
    message.bytes(2, format!("{value}\n").as_bytes());
    message
}

fn fields(value: &Value) -> &Map<String, Value> {
    static NONE: std::sync::OnceLock<Map<String, Value>> = std::sync::OnceLock::new();
    value.as_object().unwrap_or_else(|| NONE.get_or_init(Map::new))
}

fn wrapped(field: u32, inner: Message) -> Message {
    let mut outer = Message::default();
    outer.message(field, inner);
    outer
}

/// The bytes of a document that [`super::openapi_v2`] made.
pub fn openapi_v2_protobuf(document: &Value) -> Vec<u8> {
    let mut message = Message::default();
    message.scalar(1, document.get("swagger"), false);
    let mut info = Message::default();
    info.scalar(1, document.pointer("/info/title"), false);
    info.scalar(2, document.pointer("/info/version"), false);
    message.message(2, info);
    let mut paths = Message::default();
    paths.named(2, document.get("paths"), path_item);
    message.message(8, paths);
    let mut definitions = Message::default();
    definitions.named(1, document.get("definitions"), schema);
    message.message(9, definitions);
    for requirement in document.get("security").and_then(Value::as_array).into_iter().flatten() {
        let mut needed = Message::default();
        needed.named(1, Some(requirement), |scopes| {
            let mut list = Message::default();
            list.texts(1, Some(scopes));
            list
        });
        message.message(12, needed);
    }
    let mut security = Message::default();
    security.named(1, document.get("securityDefinitions"), |of| {
        let mut key = Message::default();
        for (number, name) in [(1, "type"), (2, "name"), (3, "in"), (4, "description")] {
            key.scalar(number, of.get(name), false);
        }
        wrapped(2, key)
    });
    message.message(13, security);
    message.0
}

fn path_item(item: &Value) -> Message {
    let mut message = Message::default();
    for (number, method) in [(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")] {
        if let Some(operation) = item.get(method) {
            message.message(number, self::operation(operation));
        }
    }
    for parameter in item.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        message.message(9, self::parameter(parameter));
    }
    message
}

fn operation(operation: &Value) -> Message {
    let mut message = Message::default();
    message.texts(1, operation.get("tags"));
    message.scalar(3, operation.get("description"), false);
    message.scalar(5, operation.get("operationId"), false);
    message.texts(6, operation.get("produces"));
    message.texts(7, operation.get("consumes"));
    for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        message.message(8, self::parameter(parameter));
    }
    let mut responses = Message::default();
    responses.named(1, operation.get("responses"), |response| {
        let mut of = Message::default();
        of.scalar(1, response.get("description"), false);
        if let Some(schema) = response.get("schema") {
            of.message(2, wrapped(1, self::schema(schema)));
        }
        wrapped(1, of)
    });
    message.message(9, responses);
    message.texts(10, operation.get("schemes"));
    message.extensions(13, fields(operation));
    message
}

/// A body, a parameter of the query or one of the path.
fn parameter(parameter: &Value) -> Message {
    let place = parameter.get("in").and_then(Value::as_str).unwrap_or_default();
    let mut message = Message::default();
    if place == "body" {
        for (number, name) in [(1, "description"), (2, "name"), (3, "in"), (4, "required")] {
            message.scalar(number, parameter.get(name), false);
        }
        if let Some(schema) = parameter.get("schema") {
            message.message(5, self::schema(schema));
        }
        return wrapped(1, wrapped(1, message));
    }
    for (number, name) in [(1, "required"), (2, "in"), (3, "description"), (4, "name")] {
        message.scalar(number, parameter.get(name), false);
    }
    // A parameter of the query may be empty, which shifts what follows.
    let (kind, unique, one_of) = if place == "query" { (6, 20, 3) } else { (5, 19, 4) };
    message.scalar(kind, parameter.get("type"), false);
    message.scalar(unique, parameter.get("uniqueItems"), false);
    wrapped(1, wrapped(2, wrapped(one_of, message)))
}

/// (number, name) of what is text, a boolean or a whole number.
const PLAIN: [(u32, &str); 16] = [
    (1, "$ref"),
    (2, "format"),
    (3, "title"),
    (4, "description"),
    (8, "exclusiveMaximum"),
    (10, "exclusiveMinimum"),
    (11, "maxLength"),
    (12, "minLength"),
    (13, "pattern"),
    (14, "maxItems"),
    (15, "minItems"),
    (16, "uniqueItems"),
    (17, "maxProperties"),
    (18, "minProperties"),
    (26, "discriminator"),
    (27, "readOnly"),
];
const DOUBLES: [(u32, &str); 3] = [(6, "multipleOf"), (7, "maximum"), (9, "minimum")];

fn schema(schema: &Value) -> Message {
    let mut message = Message::default();
    for (number, name) in PLAIN {
        message.scalar(number, schema.get(name), false);
    }
    for (number, name) in DOUBLES {
        message.scalar(number, schema.get(name), true);
    }
    if let Some(default) = schema.get("default") {
        message.message(5, any(default));
    }
    message.texts(19, schema.get("required"));
    for value in schema.get("enum").and_then(Value::as_array).into_iter().flatten() {
        message.message(20, any(value));
    }
    match schema.get("additionalProperties") {
        Some(Value::Bool(open)) => {
            let mut item = Message::default();
            item.tag(2, 0);
            item.varint(u64::from(*open));
            message.message(21, item);
        }
        Some(additional) => message.message(21, wrapped(1, self::schema(additional))),
        None => {}
    }
    if let Some(Value::String(kind)) = schema.get("type") {
        let mut kinds = Message::default();
        kinds.bytes(1, kind.as_bytes());
        message.message(22, kinds);
    }
    if let Some(items) = schema.get("items") {
        message.message(23, wrapped(1, self::schema(items)));
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        message.message(24, self::schema(part));
    }
    if let Some(properties) = schema.get("properties") {
        let mut named = Message::default();
        named.named(1, Some(properties), self::schema);
        message.message(25, named);
    }
    message.extensions(31, fields(schema));
    message
}
