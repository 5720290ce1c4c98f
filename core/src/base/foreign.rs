//! Text that others wrote, made fit to be shown and recorded: the output of git and of hooks, the bodies of
//! answers, names in files. Terminals obey control characters, CI systems obey lines that begin in a
//! certain way, and some letters make what is read another thing than what is there.

/// How CI systems mark a command anywhere in a line (`##[error]`, `##vso[…]`).
const MARK: &str = "##";
/// How GitHub Actions marks one at the beginning of a line, blanks before it or not.
const COMMAND: &str = "::";

/// What stands before each line of a text that has several.
pub const INDENT: &str = "  ";

/// A text of one line, cut when it is longer than `most` letters. Line breaks are escaped too.
#[must_use]
pub fn word(text: &str, most: usize) -> String {
    let mut letters = text.chars();
    let mut shown = escaped(&letters.by_ref().take(most).collect::<String>(), false);
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// A text of several lines: each escaped, and none of them a command of a CI system. Breaks and tabs stay.
#[must_use]
pub fn text(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n")
}

/// [`text`], with each line indented.
#[must_use]
pub fn block(foreign: &str) -> String {
    let lines: Vec<String> =
        foreign.lines().map(|foreign| format!("{INDENT}{}", line(foreign))).collect();
    lines.join("\n")
}

/// What somebody said, to stand in a sentence: several lines stand below it, each indented.
#[must_use]
pub fn said(foreign: &str) -> String {
    let foreign = foreign.trim();
    if foreign.contains('\n') { format!("\n{}", block(foreign)) } else { text(foreign) }
}

fn line(foreign: &str) -> String {
    // A progress line overwrites itself; what it said last is what counts.
    let foreign = foreign.trim_end_matches('\r');
    let foreign = foreign.rsplit('\r').next().unwrap_or_default();
    match foreign.trim_start().strip_prefix(COMMAND) {
        Some(rest) => format!("\\u{{3a}}:{}", escaped(rest, true)),
        None => escaped(foreign, true),
    }
}

fn escaped(foreign: &str, keeps_tabs: bool) -> String {
    let mut shown = String::with_capacity(foreign.len());
    for (number, piece) in foreign.split(MARK).enumerate() {
        if number > 0 {
            shown.push_str("#\\u{23}");
        }
        for letter in piece.chars() {
            if is_hidden(letter) && !(keeps_tabs && letter == '\t') {
                shown.extend(letter.escape_default());
            } else {
                shown.push(letter);
            }
        }
    }
    shown
}

/// The first letter of a name that nobody sees, or that makes another thing of what is read.
pub(crate) fn hidden(name: &str) -> Option<char> {
    name.chars().find(|letter| is_hidden(*letter))
}

/// What is wrong with a name that has one.
pub(crate) fn hidden_fault(name: &str) -> Option<String> {
    hidden(name).map(|letter| format!("it holds {}, which nobody sees", letter.escape_unicode()))
}

/// Control characters, other ends of lines, and letters without a width or that turn the direction.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_obeyed() {
        assert_eq!(word("a\u{1b}[2Jb\nc\u{202e}d", 99), "a\\u{1b}[2Jb\\nc\\u{202e}d");
        assert_eq!(word("grün 部署", 4), "grün…");
        assert_eq!(text("ok\r\n\t::error::x\n a ::b::"), "ok\n\\u{3a}:error::x\n a ::b::");
        assert_eq!(text("x ##[error]y ##vso[task]"), "x #\\u{23}[error]y #\\u{23}vso[task]");
        assert_eq!(text("10%\r100%\rdone"), "done");
        assert_eq!(said(" one\u{7} \n"), "one\\u{7}");
        assert_eq!(said("one\ntwo"), "\n  one\n  two");
        assert_eq!(block("a\u{2028}b\n::set-env::"), "  a\\u{2028}b\n  \\u{3a}:set-env::");
    }

    proptest! {
        /// Whatever it is: no line begins a command, nothing moves the cursor, and words stay in a line.
        #[test]
        fn whatever_it_is(foreign in "(\\PC|[\u{0}-\u{20}:#\u{202e}\u{2028}\u{9b}]){0,40}") {
            let shown = text(&foreign);
            for line in shown.split('\n') {
                prop_assert!(!line.trim_start().starts_with("::") && !line.contains("##"), "{line:?}");
                prop_assert!(!line.chars().any(|c| c != '\t' && is_hidden(c)), "{line:?}");
            }
            prop_assert_eq!(word(&foreign, 99).lines().count(), usize::from(!foreign.is_empty()));
            // What was made fit stays as it is.
            prop_assert_eq!(&text(&shown), &shown);
        }
    }
}
