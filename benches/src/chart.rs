//! A chart of what changes in the course of time, as an SVG that can be read on light and dark pages.

use std::fmt::Write;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 340.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 148.0;
const TOP: f64 = 78.0;
const BOTTOM: f64 = 48.0;

/// One line of a chart.
pub struct Line<'a> {
    /// Stands at its end.
    pub name: &'a str,
    /// Minutes and megabytes.
    pub points: &'a [(f64, f64)],
}

/// Megabytes by minutes, from zero.
pub fn memory_chart(title: &str, subtitle: &str, lines: &[Line<'_>]) -> String {
    let all = || lines.iter().flat_map(|line| line.points);
    let (x_step, x_end) = axis(all().map(|point| point.0).fold(0.0, f64::max));
    let (y_step, y_end) = axis(all().map(|point| point.1).fold(0.0, f64::max) * 1.1);
    let x = |minutes: f64| LEFT + minutes / x_end * (WIDTH - LEFT - RIGHT);
    let y = |megabytes: f64| HEIGHT - BOTTOM - megabytes / y_end * (HEIGHT - TOP - BOTTOM);
    let mut svg = String::new();
    let mut put = |text: std::fmt::Arguments<'_>| svg.write_fmt(text).expect("room");
    put(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" aria-labelledby=\"title subtitle\">\n<style>\n{STYLE}</style>\n\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>\n\
         <text class=\"title\" id=\"title\" x=\"16\" y=\"24\">{}</text>\n\
         <text id=\"subtitle\" x=\"16\" y=\"42\">{}</text>\n",
        escaped(title),
        escaped(subtitle)
    ));
    for megabytes in ticks(y_step, y_end) {
        let class = if megabytes == 0.0 { "axis" } else { "grid" };
        put(format_args!(
            "<path class=\"{class}\" d=\"M{LEFT} {at:.1}H{:.1}\"/>\n<text class=\"number\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y(megabytes) + 4.0,
            short(megabytes),
            at = y(megabytes)
        ));
    }
    for minutes in ticks(x_step, x_end) {
        put(format_args!(
            "<text class=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            x(minutes),
            HEIGHT - BOTTOM + 16.0,
            short(minutes)
        ));
    }
    put(format_args!(
        "<text class=\"middle\" x=\"{:.1}\" y=\"{:.1}\">minutes</text>\n<text class=\"number\" x=\"{:.1}\" y=\"{:.1}\">MB</text>\n",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - BOTTOM + 34.0,
        LEFT - 8.0,
        y(y_end) - 12.0
    ));
    let names = name_heights(
        lines
            .iter()
            .filter_map(|line| line.points.last())
            .map(|point| y(point.1)),
    );
    for (number, line) in lines.iter().enumerate() {
        let path: Vec<String> = line
            .points
            .iter()
            .map(|&(minutes, megabytes)| format!("{:.1} {:.1}", x(minutes), y(megabytes)))
            .collect();
        let Some(&(minutes, megabytes)) = line.points.last() else {
            continue;
        };
        put(format_args!(
            "<path class=\"line line{number}\" d=\"M{}\"/>\n<circle class=\"end{number}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"/>\n\
             <text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            path.join("L"),
            x(minutes),
            y(megabytes),
            x(minutes) + 10.0,
            names[number] + 4.0,
            escaped(line.name)
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #52514e; }
.title, .name { fill: #0b0b0b; }
.title { font-size: 15px; font-weight: 600; }
.number { text-anchor: end; font-variant-numeric: tabular-nums; }
.middle { text-anchor: middle; font-variant-numeric: tabular-nums; }
.page { fill: #fcfcfb; }
.grid { stroke: #e4e3df; }
.axis { stroke: #8a8984; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line0 { stroke: #2a78d6; } .end0 { fill: #2a78d6; }
.line1 { stroke: #008300; } .end1 { fill: #008300; }
@media (prefers-color-scheme: dark) {
text { fill: #c3c2b7; }
.title, .name { fill: #ffffff; }
.page { fill: #1a1a19; }
.grid { stroke: #353531; }
.axis { stroke: #8a8984; }
.line0 { stroke: #3987e5; } .end0 { fill: #3987e5; }
.line1 { stroke: #2f9e2f; } .end1 { fill: #2f9e2f; }
}
";

/// Where names stand that shall not cover each other: from the top down, each at its line's end or a little below.
fn name_heights(ends: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut heights: Vec<(usize, f64)> = ends.enumerate().collect();
    heights.sort_by(|one, other| one.1.total_cmp(&other.1));
    for above in 1..heights.len() {
        heights[above].1 = heights[above].1.max(heights[above - 1].1 + 15.0);
    }
    heights.sort_by_key(|height| height.0);
    heights.into_iter().map(|height| height.1).collect()
}

/// A round step, and the end of an axis of four to ten of them.
fn axis(most: f64) -> (f64, f64) {
    let most = most.max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(most.log10().floor());
    let step = [0.1, 0.2, 0.5, 1.0]
        .into_iter()
        .map(|step| step * power)
        .find(|step| most / step <= 8.0)
        .unwrap_or(2.0 * power);
    (step, (most / step).ceil() * step)
}

fn ticks(step: f64, end: f64) -> impl Iterator<Item = f64> {
    let count = (end / step).round() as u32;
    (0..=count).map(move |number| f64::from(number) * step)
}

fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
