use super::*;

#[test]
fn kube_rs_sends_an_empty_first_pair() {
    let query = Query::parse("&limit=500&labelSelector=a%3Db%2Cc+in+%28d%29");
    assert_eq!(query.get("limit"), Some("500"));
    assert_eq!(query.get("labelSelector"), Some("a=b,c in (d)"));
}

#[test]
fn flags_are_read_as_upstream_reads_them() {
    let query = Query::parse("watch&a=1&b=true&c=false&d=0&e=TRUE");
    let read: Vec<bool> = ["watch", "a", "b", "c", "d", "e", "f"].map(|name| query.flag(name)).to_vec();
    assert_eq!(read, [true, true, true, false, false, true, false]);
}

#[test]
fn streaming_lists_need_not_older_than() {
    let refused = |text: &str| ListOptions::new(&Query::parse(text)).err().map(|status| (status.code, status.message));
    assert_eq!(
        refused("watch=true&sendInitialEvents=true"),
        Some((
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is required \
             when sendInitialEvents is set, the only supported value is NotOlderThan"
                .into()
        ))
    );
    assert_eq!(refused("watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"), None);
    assert_eq!(refused("resourceVersionMatch=Exact").map(|(code, _)| code), Some(422));
    assert_eq!(refused("resourceVersion=x").map(|(code, _)| code), Some(422));
    assert_eq!(refused("limit=x").map(|(code, _)| code), Some(400));
}
