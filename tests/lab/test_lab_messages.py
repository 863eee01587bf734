"""The lab's texts: four languages that say the same, and a page that asks for nothing they lack."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from fanin.explanation._reason import ENGLISH
from fanin.propagation._words import Code

STATIC = Path(__file__).parents[2] / "src" / "fanin" / "lab" / "static"
LANGUAGES = ("en", "es", "zh", "ja")
LEARN_WORDS = ("learned", "slow", "still", "saturated", "identical-units", "diverged", "not-learned")


def messages(language: str) -> dict[str, str]:
    pairs = json.loads((STATIC / "messages" / f"{language}.json").read_text("utf-8"), object_pairs_hook=list)
    assert len(dict(pairs)) == len(pairs), "a key stands twice"
    return dict(pairs)


def gaps(message: str) -> list[str]:
    return sorted(re.findall(r"\{[a-z_]+%?\}", message))


def sources() -> dict[str, str]:
    kinds = (".js", ".html", ".css", ".json")
    return {
        str(path.relative_to(STATIC)): path.read_text("utf-8") for path in STATIC.rglob("*") if path.suffix in kinds
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_with_the_same_gaps(language: str) -> None:
    english, here = messages("en"), messages(language)
    assert here.keys() == english.keys()
    assert {key: gaps(text) for key, text in here.items()} == {key: gaps(text) for key, text in english.items()}
    assert [key for key, text in here.items() if not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_translation_is_one(language: str) -> None:
    english, here = messages("en"), messages(language)
    wordy = [key for key, text in english.items() if len(re.findall(r"[a-z]{3,}", text)) > 3]
    assert [key for key in wordy if here[key] == english[key]] == []


def test_every_code_of_the_server_has_a_sentence() -> None:
    here = messages("en")
    codes = [f"propagate.word.{code}" for code in get_args(Code)]
    codes += [f"learn.word.{code}" for code in LEARN_WORDS]
    codes += [f"layer.reason.{code}" for code in ENGLISH]
    assert [code for code in codes if code not in here] == []


def test_a_sentence_of_a_reason_needs_only_what_comes_with_it() -> None:
    here = messages("en")
    for code, english in ENGLISH.items():
        known = set(re.findall(r"\{([a-z_]+)", english)) | {"activation", "slope"}
        assert {gap.strip("{}%") for gap in gaps(here[f"layer.reason.{code}"])} <= known, code


def test_the_page_uses_no_message_that_is_missing_and_leaves_none_unused() -> None:
    here = messages("en")
    code = "\n".join(text for name, text in sources().items() if not name.endswith(".json"))
    quoted = set(re.findall(r"[\"`]([a-z]+(?:[.-][A-Za-z0-9-]+)*)[\"`]", code))
    kinds = {name for name in quoted if "." in name and any(key.startswith(f"{name}.") for key in here)}
    patterns = [
        _pattern(text) for text in re.findall(r"`([^`\s]*\$\{[^`\s]*)`", code) if re.match(r"[a-z]+\.|\$\{name\}", text)
    ]
    roots = {key.partition(".")[0] for key in here if "." in key}
    asked = {name for name in quoted if name.partition(".")[0] in roots and "." in name and not name.endswith(".js")}
    assert asked - kinds - here.keys() == set()
    made = [key for key in here if any(pattern.fullmatch(key) for pattern in patterns)]
    assert (
        set(here) - quoted - set(made) - {key for key in here if key.startswith(tuple(f"{kind}." for kind in kinds))}
        == set()
    )


def _pattern(template: str) -> re.Pattern[str]:
    """What a template of JavaScript can become."""
    return re.compile(
        "".join(".+" if part.startswith("${") else re.escape(part) for part in re.split(r"(\$\{[^}]*\})", template))
    )


def test_the_page_names_no_other_host_and_writes_no_markup() -> None:
    for name, text in sources().items():
        assert "http" not in text, name
        assert not re.search(r"[\"'`(]//", text), name
        for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
            assert danger not in text, (name, danger)
