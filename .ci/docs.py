#!/usr/bin/env python3
"""Checks that every path and relative link in a Markdown file leads somewhere.

A word in backticks counts as a path if it starts with a folder of this repository (`docs/…`), or if it
has a slash and ends like a source file (`x/y.toml`); placeholders (`NAME`, `<…>`, `*`, `…`) do not.
"""

import pathlib
import re
import subprocess
import sys

CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"\.?[A-Za-z0-9_][A-Za-z0-9_./-]*")
SOURCE = (".rs", ".toml", ".md", ".sh", ".py", ".yml", ".yaml", ".json", ".sql", ".html", ".js", ".css")


def tracked() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True,
    )
    return [name for name in listing.stdout.split("\0") if name]


def is_path(word: str, folders: set[str]) -> bool:
    if not PATH.fullmatch(word) or re.search(r"\b(NAME|NNNN|OWNER)\b", word):
        return False
    return "/" in word and (word.split("/")[0] in folders or word.endswith(SOURCE))


def anchors(page: pathlib.Path) -> set[str]:
    found = set()
    for line in FENCE.sub("", page.read_text(encoding="utf-8")).splitlines():
        if match := re.match(r"#{1,6}\s+(.*)", line):
            words = re.sub(r"[^\w\- ]", "", match[1].strip().lower())
            found.add(words.replace(" ", "-"))
    return found


def broken(page: pathlib.Path, folders: set[str]) -> list[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    wrong = []
    for word in CODE.findall(text):
        if is_path(word, folders):
            if not pathlib.Path(word).exists() and not (page.parent / word).exists():
                wrong.append(word)
    for link in LINK.findall(CODE.sub("", text)):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        target, _, anchor = link.partition("#")
        place = page.parent / target if target else page
        if not place.exists():
            wrong.append(link)
        elif anchor and place.suffix == ".md" and anchor not in anchors(place):
            wrong.append(link)
    return wrong


def main() -> int:
    names = tracked()
    folders = {name.split("/")[0] for name in names if "/" in name}
    pages = [pathlib.Path(name) for name in names if name.endswith(".md")]
    failures = 0
    for page in pages:
        if page.exists():
            for word in broken(page, folders):
                print(f"{page}: {word} does not exist", file=sys.stderr)
                failures += 1
    print(f"{len(pages)} documents, {failures} dead ends")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
