//! Names, subjects and notes of strangers cannot touch the screen.

use cli::tui::key::Key;
use cli::tui::message::{Message, Place};
use cli::tui::trouble::TroubleKind;
use serde_json::json;

use crate::stage::{Stage, activity, changelog, events, page, session, trouble, version};

const ATTACKS: [&str; 9] = [
    "\u{1b}[2J\u{1b}[H\u{1b}[31mowned",
    "\u{1b}]0;title\u{7}\u{1b}]52;c;cm0gLXJm\u{1b}\\",
    "\u{9b}2Jx\u{90}q\u{9c}",
    "a\nb\rc\td\u{8}\u{8}\u{8}\u{7f}\u{0}",
    "\u{202e}gnp.exe\u{2066}\u{200f}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "👨‍👩‍👧❤️🏳️‍🌈👍🏽",
    "ｆｕｌｌ　ｗｉｄｔｈ한국어",
    "\u{feff}\u{200b}\u{e0001}\u{ad}",
];

fn attacked(attack: &str, size: (u16, u16)) -> Stage {
    let mut stage = Stage::empty(size);
    let text = Some(attack.to_owned());
    let mut target = session(0);
    (target.workspace, target.model, target.device) = (text.clone(), text.clone(), text.clone());
    target.id = attack.to_owned();
    let mut commit = activity().remove(0);
    (commit.workspace, commit.branch, commit.sha, commit.subject) =
        (text.clone(), text.clone(), text.clone(), text.clone());
    commit.kind = format!("git.{attack}");
    let mut line = events(1).remove(0);
    (line.kind, line.summary, line.workspace) = (attack.to_owned(), attack.to_owned(), text.clone());
    (line.session_id, line.data) = (text.clone(), json!({attack: attack}).to_string());
    let mut notes = changelog();
    notes.entries[0].title = attack.to_owned();
    notes.entries[0].version = attack.to_owned();
    notes.entries[0].notes =
        Some(format!("# {attack}\n- {attack}\n```\n{attack}\n```\n[{attack}]({attack})"));
    (notes.url, notes.to) = (text.clone(), text);
    stage.tell(Message::Sessions(Place::First, page(vec![target, session(1)])));
    stage.tell(Message::Activity(Place::First, page(vec![commit])));
    stage.tell(Message::Live(vec![line]));
    stage.tell(Message::Version(Ok(version(&json!({"latest": attack})))));
    stage.tell(Message::Changes(Ok(notes)));
    stage
}

fn assert_clean(stage: &Stage) {
    let terminal = stage.screen();
    for cell in &terminal.backend().buffer().content {
        let symbol = cell.symbol();
        assert!(!symbol.chars().any(char::is_control), "{symbol:?}");
        assert!(!symbol.chars().any(|next| ('\u{200b}'..='\u{200f}').contains(&next)), "{symbol:?}");
        assert!(!symbol.chars().any(|next| ('\u{202a}'..='\u{202e}').contains(&next)), "{symbol:?}");
        assert!(symbol.chars().count() <= 5, "{symbol:?}");
    }
}

#[test]
fn no_text_of_a_stranger_reaches_a_cell_as_more_than_text() {
    for attack in ATTACKS {
        for size in [(80, 24), (40, 10), (20, 5)] {
            let mut stage = attacked(attack, size);
            for key in ["1", "2", "3", "4", "s"] {
                stage.press(key);
                assert_clean(&stage);
                stage.key(Key::Enter);
                assert_clean(&stage);
            }
            stage.tell(Message::NoLists(trouble(TroubleKind::Refused, attack)));
            stage.press("1");
            assert_clean(&stage);
        }
    }
}

#[test]
fn columns_stay_columns_whatever_stands_in_them() {
    for attack in ATTACKS {
        let stage = attacked(attack, (80, 24));
        let terminal = stage.screen();
        let buffer = terminal.backend().buffer();
        // Both rows end their "Started" column in the same cell.
        let sign = |x: u16, y: u16| buffer[(x, y)].symbol();
        let ends = |y: u16| {
            (20..50).find(|x| [sign(*x, y), sign(x + 1, y), sign(x + 2, y)] == ["m", "i", "n"]).unwrap()
        };
        assert_eq!(ends(2), ends(3), "{}", terminal.backend());
    }
}
