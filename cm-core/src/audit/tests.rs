//! Every way in which a log of acts can be touched is named by its place, and nothing else is.

use proptest::prelude::*;

use super::*;
use crate::clock::WallTime;
use crate::text::HostText;

const KEY: [u8; 32] = *b"not a secret, a key for the test";

fn act(n: u64) -> Record {
    Record {
        when: WallTime::from_secs(1_767_225_600 + i64::try_from(n).unwrap() * 60),
        who: HostText::new("anna"),
        program: HostText::new("cm-cli"),
        deed: Deed::Done(HostText::new(format!("acknowledge {n}"))),
        why: HostText::new(if n.is_multiple_of(2) { "seen" } else { "" }),
    }
}

fn foothold() -> Foothold {
    Ratchet::new(1, KEY).foothold()
}

/// So many acts, and where the ratchet stands after them.
fn log(count: u64) -> (Vec<Sealed>, u64) {
    let (mut kept, mut ratchet, mut link) = (Vec::new(), Ratchet::new(1, KEY), Link::genesis());
    for n in 1..=count {
        let sealed = Sealed::new(act(n), &ratchet, link);
        link = sealed.link;
        kept.push(sealed);
        ratchet = ratchet.next();
    }
    (kept, ratchet.seq())
}

fn faults(kept: &[Sealed], next: u64, heads: &[Head]) -> Vec<Fault> {
    verify(kept, Evidence { foothold: Some(&foothold()), next: Some(next), heads }).faults
}

/// The same by who has no key.
fn faults_without_key(kept: &[Sealed], next: u64, heads: &[Head]) -> Vec<Fault> {
    verify(kept, Evidence { foothold: None, next: Some(next), heads }).faults
}

/// One change of one act, by its number.
fn edit(sealed: &mut Sealed, how: usize) {
    let flip = |text: &HostText| HostText::new(format!("{}!", text.raw()));
    match how {
        0 => sealed.act.when = sealed.act.when.after(std::time::Duration::from_millis(1)),
        1 => sealed.act.who = flip(&sealed.act.who),
        2 => sealed.act.program = flip(&sealed.act.program),
        3 => sealed.act.why = flip(&sealed.act.why),
        4 => sealed.act.deed = Deed::Done(HostText::new("")),
        5 => {
            let mut bytes = *sealed.tag.bytes();
            bytes[31] ^= 1;
            sealed.tag = Tag::new(bytes);
        }
        _ => (sealed.act.who, sealed.act.program) = (flip(&sealed.act.program), sealed.act.who.clone()),
    }
}

/// Makes all links anew, as one would who holds the file.
fn relink(kept: &mut [Sealed]) {
    let mut link = Link::genesis();
    for sealed in kept {
        sealed.link = link.on(&sealed.tag, &sealed.act.bytes(sealed.seq));
        link = sealed.link;
    }
}

#[test]
fn a_log_that_nobody_touched_is_whole_at_every_step_of_storing_an_act() {
    for count in 0..20 {
        let (kept, next) = log(count);
        let heads: Vec<Head> = kept.iter().map(Sealed::head).collect();
        assert_eq!(faults(&kept, next, &heads), []);
        // The act is stored, and the ratchet has not moved on yet.
        assert_eq!(faults(&kept, next.saturating_sub(1).max(1), &heads), []);
        let whole = verify(&kept, Evidence::default());
        assert_eq!((whole.looked_at, whole.covered, whole.head), (count, 0, heads.last().cloned()));
    }
}

