//! x
use super::{Scene, Widget};
use crate::paint::Canvas;
#[derive(Debug)]
pub(crate) struct Backup;
impl Widget for Backup {
    fn name(&self) -> &'static str {
        "backup"
    }
    fn title(&self, _: &Scene<'_>) -> String {
        "Backup".to_owned()
    }
    fn height(&self, _: &Scene<'_>, _: u16) -> u16 {
        0
    }
    fn draw(&self, _: &Scene<'_>, _: Canvas<'_>) {}
}
