"""The field's terms: every one in both languages."""

from __future__ import annotations

import pytest

from core.model.enums import Operation
from core.terms import _TERMS, LANGUAGES, Language, both, term

_SPELT_ALIKE = {"ha", "cong", "delta_t"}


@pytest.mark.parametrize("key", _TERMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_is_there_and_clean(key: str, language: Language) -> None:
    text = term(key, language)
    assert text
    assert text == text.strip()


@pytest.mark.parametrize("key", sorted(_TERMS.keys() - _SPELT_ALIKE))
def test_the_languages_differ_but_for_units(key: str) -> None:
    assert term(key, "vi") != term(key, "en")
    assert both(key) == f"{term(key, 'vi')} / {term(key, 'en')}"


@pytest.mark.parametrize("key", sorted(_SPELT_ALIKE))
def test_what_both_languages_spell_alike_stands_once(key: str) -> None:
    assert both(key) == term(key, "vi") == term(key, "en")


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_has_a_term(operation: Operation) -> None:
    assert term(operation.word)


def test_vietnamese_is_the_default() -> None:
    assert term("plot") == "Thửa ruộng"
    assert term("plot", "en") == "Plot"


def test_an_unknown_term_is_an_error() -> None:
    with pytest.raises(KeyError):
        term("acre")
