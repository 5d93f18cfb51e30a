//! x
use super::{Scene, Widget};
use crate::paint::Canvas;
#[derive(Debug)]
pub(crate) struct Services;
impl Widget for Services {
    fn name(&self) -> &'static str {
        "services"
    }
    fn title(&self, _: &Scene<'_>) -> String {
        "Services".to_owned()
    }
    fn height(&self, _: &Scene<'_>, _: u16) -> u16 {
        0
    }
    fn draw(&self, _: &Scene<'_>, _: Canvas<'_>) {}
}
