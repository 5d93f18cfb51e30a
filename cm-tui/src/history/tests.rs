//! The latest question counts, and no answer to another one does.

use super::*;
use crate::history::ask::Extent;

#[test]
fn an_answer_to_another_question_than_the_last_is_thrown_away() {
    let mut history = History::new(Source::File);
    let (old, new) =
        (Ask::Extent { hosts: Vec::new() }, Ask::Extent { hosts: vec![cm_core::host::HostId::new("a").unwrap()] });
    history.lines[new.sort()].asked = Some(new.clone());
    let extent = Extent { first: cm_core::clock::WallTime::from_secs(1), last: cm_core::clock::WallTime::from_secs(2) };
    history.take(&old, Ok(Answer::Extent(Some(extent))), MonoTime::default());
    assert_eq!(history.extent(), None);
    history.take(&new, Ok(Answer::Extent(Some(extent))), MonoTime::default());
    assert_eq!(history.extent(), Some(extent));
    history.take(&new, Err("gone".to_owned()), MonoTime::default());
    assert_eq!(history.extent(), None, "what cannot be read any more is not offered");
}
