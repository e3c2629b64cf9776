//! The words of the screens: all languages say the same things, and all that is said is there.

use super::{FILES, PAGES, between, graph_in_the_end, text};
use std::collections::{BTreeMap, BTreeSet};

const FOLDER: &str = "js/text/";

/// The languages there are.
pub(super) fn languages() -> BTreeSet<&'static str> {
    parts().map(|(language, _)| language).collect()
}

/// Every part of the words, with its language.
fn parts() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = FILES.iter().filter_map(|(file, _)| file.strip_prefix(FOLDER));
    files.filter_map(|file| file.strip_suffix(".js")?.split_once('/'))
}

/// The keys of a part; none twice.
fn keys(language: &str, part: &str) -> BTreeSet<&'static str> {
    let lines = text(&format!("{FOLDER}{language}/{part}.js")).lines();
    let mut keys = BTreeSet::new();
    for key in lines.filter_map(|line| Some(line.strip_prefix("  \"")?.split_once("\": ")?.0)) {
        assert!(keys.insert(key), "{language}/{part}: {key} stands there twice");
    }
    assert!(!keys.is_empty(), "{language}/{part}");
    keys
}

/// What a file says: whole keys, and beginnings of such as are put together.
fn said(file: &str, groups: &BTreeSet<&str>) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let of_a_group = |word: &&str| {
        let group = word.split_once('.').map(|(group, _)| group);
        group.is_some_and(|group| groups.contains(group)) && !word.contains(' ')
    };
    let text = text(file);
    let quoted = text.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
    let begun = text.split('`').skip(1).filter_map(|word| Some(word.split_once("${")?.0));
    (quoted.filter(of_a_group).collect(), begun.filter(of_a_group).collect())
}

#[test]
fn all_languages_have_the_same_keys() {
    let mut by_part: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (language, part) in parts() {
        by_part.entry(part).or_default().insert(language, keys(language, part));
    }
    for (part, by_language) in by_part {
        assert_eq!(by_language.keys().copied().collect::<BTreeSet<_>>(), languages(), "{part}");
        for (language, keys) in &by_language {
            assert_eq!(Some(keys), by_language.get("en"), "{language}/{part}");
        }
    }
}

/// All that a file says: keys, and beginnings of keys.
fn all_said(
    file: &str,
    groups: &BTreeSet<&str>,
) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let (mut whole, begun) = said(file, groups);
    // Keys of one word, such as those in the markup.
    let called = [" t(\"", "(t(\"", "[t(\"", "data-text=\""];
    whole.extend(called.iter().flat_map(|call| between(text(file), call, "\"")));
    (whole, begun)
}

/// All keys there are, and their groups: what stands before the first point.
fn keys_and_groups() -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let all: BTreeSet<&str> = parts().flat_map(|(language, part)| keys(language, part)).collect();
    let groups = all.iter().filter_map(|key| Some(key.split_once('.')?.0)).collect();
    (all, groups)
}

/// The parts that a module loads when they are needed: `load("timeline", "tracking")`.
fn loaded_later(file: &str) -> impl Iterator<Item = &'static str> {
    between(text(file), " load(\"", "\")").flat_map(|parts| parts.split("\", \""))
}

#[test]
fn every_page_has_the_words_that_it_says() {
    let (_, groups) = keys_and_groups();
    for (_, page, _) in PAGES {
        let files = graph_in_the_end(page);
        let parts = ["shared", page.trim_end_matches(".html")].into_iter();
        let parts = parts.chain(files.iter().flat_map(|file| loaded_later(file)));
        let known: BTreeSet<&str> = parts.flat_map(|part| keys("en", part)).collect();
        let says = |file: &String| !file.ends_with(".css") && !file.ends_with(".svg");
        for file in files.into_iter().filter(says) {
            for key in all_said(&file, &groups).0 {
                assert!(known.contains(key), "{page}, {file}: there are no words for {key}");
            }
        }
    }
}

#[test]
fn there_are_no_words_that_nobody_says() {
    let (all, groups) = keys_and_groups();
    let files = FILES.iter().map(|(file, _)| *file).chain(PAGES.iter().map(|(_, file, _)| *file));
    let files = files.filter(|file| !file.starts_with(FOLDER));
    let (mut used, mut begun) = (BTreeSet::new(), BTreeSet::new());
    for (whole, beginnings) in files.map(|file| all_said(file, &groups)) {
        used.extend(whole);
        begun.extend(beginnings);
    }
    let unsaid =
        all.difference(&used).filter(|key| !begun.iter().any(|part| key.starts_with(part)));
    let unsaid: Vec<&&str> = unsaid.collect();
    assert!(unsaid.is_empty(), "nobody says {unsaid:?}");
}
