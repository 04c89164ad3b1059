use super::*;

#[test]
fn entropy_repeats_by_seed() {
    let fill = |seed| {
        let mut bytes = [0u8; 19];
        SeededEntropy::new(seed).fill(&mut bytes);
        bytes
    };
    assert_eq!(fill(7), fill(7));
    assert_ne!(fill(7), fill(8));
}

#[test]
fn the_clock_moves_only_when_told() {
    let clock = FixedClock::default();
    let before = clock.now();
    clock.advance(Duration::from_secs(90));
    assert_eq!(clock.now().duration_since(before).as_secs(), 90);
}

#[tokio::test]
async fn eventually_sees_what_becomes_true() {
    let mut asked = 0;
    eventually(
        || {
            asked += 1;
            asked == 3
        },
        Duration::from_secs(5),
    )
    .await;
    assert_eq!(asked, 3);
}
