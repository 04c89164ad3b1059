//! The functions of templates, and a certificate as a template holds it.

use std::{any::Any, borrow::Cow};

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    certificate::{Certificate, Issuer, Request, create, parse},
    cipher, hashes,
    keys::Key,
    passwords, pem,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    sprig::{encodings::decode_base64, limits},
    value::{Methods, Object, Value},
};

type Outcome = Result<Value, FunctionError>;

const CERTIFICATE: &str = "sprig.certificate";
const AUTHORITY: Param = Param::Object(CERTIFICATE);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("sha1sum", &[Param::Text], |_, it| Ok(hashes::hexadecimal::<sha1::Sha1>(bytes(it, 0)).into())),
    Function::new("sha256sum", &[Param::Text], |_, it| Ok(hashes::hexadecimal::<sha2::Sha256>(bytes(it, 0)).into())),
    Function::new("sha512sum", &[Param::Text], |_, it| Ok(hashes::hexadecimal::<sha2::Sha512>(bytes(it, 0)).into())),
    Function::new("adler32sum", &[Param::Text], |_, it| Ok(hashes::adler32(bytes(it, 0)).into())),
    Function::new("bcrypt", &[Param::Text], |call, it| Ok(hashes::bcrypt(bytes(it, 0), call.host.entropy()).into())),
    Function::new("htpasswd", &[Param::Text, Param::Text], htpasswd),
    Function::new("randBytes", &[Param::Int], rand_bytes),
    Function::new("derivePassword", &[Param::Uint32, Param::Text, Param::Text, Param::Text, Param::Text], |_, it| {
        Ok(passwords::derive(int(it, 0) as u32, bytes(it, 1), bytes(it, 2), bytes(it, 3), bytes(it, 4)).into())
    }),
    Function::new("genPrivateKey", &[Param::Text], gen_private_key),
    Function::new("genCA", &[Param::Text, Param::Int], |call, it| issue(call, it, &Plan::authority(None))),
    Function::new("genCAWithKey", &[Param::Text, Param::Int, Param::Text], |call, it| {
        issue(call, it, &Plan::authority(Some(2)))
    }),
    Function::new("genSelfSignedCert", &[Param::Text, Param::List, Param::List, Param::Int], |call, it| {
        issue(call, it, &Plan::leaf(None, None))
    }),
    Function::new(
        "genSelfSignedCertWithKey",
        &[Param::Text, Param::List, Param::List, Param::Int, Param::Text],
        |call, it| issue(call, it, &Plan::leaf(None, Some(4))),
    ),
    Function::new("genSignedCert", &[Param::Text, Param::List, Param::List, Param::Int, AUTHORITY], |call, it| {
        issue(call, it, &Plan::leaf(Some(4), None))
    }),
    Function::new(
        "genSignedCertWithKey",
        &[Param::Text, Param::List, Param::List, Param::Int, AUTHORITY, Param::Text],
        |call, it| issue(call, it, &Plan::leaf(Some(4), Some(5))),
    ),
    Function::new("buildCustomCert", &[Param::Text, Param::Text], |_, it| {
        build_custom(bytes(it, 0), bytes(it, 1)).map(object).map_err(FunctionError::new)
    }),
    Function::new("encryptAES", &[Param::Text, Param::Text], |call, it| {
        Ok(cipher::encrypt(bytes(it, 0), bytes(it, 1), call.host.entropy()).into())
    }),
    Function::new("decryptAES", &[Param::Text, Param::Text], |_, it| {
        cipher::decrypt(bytes(it, 0), bytes(it, 1)).map(Value::text).map_err(FunctionError::new)
    }),
];

fn bytes(arguments: &[Value], index: usize) -> &[u8] {
    if let Some(Value::Text(text)) = arguments.get(index) { text } else { b"" }
}

fn int(arguments: &[Value], index: usize) -> i64 {
    if let Some(Value::Integer(integer)) = arguments.get(index) { integer.wide() as i64 } else { 0 }
}

fn list(arguments: &[Value], index: usize) -> &[Value] {
    if let Some(Value::List(list)) = arguments.get(index) { list } else { &[] }
}

