//! x
use super::{Scene, Widget};
use crate::paint::Canvas;
#[derive(Debug)]
pub(crate) struct DisksNetwork;
impl Widget for DisksNetwork {
    fn name(&self) -> &'static str {
        "disks_network"
    }
    fn title(&self, _: &Scene<'_>) -> String {
        "DisksNetwork".to_owned()
    }
    fn height(&self, _: &Scene<'_>, _: u16) -> u16 {
        0
    }
    fn draw(&self, _: &Scene<'_>, _: Canvas<'_>) {}
}
