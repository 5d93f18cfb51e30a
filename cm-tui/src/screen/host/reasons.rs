//! What is wrong with a host, in the rows above its panels: the worst, with what was done about each or the next step.

use cm_core::health::Reason;
use cm_core::wording;

use crate::paint::Canvas;
use crate::theme::Role;
use crate::widget::Scene;

/// How many rows above the panels tell what is wrong.
pub(super) fn told(scene: &Scene<'_>) -> u16 {
    const MOST: usize = 3;
    let shown = scene.standing.verdict.reasons.len().min(MOST);
    u16::try_from(shown).unwrap_or(0)
}

/// What was done about a trouble, where somebody did something.
fn done(scene: &Scene<'_>, reason: &Reason) -> Option<String> {
    let (state, host) = (scene.state, &scene.host.member.host.id);
    let alert = state.alerts().about(host, reason).filter(|alert| alert.is_active())?;
    let is_done = alert.acknowledged.is_some() || !state.alerts().is_open(alert, scene.picture.now);
    is_done.then(|| crate::screen::alerts::standing(state, alert, u16::MAX))
}

/// What is wrong, above the panels, with the next step where there is room. Answers how many rows that took.
pub(super) fn reasons(scene: &Scene<'_>, canvas: &mut Canvas<'_>) -> u16 {
    let rows = told(scene);
    let reasons = &scene.standing.verdict.reasons;
    for (y, reason) in (0..rows).zip(reasons) {
        let more = reasons.len() - usize::from(rows);
        let x = canvas.put(1, y, wording::mark(reason.health, scene.state.look.glyphs), Role::of(reason.health)) + 1;
        let x = canvas.put(x, y, &reason.text, Role::of(reason.health)) + 2;
        let done = done(scene, reason);
        if y + 1 == rows && more > 0 {
            canvas.put(x, y, format!("and {more} more").as_str(), Role::Dim);
        } else if let Some(done) = done {
            canvas.put(x, y, done.as_str(), Role::Dim);
        } else if !reason.next.is_empty() {
            canvas.put(x, y, reason.next, Role::Dim);
        }
    }
    rows
}
