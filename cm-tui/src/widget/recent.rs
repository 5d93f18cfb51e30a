//! x
use super::{Scene, Widget};
use crate::paint::Canvas;
#[derive(Debug)]
pub(crate) struct Recent;
impl Widget for Recent {
    fn name(&self) -> &'static str {
        "recent"
    }
    fn title(&self, _: &Scene<'_>) -> String {
        "Recent".to_owned()
    }
    fn height(&self, _: &Scene<'_>, _: u16) -> u16 {
        0
    }
    fn draw(&self, _: &Scene<'_>, _: Canvas<'_>) {}
}