#[test]
fn every_edit_of_every_act_is_named_alone_even_where_all_links_were_made_anew() {
    let (whole, next) = log(12);
    for at in 0..12 {
        for how in 0..7 {
            let mut kept = whole.clone();
            edit(&mut kept[at], how);
            let seq = kept[at].seq;
            assert_eq!(faults(&kept, next, &[]), [Fault::Edited { seq }], "edit {how} of {seq}");
            assert_eq!(faults_without_key(&kept, next, &[]), [Fault::Unlinked { seq }], "edit {how} of {seq}");
            relink(&mut kept);
            assert_eq!(faults(&kept, next, &[]), [Fault::Edited { seq }], "edit {how} of {seq}, relinked");
            // Without the key only who saw the end notices.
            assert_eq!(faults_without_key(&kept, next, &[]), []);
            let seen = whole[11].head();
            assert_eq!(faults_without_key(&kept, next, &[seen]), [Fault::OtherPast { seq: 12 }]);
        }
        let mut kept = whole.clone();
        kept[at].link = Link::genesis().on(&kept[at].tag, b"another");
        let found = faults(&kept, next, &[]);
        let seq = kept[at].seq;
        assert!(found.contains(&Fault::Unlinked { seq }) && found.len() <= 2, "{found:?}");
    }
}

proptest! {
    #[test]
    fn every_set_of_dropped_acts_is_named(dropped in prop::collection::btree_set(1_u64..=20, 1..19), relinked: bool) {
        let (mut kept, next) = log(20);
        kept.retain(|sealed| !dropped.contains(&sealed.seq));
        if relinked {
            relink(&mut kept);
        }
        let mut told = std::collections::BTreeSet::new();
        for fault in faults(&kept, next, &[]) {
            match fault {
                Fault::Missing { from, through } => told.extend(from..=through),
                Fault::CutTail { last, through } => told.extend(last + 1..=through),
                // The first that is left after a gap stands on another link than it did.
                Fault::Unlinked { .. } if relinked => {}
                other => prop_assert!(false, "{other}"),
            }
        }
        prop_assert_eq!(told, dropped);
    }

    #[test]
    fn acts_that_changed_places_are_named_with_where_they_came_from(a in 1_u64..=20, b in 1_u64..=20, relinked: bool) {
        prop_assume!(a != b);
        let (mut kept, next) = log(20);
        let [one, other] = [a, b].map(|seq| usize::try_from(seq - 1).unwrap());
        // In a table the number stays where it is, and what it numbers is exchanged.
        let (act, tag) = (kept[one].act.clone(), kept[one].tag);
        (kept[one].act, kept[one].tag) = (kept[other].act.clone(), kept[other].tag);
        (kept[other].act, kept[other].tag) = (act, tag);
        if relinked {
            relink(&mut kept);
        }
        let found = faults(&kept, next, &[]);
        let (low, high) = (a.min(b), a.max(b));
        prop_assert_eq!(found, [Fault::Moved { seq: low, from: high }, Fault::Moved { seq: high, from: low }]);
    }

    #[test]
    fn rows_out_of_order_or_doubled_are_named(a in 0_usize..20, b in 0_usize..20) {
        prop_assume!(a < b);
        let (mut kept, next) = log(20);
        let moved = kept.remove(a);
        let seq = moved.seq;
        kept.insert(b, moved.clone());
        prop_assert_eq!(faults(&kept, next, &[]), [Fault::OutOfOrder { seq }]);
        kept.insert(a, moved);
        prop_assert_eq!(faults(&kept, next, &[]), [Fault::Twice { seq }]);
    }

    #[test]
    fn a_cut_tail_is_named_by_the_ratchet_or_by_a_head_that_was_seen(left in 0_u64..20) {
        let (whole, next) = log(20);
        let kept = &whole[..usize::try_from(left).unwrap()];
        let cut = [Fault::CutTail { last: left, through: 20 }];
        prop_assert_eq!(faults_without_key(kept, next, &[]), cut.clone());
        // All of it was put back to an older copy, the key with it.
        let seen = whole[19].head();
        prop_assert_eq!(faults_without_key(kept, left + 1, &[seen]), cut);
        prop_assert_eq!(faults_without_key(kept, left + 1, &[]), []);
    }

    #[test]
    fn whatever_is_done_to_the_file_is_never_taken_for_whole(
        changes in prop::collection::vec((0_usize..20, 0_usize..20, 0_usize..10), 1..5)
    ) {
        let (whole, next) = log(20);
        let mut kept = whole.clone();
        for (at, other, how) in changes {
            if kept.is_empty() {
                break;
            }
            let (at, other) = (at % kept.len(), other % kept.len());
            match how {
                0..=6 => edit(&mut kept[at], how),
                7 => drop(kept.remove(at)),
                8 => kept.swap(at, other),
                _ => {
                    let copy = kept[at].clone();
                    kept.insert(other, copy);
                }
            }
        }
        prop_assert_eq!(faults(&kept, next, &[]).is_empty(), kept == whole);
    }
}

