//! What fits: columns that give way in a stated order, and panels side by side or below one another. Numbers only; what
//! is drawn there it does not know.

/// One column that wants a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Below this it is not drawn at all.
    pub(crate) least: u16,
    /// More than this it does not need.
    pub(crate) most: u16,
    /// Who gives way first: the highest rank. Rank 0 stays as long as there is any room.
    pub(crate) rank: u8,
}

/// Blank columns between two columns.
pub(crate) const GAP: u16 = 2;

/// The width of each column, `None` for those that gave way. What is left over goes to those that want more, from left
/// to right, a column at a time; together with the gaps they never pass `width`.
pub(crate) fn columns(slots: &[Slot], width: u16) -> Vec<Option<u16>> {
    let mut widths: Vec<Option<u16>> = slots.iter().map(|slot| Some(slot.least)).collect();
    while taken(&widths) > u32::from(width) {
        let giving_way = (0..slots.len()).filter(|&at| widths[at].is_some()).max_by_key(|&at| (slots[at].rank, at));
        let Some(at) = giving_way else { break };
        widths[at] = None;
    }
    let mut left = u32::from(width).saturating_sub(taken(&widths));
    loop {
        let before = left;
        for (slot, width) in slots.iter().zip(&mut widths) {
            match width {
                Some(width) if left > 0 && *width < slot.most => {
                    *width += 1;
                    left -= 1;
                }
                _ => {}
            }
        }
        if left == before {
            return widths;
        }
    }
}

fn taken(widths: &[Option<u16>]) -> u32 {
    let drawn: Vec<u32> = widths.iter().flatten().map(|width| u32::from(*width)).collect();
    let gaps = u32::try_from(drawn.len().saturating_sub(1)).unwrap_or(u32::MAX) * u32::from(GAP);
    drawn.iter().sum::<u32>() + gaps
}

/// How much of a row a panel wants where there is room for two side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// Half of it.
    Half,
    /// All of it.
    Whole,
}

/// From this width on two panels stand side by side.
pub(crate) const TWO_COLUMNS: u16 = 100;

/// Where a panel lies on a sheet that may be longer than the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which panel.
    pub(crate) panel: usize,
    /// Its left edge.
    pub(crate) x: u16,
    /// Its first row.
    pub(crate) y: u16,
    /// Its width.
    pub(crate) width: u16,
    /// Its height.
    pub(crate) height: u16,
}

/// Puts panels on a sheet of this width, each with its span and the height that it wants at a width; panels of height 0
/// get no place. A half is paired with the next half; one that finds none gets the whole row.
pub(crate) fn panels(spans: &[Span], width: u16, height_of: impl Fn(usize, u16) -> u16) -> Vec<Place> {
    let wanted: Vec<usize> = (0..spans.len()).filter(|&at| height_of(at, width) > 0).collect();
    let mut places = Vec::new();
    let mut y: u16 = 0;
    let mut at = 0;
    while let Some(&panel) = wanted.get(at) {
        let partner = wanted.get(at + 1).copied();
        let paired = width >= TWO_COLUMNS && spans[panel] == Span::Half;
        let partner = partner.filter(|&partner| paired && spans[partner] == Span::Half);
        let height = if let Some(partner) = partner {
            let left = width / 2;
            let right = width - left - 1;
            let height = height_of(panel, left).max(height_of(partner, right));
            places.push(Place { panel, x: 0, y, width: left, height });
            places.push(Place { panel: partner, x: left + 1, y, width: right, height });
            at += 2;
            height
        } else {
            let height = height_of(panel, width);
            places.push(Place { panel, x: 0, y, width, height });
            at += 1;
            height
        };
        y = y.saturating_add(height);
    }
    places
}

