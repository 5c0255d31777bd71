//! What the ledger must never allow.

use chrono::{DateTime, TimeDelta, Utc};
use contract::ErrorCode;
use proptest::prelude::*;
use releases::outbound::{Lane, Outcome, RateLimits};

use super::Ledger;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn limited(limits: RateLimits) -> Outcome {
    Outcome { status: Some(403), limits: RateLimits { limited: true, ..limits }, ..Outcome::default() }
}

fn settle(ledger: &mut Ledger, outcome: &Outcome, now: DateTime<Utc>) {
    ledger.settle(Lane::Rest, outcome, 0.5, now, TimeDelta::zero());
}

#[test]
fn the_hourly_limit_holds_and_frees_up_after_an_hour() {
    let mut ledger = Ledger::default();
    for _ in 0..5 {
        ledger.admit(Lane::Rest, 5, at(0)).unwrap();
    }
    let refusal = ledger.admit(Lane::Rest, 5, at(59 * 60)).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::Budget);
    assert!(refusal.retry_at > at(59 * 60));
    ledger.admit(Lane::Rest, 5, refusal.retry_at).unwrap();
}

#[test]
fn nothing_is_sent_before_the_reset_that_github_named() {
    let mut ledger = Ledger::default();
    let limits =
        RateLimits { remaining: Some(0), limit: Some(60), reset: Some(at(2400)), ..RateLimits::default() };
    settle(&mut ledger, &limited(limits), at(0));
    for second in [0, 1, 1200, 2399, 2400] {
        assert_eq!(ledger.admit(Lane::Rest, 40, at(second)).unwrap_err().code, ErrorCode::RateLimited);
        assert!(ledger.may_force(1, 40, at(second)).is_err());
    }
    ledger.admit(Lane::Web, 40, at(10)).unwrap();
    ledger.admit(Lane::Rest, 40, at(2400 + 21)).unwrap();
}

#[test]
fn retry_after_is_honoured_and_an_unnamed_wait_grows() {
    let mut ledger = Ledger::default();
    settle(&mut ledger, &limited(RateLimits { retry_after: Some(at(90)), ..RateLimits::default() }), at(0));
    assert!(ledger.admit(Lane::Rest, 40, at(89)).is_err());
    let mut ledger = Ledger::default();
    settle(&mut ledger, &limited(RateLimits::default()), at(0));
    let first = ledger.waits_until(Lane::Rest, at(0)).unwrap();
    settle(&mut ledger, &limited(RateLimits::default()), first);
    let second = ledger.waits_until(Lane::Rest, first).unwrap();
    assert!(first >= at(60));
    assert!(second - first >= TimeDelta::seconds(120));
}

#[test]
fn a_wish_never_touches_the_reserve() {
    let mut ledger = Ledger::default();
    let limits =
        RateLimits { limit: Some(60), remaining: Some(7), reset: Some(at(600)), ..RateLimits::default() };
    let outcome = Outcome { status: Some(200), limits, ..Outcome::default() };
    settle(&mut ledger, &outcome, at(0));
    assert_eq!(ledger.may_force(2, 40, at(1)).unwrap_err().code, ErrorCode::RateLimited);
    ledger.admit(Lane::Rest, 40, at(1)).unwrap();
    assert!(ledger.may_force(2, 40, at(601)).is_ok());
}

#[test]
fn an_allowance_that_is_used_up_is_not_asked_beyond() {
    let mut ledger = Ledger::default();
    let limits =
        RateLimits { limit: Some(60), remaining: Some(0), reset: Some(at(600)), ..RateLimits::default() };
    settle(&mut ledger, &Outcome { status: Some(200), limits, ..Outcome::default() }, at(0));
    assert_eq!(ledger.admit(Lane::Rest, 40, at(599)).unwrap_err().code, ErrorCode::RateLimited);
    ledger.admit(Lane::Web, 40, at(1)).unwrap();
    ledger.admit(Lane::Rest, 40, at(601)).unwrap();
}

#[test]
fn a_new_token_does_not_wait_for_what_was_said_without_one() {
    let mut ledger = Ledger::default();
    settle(&mut ledger, &limited(RateLimits { retry_after: Some(at(900)), ..RateLimits::default() }), at(0));
    ledger.ask_as(true);
    ledger.admit(Lane::Rest, 40, at(1)).unwrap();
}

#[test]
fn what_another_process_has_spent_counts() {
    let (mut ours, mut theirs) = (Ledger::default(), Ledger::default());
    ours.admit(Lane::Rest, 5, at(0)).unwrap();
    for second in [0, 0, 70, 70] {
        theirs.admit(Lane::Rest, 5, at(second)).unwrap();
    }
    ours.absorb(&theirs);
    assert_eq!(ours.sent_last_hour(at(70)), 4);
    assert!(ours.admit(Lane::Rest, 4, at(70)).is_err());
}

#[test]
fn the_other_doors_leave_room_for_the_api() {
    let mut ledger = Ledger::default();
    let sent = (0..40).filter(|_| ledger.admit(Lane::Web, 40, at(0)).is_ok()).count();
    assert_eq!(sent, 24);
    ledger.admit(Lane::Rest, 40, at(0)).unwrap();
}

#[test]
fn an_absurd_wait_is_believed_for_two_hours_at_most() {
    let mut ledger = Ledger::default();
    let limits = RateLimits { retry_after: Some(at(10_000_000)), ..RateLimits::default() };
    settle(&mut ledger, &limited(limits), at(0));
    ledger.admit(Lane::Rest, 40, at(2 * 3600 + 60)).unwrap();
}

proptest! {
    /// I9: whatever the order, the lanes and the jumps of the clock, no sixty minutes see more than the limit.
    #[test]
    fn no_hour_sees_more_than_the_limit(steps in prop::collection::vec((0i64..900, 0u8..3), 1..400), limit in 1u32..60) {
        let mut ledger = Ledger::default();
        let mut now = 0;
        let mut sent: Vec<i64> = Vec::new();
        for (step, lane) in steps {
            now += step;
            let lane = [Lane::Rest, Lane::Web, Lane::Registry][usize::from(lane)];
            if ledger.admit(lane, limit, at(now)).is_ok() {
                sent.push(now);
            }
            let in_hour = sent.iter().filter(|at| **at > now - 3600).count();
            prop_assert!(in_hour <= limit as usize);
        }
    }

    /// A clock set back, as after a restart on a wrong host clock, frees nothing.
    #[test]
    fn a_clock_set_back_frees_nothing(back in 1i64..100_000) {
        let mut ledger = Ledger::default();
        for _ in 0..5 {
            ledger.admit(Lane::Rest, 5, at(0)).unwrap();
        }
        prop_assert!(ledger.admit(Lane::Rest, 5, at(-back)).is_err());
    }
}
