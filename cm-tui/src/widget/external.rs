//! Panels that programs of the owner fill: one for each place in the list of programs.

use cm_core::text::terminal;
use cm_core::wording;

use super::{Scene, Widget};
use crate::external::{self, Panel, Trouble};
use crate::layout::Span;
use crate::paint::Canvas;
use crate::state::State;
use crate::theme::Role;

/// The panel of the program at a place.
#[derive(Debug)]
pub(crate) struct External {
    /// Its name in preferences.
    pub(crate) name: &'static str,
    /// Its place in the list of programs.
    pub(crate) place: usize,
}

/// What is told where the past is shown.
const NOT_GATHERED: &str = "What a program says is not gathered: n shows it as it is now.";

impl External {
    fn program<'s>(&self, scene: &Scene<'s>) -> Option<&'s external::External> {
        let program = scene.state.externals.get(self.place)?;
        let here = &scene.host.member.host.id;
        program.widget.host.as_ref().is_none_or(|host| host == here).then_some(program)
    }
}

impl Widget for External {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_there(&self, state: &State) -> bool {
        self.place < state.externals.len()
    }

    fn label(&self, state: &State) -> String {
        let program = state.externals.get(self.place);
        program.map_or_else(|| self.name.to_owned(), |program| program.widget.name.to_string())
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        match self.program(scene) {
            Some(external::External { told: Some(Ok(panel)), .. }) if scene.state.then.is_none() => {
                terminal::line(&panel.title).into_owned()
            }
            Some(program) => program.widget.name.to_string(),
            None => String::new(),
        }
    }

    fn span(&self) -> Span {
        Span::Half
    }

    fn height(&self, scene: &Scene<'_>, _: u16) -> u16 {
        let Some(program) = self.program(scene) else { return 0 };
        let lines = match &program.told {
            Some(Ok(panel)) if scene.state.then.is_none() => panel.lines.len() + usize::from(panel.left_out > 0),
            _ => 1,
        };
        u16::try_from(lines.max(1)).unwrap_or(1)
    }

    fn draw(&self, scene: &Scene<'_>, mut canvas: Canvas<'_>) {
        let Some(program) = self.program(scene) else { return };
        match &program.told {
            _ if scene.state.then.is_some() => {
                canvas.put(1, 0, NOT_GATHERED, Role::Dim);
            }
            None => {
                canvas.put(1, 0, "It has not told anything yet.", Role::Dim);
            }
            Some(Ok(panel)) => lines(scene, panel, &mut canvas),
            Some(Err(trouble)) => failure(scene, trouble, &mut canvas),
        }
    }
}

fn lines(scene: &Scene<'_>, panel: &Panel, canvas: &mut Canvas<'_>) {
    let marked = panel.lines.iter().any(|line| line.health.is_some());
    let mut y = 0;
    for line in &panel.lines {
        let role = line.health.map_or(Role::Plain, Role::of);
        if let Some(health) = line.health {
            canvas.put(1, y, wording::mark(health, scene.state.look.glyphs), role);
        }
        canvas.put(if marked { 3 } else { 1 }, y, &line.text, role);
        y += 1;
    }
    if panel.left_out > 0 {
        canvas.put(1, y, format!("and {} more", panel.left_out).as_str(), Role::Dim);
    } else if y == 0 {
        canvas.put(1, 0, "It says nothing.", Role::Dim);
    }
}

fn failure(scene: &Scene<'_>, trouble: &Trouble, canvas: &mut Canvas<'_>) {
    let health = cm_core::health::Health::Unknown;
    let x = canvas.put(1, 0, wording::mark(health, scene.state.look.glyphs), Role::Note) + 1;
    canvas.put(x, 0, trouble.to_string().as_str(), Role::Note);
}
