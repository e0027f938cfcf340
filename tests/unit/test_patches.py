"""Patches fit the files as published, and can be applied to one copy in any order."""

from __future__ import annotations

import difflib
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inputs.patches import PatchError, parse_patch
from harness.model.patch import Patch, apply_patches

LISTING = b"one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"
FILES = {"listing.c": LISTING, "src/driver.c": b"drive\n"}


def diff(before: bytes, after: bytes, path: str = "listing.c", context: int = 3) -> bytes:
    """Return the output of `diff -u`."""
    lines = difflib.diff_bytes(
        difflib.unified_diff,
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        b"a/" + path.encode(),
        b"b/" + path.encode(),
        n=context,
    )
    return b"".join(lines)


def build_patch(old: bytes, new: bytes) -> Patch:
    return parse_patch(diff(LISTING, LISTING.replace(old, new)), FILES)


def test_a_patch_makes_of_a_file_what_it_was_made_from() -> None:
    patch = build_patch(b"four\n", b"4\n")
    assert apply_patches("listing.c", LISTING, [patch]) == LISTING.replace(b"four", b"4")


def test_other_files_stay_as_they_are() -> None:
    assert apply_patches("src/driver.c", b"drive\n", [build_patch(b"four\n", b"4\n")]) == b"drive\n"


def test_a_patch_may_change_several_files() -> None:
    both = diff(LISTING, LISTING[4:]) + diff(b"drive\n", b"run\n", "src/driver.c")
    patch = parse_patch(both, FILES)
    assert apply_patches("listing.c", LISTING, [patch]) == LISTING[4:]
    assert apply_patches("src/driver.c", b"drive\n", [patch]) == b"run\n"


def test_patches_go_into_one_copy_in_any_order() -> None:
    patches = [
        build_patch(b"two\n", b""),
        build_patch(b"three\n", b"3\n3\n3\n"),
        build_patch(b"six\n", b"six\nsix and a half\n"),
    ]
    expected = b"one\n3\n3\n3\nfour\nfive\nsix\nsix and a half\nseven\neight\n"
    for ordered in permutations(patches):
        assert apply_patches("listing.c", LISTING, ordered) == expected


def test_patches_that_change_the_same_line_touch() -> None:
    assert build_patch(b"three\nfour\n", b"3\n").overlaps(build_patch(b"four\n", b"4\n"))


def test_patches_that_insert_at_the_same_place_touch() -> None:
    assert build_patch(b"four\n", b"four\nx\n").overlaps(build_patch(b"four\n", b"four\ny\n"))


def test_patches_in_neighbouring_lines_do_not_touch() -> None:
    assert not build_patch(b"three\n", b"3\n").overlaps(build_patch(b"four\n", b"4\n"))


def test_patches_of_different_files_do_not_touch() -> None:
    driver = parse_patch(diff(b"drive\n", b"run\n", "src/driver.c"), FILES)
    assert not driver.overlaps(build_patch(b"one\n", b"1\n"))


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (b"", "it changes nothing"),
        (b"Replace four by 4.\n", "it changes nothing"),
        (b"--- a/listing.c\n+++ b/listing.c\n@@ -1,9 +1,9 @@\n one\n", "not a unified diff"),
        (diff(b"1\n2\n", b"1\n3\n"), "it does not fit: line 1 of listing.c reads otherwise"),
        (diff(LISTING + b"nine\n", LISTING), "line 9 of listing.c reads otherwise"),
        (diff(LISTING, b"", "main.c"), "it changes `main.c`, which is not a file of the port"),
        (diff(LISTING, b"", "../c/listing.c"), "which is not a file of the port"),
        (b"\xff\xfe\x00", "it changes nothing"),
    ],
)
def test_a_patch_that_does_not_fit_says_why(patch: bytes, message: str) -> None:
    with pytest.raises(PatchError, match=message):
        parse_patch(patch, FILES)


texts = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"\xff\n", b"  c \x0c d\n"]), max_size=12)


@given(texts, texts, st.integers(0, 3))
def test_whatever_diff_finds_a_patch_puts_in(
    before: list[bytes], after: list[bytes], context: int
) -> None:
    old, new = b"".join(before), b"".join(after)
    if old != new:
        patch = parse_patch(diff(old, new, context=context), {"listing.c": old})
        assert apply_patches("listing.c", old, [patch]) == new
