//! x
use super::{Scene, Widget};
use crate::paint::Canvas;
#[derive(Debug)]
pub(crate) struct Gpu;
impl Widget for Gpu {
    fn name(&self) -> &'static str {
        "gpu"
    }
    fn title(&self, _: &Scene<'_>) -> String {
        "Gpu".to_owned()
    }
    fn height(&self, _: &Scene<'_>, _: u16) -> u16 {
        0
    }
    fn draw(&self, _: &Scene<'_>, _: Canvas<'_>) {}
}
