"""How an adapter reads its own options, and the option tables that adapters share.

An adapter declares one `Options` model; `read_options` turns what pydantic finds
wrong into one line that names the option. A field added here needs a line in
`docs/reference/source-file.md` (a test compares them).
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.errors import SourceError
from monitor.sources.definition import SourceDefinition

__all__ = ["BlockTexts", "Options", "StateWords", "read_options"]

Model = TypeVar("Model", bound="Options")


class Options(BaseModel):
    """A table of options: immutable, and a misspelt option is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StateWords(Options):
    """What the market writes when an item can or cannot be had.

    A word matches when it is the whole state text, or occurs in it and is neither
    a number nor a single character. The order of looking is gone, sold, on_sale.
    """

    on_sale: tuple[str, ...] = Field(default=(), description="Words that mean: it can be bought.")
    sold: tuple[str, ...] = Field(default=(), description="Words that mean: somebody bought it.")
    gone: tuple[str, ...] = Field(
        default=(), description="Words that mean: the listing was taken down."
    )


class BlockTexts(Options):
    """Texts of this market's own block pages, beside the built-in ones.

    They count only on a page that lacks the expected list or item.
    """

    challenged: tuple[str, ...] = Field(default=(), description="Texts of a captcha or risk page.")
    login_required: tuple[str, ...] = Field(default=(), description="Texts of a login wall.")
    rate_limited: tuple[str, ...] = Field(default=(), description="Texts of a flood control page.")


def read_options(model: type[Model], definition: SourceDefinition) -> Model:
    """Check `definition.options` against `model`.

    Raises:
        SourceError: names the source, the option and what is wrong.
    """
    try:
        return model.model_validate(definition.options)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(["options", *(str(part) for part in first["loc"])])
        reason = first["msg"].removeprefix("Value error, ")
        raise SourceError(f"source {definition.name}: {where}: {reason}") from error
