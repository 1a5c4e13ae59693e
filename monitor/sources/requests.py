"""The request that an operator writes down: address, parameters, form or JSON body."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, field_validator, model_validator

from monitor.domain.gap import Window
from monitor.domain.page import Answer, PageRequest
from monitor.sources.ages import AGES, NEWER, AgeUnit, age_values
from monitor.sources.options import Options
from monitor.sources.templates import (
    check_placeholders,
    encode,
    fill_structure,
    fill_text,
    fill_url,
    is_absent,
    placeholders,
)

__all__ = ["RequestOptions", "check_address"]

PERSONAL_HEADERS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-auth-token", "x-api-key", "x-csrf-token"}
)
TRANSPORT_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "content-type", "user-agent"}
)


def check_address(url: str) -> str:
    """An absolute http(s) address whose host is fixed.

    Raises:
        ValueError: says what is wrong with it.
    """
    try:
        split = urlsplit(url)
        host = split.hostname
        _ = split.port
    except ValueError as error:
        raise ValueError(f"not an address: {error}") from None
    if split.scheme not in ("http", "https") or not host:
        raise ValueError("must be an absolute http:// or https:// address")
    if "@" in split.netloc:
        raise ValueError("must not hold a user name or password")
    if placeholders(split.netloc):
        raise ValueError("placeholders may stand in path and query, not in the host")
    return url


class RequestOptions(Options):
    """One request; a plain string stands for its `url`."""

    url: str = Field(description="Absolute address; may hold placeholders in path and query.")
    method: Literal["GET", "POST"] = Field(
        default="GET", description="GET, or POST with form or body."
    )
    params: dict[str, str | int] = Field(
        default_factory=dict, description="Query parameters, added to those of url."
    )
    form: dict[str, str | int] | None = Field(
        default=None, description="POST: fields of a form, UTF-8."
    )
    body: Any = Field(default=None, description="POST: a JSON body; strings may hold placeholders.")
    headers: dict[str, str] = Field(
        default_factory=dict, description="Extra headers; no cookies, no tokens."
    )
    term_encoding: str = Field(
        "utf-8", description="Charset of values in url and params, e.g. gb18030."
    )
    age_unit: AgeUnit | None = Field(
        default=None,
        description="How {newer_than} and {older_than} are written: seconds or milliseconds "
        "since 1970, days of age, date or datetime.",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        return check_address(url)

    @field_validator("term_encoding")
    @classmethod
    def _is_charset(cls, name: str) -> str:
        try:
            # Python also knows codecs that are no charsets ("zip", "rot13").
            encode("字", codecs.lookup(name).name)
        except (LookupError, ValueError, TypeError):
            raise ValueError(f"unknown charset {name!r}") from None
        return name

    @field_validator("headers")
    @classmethod
    def _are_plain(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if name.lower() in PERSONAL_HEADERS:
                raise ValueError(f"{name} would carry a person's token; sources hold none")
            if name.lower() in TRANSPORT_HEADERS:
                raise ValueError(f"{name} is set by the fetcher")
            if not name.replace("-", "").isalnum() or not value.isascii() or "\n" in value:
                raise ValueError(f"{name!r} is not a usable header")
        return headers

    @model_validator(mode="after")
    def _body_fits_method(self) -> RequestOptions:
        has_body = self.form is not None or self.body is not None
        if self.form is not None and self.body is not None:
            raise ValueError("give form or body, not both")
        if has_body != (self.method == "POST"):
            raise ValueError("a form or body needs method = 'POST', and POST needs one of them")
        return self

    @model_validator(mode="after")
    def _ages_have_a_unit(self) -> RequestOptions:
        has_ages = bool(self.names.intersection(AGES))
        if has_ages != (self.age_unit is not None):
            raise ValueError("{newer_than} needs age_unit, and age_unit needs {newer_than}")
        if has_ages and NEWER not in self.names:
            raise ValueError("{older_than} alone asks for no window; {newer_than} must occur")
        if placeholders([self.url, self.headers]).intersection(AGES):
            raise ValueError(
                "{newer_than} and {older_than} may stand in params, form and body, "
                "where they can be left out"
            )
        return self

    @property
    def host(self) -> str:
        """The host that is asked, lower case."""
        return urlsplit(self.url).hostname or ""

    @property
    def names(self) -> set[str]:
        """Placeholders in use anywhere in the request."""
        parts = [self.url, self.params, self.form or {}, self.body, self.headers]
        return set().union(*(placeholders(part) for part in parts))

    def ages(self, window: Window, timezone: str) -> dict[str, str | int] | None:
        """What `build` needs to ask for a window; None without an age filter."""
        return age_values(window, self.age_unit, timezone) if self.age_unit else None

    def check_names(self, *allowed: str) -> None:
        """Refuse other placeholders than `allowed`; raises `ValueError`."""
        for part in (self.url, self.params, self.form or {}, self.body, self.headers):
            check_placeholders(part, allowed)

    def build(self, values: Mapping[str, str | int | None]) -> PageRequest:
        """The request with all placeholders filled; the values travel on as its context."""
        url = fill_url(self.url, values, self.term_encoding)
        pairs = [
            f"{encode(name)}={encode(fill_text(str(value), values), self.term_encoding)}"
            for name, value in self.params.items()
            if not is_absent(value, values)
        ]
        if pairs:
            url += ("&" if urlsplit(url).query else "?") + "&".join(pairs)
        form = None
        if self.form is not None:
            form = tuple(
                (name, fill_text(str(value), values))
                for name, value in self.form.items()
                if not is_absent(value, values)
            )
        return PageRequest(
            url=url,
            method=self.method,
            form=form,
            json=None if self.body is None else fill_structure(self.body, values),
            headers=dict(self.headers),
            context={name: str(value) for name, value in values.items() if value is not None},
        )

    def carried(self, values: Mapping[str, str]) -> dict[str, str | int]:
        """Of what one page was asked for (see `values_of`): the term and window of the next."""
        found: dict[str, str | int] = {"term": values["term"]}
        for name in AGES:
            if name in values:
                # In a JSON body, a number stays one. A capture's address may hold anything.
                text = values[name]
                found[name] = int(text) if text.isdecimal() and len(text) < 20 else text
        return found

    def values_of(self, answer: Answer) -> dict[str, str]:
        """What the placeholders were in the request behind `answer`, as far as can be told.

        A capture has no request; there, query parameters of its address speak.
        """
        if answer.request is not None:
            return dict(answer.request.context)
        try:
            template = dict(parse_qsl(urlsplit(self.url).query))
            asked = dict(parse_qsl(urlsplit(answer.url).query, encoding=self.term_encoding))
        except (ValueError, LookupError):
            return {}
        template |= {name: str(value) for name, value in self.params.items()}
        return {
            value[1:-1]: asked[name]
            for name, value in template.items()
            if name in asked and value.startswith("{") and value[1:-1] in placeholders(value)
        }
