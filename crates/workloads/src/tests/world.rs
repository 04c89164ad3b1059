//! What is observed comes twice: from the stream, and as the answer to our own writes, in either order.

use bytes::Bytes;
use serde_json::json;

use crate::{At, Key, Kind, Task, World};

fn job(version: u64) -> Bytes {
    let object =
        json!({"metadata": {"name": "j", "namespace": "n", "uid": "u", "resourceVersion": version.to_string()}});
    Bytes::from(object.to_string())
}

#[test]
fn what_is_known_is_not_told_again() {
    let mut world = World::default();
    let at = At::new("n", "j");
    let key = Key { task: Task::Job, at: at.clone() };
    assert_eq!(world.put(Kind::Job, job(2)), std::slice::from_ref(&key));
    assert_eq!(world.put(Kind::Job, job(2)), [], "the stream's echo of an answer");
    assert_eq!(world.put(Kind::Job, job(1)), [], "older than what is known");
    assert_eq!(world.removed(Kind::Job, &at, "u"), std::slice::from_ref(&key));
    assert_eq!(world.put(Kind::Job, job(3)), [], "the stream tells of the last days of what is gone");
    assert_eq!(world.gone(Kind::Job, &at, "u"), []);
    assert_eq!(world.put(Kind::Job, job(4)), [], "an answer that comes after the end");
    assert_eq!(world.keys(), []);
}
