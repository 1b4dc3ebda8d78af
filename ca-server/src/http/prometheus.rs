//! The text format of Prometheus, version 0.0.4: families with help and type, samples with labels.

use std::fmt::{self, Write as _};

/// A text of metrics, one family after the other.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    text: String,
}

/// What a family's values do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// They only grow, until the process ends.
    Counter,
    /// They go up and down.
    Gauge,
}

/// One sample: labels and value.
pub(super) struct Sample<'a> {
    pub(super) labels: Vec<(&'static str, &'a str)>,
    pub(super) value: f64,
}

impl<'a> Sample<'a> {
    pub(super) fn new(labels: &[(&'static str, &'a str)], value: impl Number) -> Self {
        Self { labels: labels.to_vec(), value: value.number() }
    }
}

impl Exposition {
    /// Adds a family, if it has samples.
    pub(super) fn family<'a>(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        samples: impl IntoIterator<Item = Sample<'a>>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        // Writing to a String never fails.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for Sample { labels, value } in samples {
            let _ = writeln!(self.text, "{name}{} {value}", Labels(&labels));
        }
    }

    /// A family of one sample without labels.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Number) {
        self.family(name, kind, help, [Sample::new(&[], value)]);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// What can be a value: exact below 2^53, and nothing here is larger.
pub(super) trait Number {
    fn number(self) -> f64;
}

impl Number for u64 {
    fn number(self) -> f64 {
        self as f64
    }
}

impl Number for i64 {
    fn number(self) -> f64 {
        self as f64
    }
}

impl Number for bool {
    fn number(self) -> f64 {
        if self { 1.0 } else { 0.0 }
    }
}

impl Number for f64 {
    fn number(self) -> f64 {
        self
    }
}

struct Labels<'a>(&'a [(&'static str, &'a str)]);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (name, value)) in self.0.iter().enumerate() {
            f.write_str(if position == 0 { "{" } else { "," })?;
            write!(f, "{name}=\"")?;
            for c in value.chars() {
                match c {
                    '\\' => f.write_str("\\\\")?,
                    '"' => f.write_str("\\\"")?,
                    '\n' => f.write_str("\\n")?,
                    other => f.write_char(other)?,
                }
            }
            f.write_char('"')?;
        }
        f.write_str(if self.0.is_empty() { "" } else { "}" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_is_help_type_and_samples() {
        let mut text = Exposition::default();
        let labels = [("of", "a\"b\\c\nd"), ("kind", "crl")];
        let samples = [Sample::new(&labels, 3_u64), Sample::new(&labels[..1], -1_i64)];
        text.family("x_seconds", Kind::Gauge, "How long.", samples);
        text.single("y_total", Kind::Counter, "How many.", 12_345_678_901_u64);
        text.family("z", Kind::Gauge, "Nothing.", []);
        let expected = "# HELP x_seconds How long.\n# TYPE x_seconds gauge\n\
                        x_seconds{of=\"a\\\"b\\\\c\\nd\",kind=\"crl\"} 3\n\
                        x_seconds{of=\"a\\\"b\\\\c\\nd\"} -1\n\
                        # HELP y_total How many.\n# TYPE y_total counter\ny_total 12345678901\n";
        assert_eq!(text.into_text(), expected);
    }
}