/// Shares out rows that are left over below the panels: a row at a time to each row of panels, from above, as long as one of
/// its panels makes use of it (`grows`, by its number). Panels side by side stay equally high.
pub(crate) fn grow(places: &mut [Place], grows: impl Fn(usize) -> u16, spare: u16) {
    let mut rows: Vec<(u16, u16, u16)> = Vec::new();
    for place in places.iter() {
        let grows = grows(place.panel);
        match rows.last_mut() {
            Some((y, most, _)) if *y == place.y => *most = (*most).max(grows),
            _ => rows.push((place.y, grows, 0)),
        }
    }
    let mut left = spare;
    loop {
        let before = left;
        for (_, most, given) in &mut rows {
            if left > 0 && given < most {
                *given += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    for place in places {
        let above: u16 = rows.iter().filter(|(y, ..)| *y < place.y).map(|(.., given)| given).sum();
        let own = rows.iter().find(|(y, ..)| *y == place.y).map_or(0, |(.., given)| *given);
        place.y += above;
        place.height += own;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_that_are_left_over_go_to_panels_that_make_use_of_them() {
        let place = |panel, x, y, height| Place { panel, x, y, width: 60, height };
        let before = [place(0, 0, 0, 4), place(1, 61, 0, 4), place(2, 0, 4, 3), place(3, 0, 7, 2), place(4, 61, 7, 2)];
        for (grows, spare, expected) in [
            ([0, 0, 0, 0, 0], 9, [(0, 4), (0, 4), (4, 3), (7, 2), (7, 2)]),
            ([0, 5, 0, 0, 0], 3, [(0, 7), (0, 7), (7, 3), (10, 2), (10, 2)]),
            ([0, 5, 0, 2, 9], 8, [(0, 8), (0, 8), (8, 3), (11, 6), (11, 6)]),
            ([0, 1, 0, 2, 2], 20, [(0, 5), (0, 5), (5, 3), (8, 4), (8, 4)]),
        ] {
            let mut places = before;
            grow(&mut places, |panel| grows[panel], spare);
            assert_eq!(places.map(|place| (place.y, place.height)), expected, "{grows:?} {spare}");
        }
    }

    const fn slot(least: u16, most: u16, rank: u8) -> Slot {
        Slot { least, most, rank }
    }

    #[test]
    fn columns_give_way_by_rank_and_the_rest_is_shared() {
        let slots = [slot(10, 12, 0), slot(5, 5, 3), slot(5, 20, 1)];
        for (width, expected) in [
            (24, [Some(10), Some(5), Some(5)]),
            (26, [Some(11), Some(5), Some(6)]),
            (23, [Some(12), None, Some(9)]),
            (16, [Some(12), None, None]),
            (9, [None, None, None]),
        ] {
            assert_eq!(columns(&slots, width), expected, "{width}");
        }
    }

    #[test]
    fn halves_are_paired_where_there_is_room() {
        let spans = [Span::Half, Span::Half, Span::Whole, Span::Half];
        let narrow = panels(&spans, 80, |_, _| 3);
        assert_eq!(narrow.iter().map(|place| (place.x, place.y)).collect::<Vec<_>>(), [(0, 0), (0, 3), (0, 6), (0, 9)]);
        let wide = panels(&spans, 120, |panel, _| if panel == 1 { 5 } else { 3 });
        assert_eq!(wide.iter().map(|place| (place.x, place.y)).collect::<Vec<_>>(), [(0, 0), (61, 0), (0, 5), (0, 8)]);
        assert_eq!(panels(&spans, 120, |panel, _| if panel == 1 { 0 } else { 3 })[0].width, 120);
    }

    proptest! {
        #[test]
        fn columns_never_pass_the_width(
            slots in prop::collection::vec((0_u16..40, 0_u16..40, 0_u8..6), 0..12), width in 0_u16..400
        ) {
            let slots: Vec<Slot> = slots.into_iter().map(|(least, more, rank)| slot(least, least + more, rank)).collect();
            let widths = columns(&slots, width);
            prop_assert!(taken(&widths) <= u32::from(width) || widths.iter().all(Option::is_none));
            for (slot, width) in slots.iter().zip(widths) {
                prop_assert!(width.is_none_or(|width| (slot.least..=slot.most).contains(&width)));
            }
        }
    }
}
