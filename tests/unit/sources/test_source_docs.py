"""The pages about sources cannot lag behind the models, and their examples work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from monitor.domain.outcome import Outcome
from monitor.domain.page import ItemState
from monitor.sources.definition import SourceDefinition, parse_definition
from monitor.sources.discovery import build, discover
from monitor.sources.protocol import ItemSource
from tests.answers.pages import answer_to

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = DOCS / "reference" / "source-file.md"
GUIDE = DOCS / "how-to" / "add-a-source.md"
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", re.MULTILINE)


def tables() -> Iterator[type[BaseModel]]:
    """Every model that an operator's file is checked against."""
    waiting: list[type[BaseModel]] = [SourceDefinition]
    waiting += [getattr(adapter, "options_model") for adapter in discover().values()]  # noqa: B009
    seen: set[type[BaseModel]] = set()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        yield model
        for field in model.model_fields.values():
            waiting += _models_in(field.annotation)


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def row_of(name: str, field: FieldInfo) -> str:
    """How a field stands on the page."""
    default = (
        "required" if field.is_required() else _shown(field.get_default(call_default_factory=True))
    )
    return f"| `{name}` | {default} | {field.description} |"


def _shown(default: object) -> str:
    if default is None or default in ("", (), {}) or isinstance(default, BaseModel):
        return "-"
    if isinstance(default, tuple):
        return f"`[{', '.join(str(each) for each in default)}]`"
    return f"`{default}`"


@pytest.mark.parametrize("model", sorted(tables(), key=lambda model: model.__name__), ids=str)
def test_every_field_is_documented_as_it_is(model: type[BaseModel]) -> None:
    """Name, default and meaning, in the order of the model; the failure shows the right rows."""
    page = REFERENCE.read_text(encoding="utf-8")
    wanted = "\n".join(row_of(name, field) for name, field in model.model_fields.items())
    section = page.partition(f"<!-- {model.__name__} -->\n")[2].partition("<!-- end -->")[0]
    found = "\n".join(match[0] for match in ROW.finditer(section))
    assert found == wanted, f"docs/reference/source-file.md, {model.__name__}:\n{wanted}"


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [REFERENCE, GUIDE], ids=lambda page: page.name)
def test_every_source_file_on_the_pages_is_accepted(page: Path) -> None:
    """An example that is refused teaches mistakes."""
    whole = [text for text in blocks(page, "toml") if "\nkind = " in f"\n{text}"]
    assert whole
    for text in whole:
        build(parse_definition(text))


def test_the_guides_example_reads_the_guides_page() -> None:
    """The market, its file and what comes out are all on the page."""
    definition = blocks(GUIDE, "toml")[0]
    results, item = blocks(GUIDE, "html")[:2]
    source = build(parse_definition(definition))
    request = source.search_request("台灯")
    assert request is not None
    page = source.parse_search(answer_to(results, request.url, request=request))
    assert page.outcome is Outcome.OK
    assert page.problems == ()
    assert page.notes == {}
    first = page.listings[0]
    assert (first.native_id, first.title, first.price_minor) == ("8812", "九成新台灯", 2850)
    assert (first.seller_name, first.region) == ("灯具小铺", "广东 深圳")
    assert first.published_at is not None
    assert first.picture_urls == ("https://img.market.example/8812.jpg",)
    assert page.total == 2
    assert page.next_request is not None
    assert page.next_request.url.endswith("page=2")
    assert isinstance(source, ItemSource)
    asked = source.item_request(first.native_id, first.url)
    assert asked is not None
    shown = source.parse_item(answer_to(item, asked.url, request=asked))
    assert shown.state is ItemState.ON_SALE
    assert shown.listing is not None
    assert "可自提" in shown.listing.description
    assert len(shown.listing.picture_urls) == 2


def test_the_guide_names_every_kind() -> None:
    """A reader finds the adapter for a market."""
    text = GUIDE.read_text(encoding="utf-8") + REFERENCE.read_text(encoding="utf-8")
    for kind in discover():
        assert f'`kind = "{kind}"`' in text