fn htpasswd(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let user = bytes(arguments, 0);
    if user.contains(&b':') {
        return Ok(Value::text([b"invalid username: ", user].concat()));
    }
    let hash = hashes::bcrypt(bytes(arguments, 1), call.host.entropy());
    Ok(Value::text([user, b":", hash.as_bytes()].concat()))
}

fn rand_bytes(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let count = usize::try_from(int(arguments, 0))
        .map_err(|_| FunctionError::new("runtime error: makeslice: len out of range"))?;
    let mut random = vec![0; limits::text_bytes(Some(count))?];
    call.host.entropy().fill(&mut random);
    Ok(BASE64_STANDARD.encode(random).into())
}

fn gen_private_key(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let entropy = call.host.entropy();
    let key = match bytes(arguments, 0) {
        b"" | b"rsa" => Key::rsa_4096(entropy),
        b"ecdsa" => Key::ecdsa(entropy),
        b"ed25519" => Ok(Key::ed25519(entropy)),
        b"dsa" => {
            return Err(FunctionError::new("DSA keys are not supported: use \"rsa\", \"ecdsa\" or \"ed25519\""));
        }
        kind => return Ok(Value::text([b"Unknown type ", kind].concat())),
    };
    let text = key.and_then(|key| key.to_pem());
    Ok(text.unwrap_or_else(|error| format!("failed to generate private key: {error}")).into())
}

/// Which arguments of a function are what.
struct Plan {
    is_authority: bool,
    days: usize,
    issuer: Option<usize>,
    key: Option<usize>,
}

impl Plan {
    fn authority(key: Option<usize>) -> Self {
        Self { is_authority: true, days: 1, issuer: None, key }
    }

    fn leaf(issuer: Option<usize>, key: Option<usize>) -> Self {
        Self { is_authority: false, days: 3, issuer, key }
    }
}

fn issue(call: &mut Call<'_>, arguments: &[Value], plan: &Plan) -> Outcome {
    try_issue(call, arguments, plan).map(object).map_err(FunctionError::new)
}

fn try_issue(call: &mut Call<'_>, arguments: &[Value], plan: &Plan) -> Result<Certificate, String> {
    let key = match plan.key {
        Some(index) => {
            Key::from_pem(bytes(arguments, index)).map_err(|error| format!("parsing private key: {error}"))?
        }
        None => Key::rsa_2048(call.host.entropy()).map_err(|error| format!("error generating rsa key: {error}"))?,
    };
    let issuer = plan.issuer.map(|index| {
        let held = match arguments.get(index) {
            Some(Value::Object(object)) => object.as_any().downcast_ref::<Certificate>(),
            _ => None,
        };
        let held = held.ok_or("unable to decode certificate")?;
        Issuer::from_pem(held.certificate.as_bytes(), held.key.as_bytes())
    });
    let issuer = issuer.transpose()?;
    let (addresses, alternate_names): (&[Value], &[Value]) =
        if plan.is_authority { (&[], &[]) } else { (list(arguments, 1), list(arguments, 2)) };
    let request = Request {
        name: bytes(arguments, 0),
        addresses,
        alternate_names,
        days: int(arguments, plan.days),
        is_authority: plan.is_authority,
    };
    create(&request, &key, issuer.as_ref(), call.host)
}

fn build_custom(certificate: &[u8], key: &[u8]) -> Result<Certificate, String> {
    let certificate = decode_base64(certificate).map_err(|_| "unable to decode base64 certificate")?;
    let key = decode_base64(key).map_err(|_| "unable to decode base64 private key")?;
    let block = pem::decode(&certificate).ok_or("unable to decode certificate")?;
    parse(&block.der).map_err(|error| format!("error parsing certificate: decodedCert.Bytes: {error}"))?;
    Key::from_pem(&key).map_err(|error| format!("error parsing private key: {error}"))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Certificate { certificate: text(certificate), key: text(key) })
}

fn object(certificate: Certificate) -> Value {
    Value::Object(Object::new(certificate))
}

impl Methods for Certificate {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(CERTIFICATE)
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(self.certificate.as_str().into()),
            "Key" => Some(self.key.as_str().into()),
            _ => None,
        }
    }

    fn print(&self) -> Vec<u8> {
        format!("{{{} {}}}", self.certificate, self.key).into_bytes()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "Cert": self.certificate, "Key": self.key })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
