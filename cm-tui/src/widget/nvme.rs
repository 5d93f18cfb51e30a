//! x
use super::{Scene, Widget};
use crate::paint::Canvas;
#[derive(Debug)]
pub(crate) struct Nvme;
impl Widget for Nvme {
    fn name(&self) -> &'static str {
        "nvme"
    }
    fn title(&self, _: &Scene<'_>) -> String {
        "Nvme".to_owned()
    }
    fn height(&self, _: &Scene<'_>, _: u16) -> u16 {
        0
    }
    fn draw(&self, _: &Scene<'_>, _: Canvas<'_>) {}
}