#[test]
fn forgetting_is_an_act_and_what_is_left_stands_on_the_link_that_it_names() {
    let (mut kept, next) = log(12);
    let (through, base) = (5, kept[4].link);
    let deed = Deed::Pruned { through, base };
    let sealed = Sealed::new(Record { deed, ..act(13) }, &Ratchet::new(1, KEY).at(next), kept[11].link);
    let seen = [kept[2].head(), kept[4].head(), kept[8].head()];
    kept.push(sealed);
    let whole = kept.clone();
    kept.drain(..5);
    assert_eq!(faults(&kept, next + 1, &seen), []);
    assert_eq!(faults(&whole, next + 1, &[]), (1..=5).map(|seq| Fault::Returned { seq }).collect::<Vec<_>>());
    kept.remove(0);
    assert_eq!(faults(&kept, next + 1, &[]), [Fault::Missing { from: 6, through: 6 }]);
    // The act that says so is a part of the chain itself.
    let mut kept = whole[5..].to_vec();
    kept.last_mut().unwrap().act.deed = Deed::Pruned { through: 7, base: whole[6].link };
    assert!(faults(&kept, next + 1, &[]).contains(&Fault::Edited { seq: 13 }));
}

#[test]
fn who_comes_later_proves_and_forges_nothing_of_before() {
    let (mut kept, next) = log(10);
    let later = Ratchet::new(1, KEY).at(6).foothold();
    let verified = verify(&kept, Evidence { foothold: Some(&later), next: Some(next), heads: &[] });
    assert_eq!((verified.covered, verified.faults), (5, vec![]));
    // With the sixth key the past is written anew, links and all: the first key sees each.
    let forger = later.ratchet();
    for sealed in &mut kept[..5] {
        sealed.act.why = HostText::new("never happened");
        sealed.tag = forger.tag(&sealed.act.bytes(sealed.seq));
    }
    relink(&mut kept);
    assert_eq!(faults(&kept, next, &[]), (1..=5).map(|seq| Fault::Edited { seq }).collect::<Vec<_>>());
}

#[test]
fn an_older_key_in_the_place_of_the_key_is_named_and_a_number_out_of_reach_ends_in_time() {
    let (mut kept, next) = log(10);
    assert_eq!(faults(&kept, next - 3, &[]), [Fault::OldKey { next: 8, last: 10 }]);
    kept[9].seq = u64::MAX >> 1;
    let found = faults(&kept, next, &[]);
    assert!(found.contains(&Fault::Moved { seq: u64::MAX >> 1, from: 10 }), "{found:?}");
}

#[test]
fn keys_and_heads_are_read_back_and_nothing_else_is() {
    let foothold = Ratchet::new(7, KEY).foothold();
    let text = foothold.expose();
    assert_eq!(text.parse::<Foothold>().unwrap().expose(), text);
    assert!(!format!("{foothold:?}").contains(&text[4..20]));
    let head = log(3).0[2].head();
    assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
    for bad in ["", "7", "7-", "0-00", "x-00", &text[..text.len() - 1], &format!("{text}0"), "1-ä"] {
        assert!(bad.parse::<Foothold>().is_err(), "{bad}");
    }
    for bad in ["", "3", "3-12", "0-0123456789abcdef", "3-0123456789abcdeg"] {
        assert!(bad.parse::<Head>().is_err(), "{bad}");
    }
}
