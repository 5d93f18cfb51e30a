//! A message as the HTML part of a mail: one narrow column, colours by how bad it is, no picture, no script, no style sheet
//! of its own, nothing that is fetched. Programs that show mail drop most of what HTML can do; what is used here they keep.

use std::fmt::Write as _;

use cm_core::outbox::{Block, Sheet};
use cm_core::text::html::text;

use super::{colour, link};

/// The whole part.
pub fn page(sheet: &Sheet) -> String {
    let mut page = String::from(concat!(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\">",
        "<meta name=\"viewport\" content=\"width=device-width\">",
        "<meta name=\"color-scheme\" content=\"light dark\"></head>\n",
        "<body style=\"font-family:sans-serif;font-size:15px;line-height:1.4;max-width:40em\">\n",
    ));
    for line in &sheet.lead {
        let _ = writeln!(page, "<p>{}</p>", bdi(&text(line)));
    }
    for block in &sheet.blocks {
        one(&mut page, block);
    }
    for line in &sheet.foot {
        let _ = writeln!(page, "<p style=\"font-size:12px;color:#808080;margin:4px 0\">{}</p>", bdi(&text(line)));
    }
    page.push_str("</body></html>\n");
    page
}

fn one(page: &mut String, block: &Block) {
    let _ = writeln!(
        page,
        "<div style=\"border-left:4px solid #{:06x};padding:2px 0 2px 12px;margin:0 0 18px\">\n<p style=\"font-weight:bold;margin:0 0 6px\">{}</p>",
        colour(block.health),
        bdi(&text(&block.head)),
    );
    page.push_str("<table cellpadding=\"0\" cellspacing=\"0\" style=\"border:0;font-size:15px\">\n");
    for row in &block.rows {
        let value = match link(row) {
            // Its letters are harmless between quotes but for the one that stands between parameters.
            Some(link) => format!("<a href=\"{0}\">{0}</a>", link.replace('&', "&amp;")),
            None => bdi(&text(&row.text)),
        };
        let _ = writeln!(
            page,
            "<tr><td style=\"color:#808080;padding:0 12px 3px 0;vertical-align:top\">{}</td><td style=\"padding:0 0 3px\">{}</td></tr>",
            row.label.word(),
            value,
        );
    }
    page.push_str("</table>\n");
    if !block.log.is_empty() {
        page.push_str("<div style=\"font-family:monospace;font-size:13px;margin:6px 0 0;overflow-wrap:anywhere\">\n");
        for line in &block.log {
            let _ = writeln!(page, "{}<br>", bdi(&text(line)));
        }
        page.push_str("</div>\n");
    }
    page.push_str("</div>\n");
}

/// Text of a right-to-left script turns nothing around it.
fn bdi(text: &str) -> String {
    format!("<bdi>{text}</bdi>")
}
