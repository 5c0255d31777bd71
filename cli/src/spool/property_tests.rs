use std::fs;

use proptest::prelude::*;

use super::tests::{drain, event, spool_of, text};
use super::*;

#[derive(Clone, Debug)]
enum Step {
    Add(usize),
    Send(usize, bool),
    Tear(prop::sample::Index),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_usize..400).prop_map(Step::Add),
        3 => ((1_usize..6), any::<bool>()).prop_map(|(most, lets_go)| Step::Send(most, lets_go)),
        1 => any::<prop::sample::Index>().prop_map(Step::Tear),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_happens_every_entry_comes_out_at_least_once_and_in_order(steps in prop::collection::vec(step(), 1..40)) {
        let state = tempfile::tempdir().unwrap();
        let mut spool = spool_of(&state);
        let (mut added, mut seen) = (Vec::new(), Vec::<String>::new());
        for step in steps {
            match step {
                Step::Add(length) => {
                    let text = format!("{:05}{}", added.len(), "x".repeat(length));
                    if spool.add(vec![Entry::Event(event(&text))]).is_ok() {
                        added.push(text);
                    }
                }
                Step::Send(most, lets_go) => {
                    let mut sender = spool.sender().unwrap().unwrap();
                    if let Some(Batch::Events(events)) = sender.next(most).unwrap() {
                        seen.extend(events.iter().map(|(event, _)| text(event)));
                        if lets_go {
                            sender.let_go(events.last().unwrap().1.clone()).unwrap();
                        }
                    }
                }
                Step::Tear(end) => {
                    // As a process leaves it that is killed while it writes.
                    let torn = line::of_event(&event("torn")).unwrap();
                    if let Some(last) = segments::list(spool.folder()).unwrap().last() {
                        let mut bytes = fs::read(spool.folder().join(&last.name)).unwrap();
                        bytes.extend(&torn[..end.index(torn.len() - 1)]);
                        fs::write(spool.folder().join(&last.name), bytes).unwrap();
                    }
                }
                Step::Reopen => spool = spool_of(&state),
            }
        }
        seen.extend(drain(&spool, 500));
        let mut firsts: Vec<String> = Vec::new();
        seen.iter().for_each(|text| if !firsts.contains(text) { firsts.push(text.clone()) });
        prop_assert_eq!(firsts, added);
        prop_assert_eq!(spool.waiting().unwrap().damaged, 0);
    }
}
