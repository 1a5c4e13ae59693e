"""Where the page after this one is, for markets that number their pages."""

from __future__ import annotations

from pydantic import Field

from monitor.domain.page import Answer, PageRequest
from monitor.sources.links import host_of
from monitor.sources.options import Options
from monitor.sources.requests import RequestOptions

__all__ = ["PageNumbers", "link_request", "next_by_number"]

MAX_PAGE_NUMBER = 10**9


class PageNumbers(Options):
    """How {page} counts, if the search uses it."""

    first: int = Field(default=1, ge=0, description="Value of {page} on the first page.")
    step: int = Field(
        default=1, ge=1, description="Added for each page; for offsets the rows of a page."
    )
    page_size: int | None = Field(
        default=None, ge=1, description="A page with fewer rows is the last one; saves a request."
    )


def next_by_number(
    search: RequestOptions, numbers: PageNumbers, answer: Answer, rows: int
) -> PageRequest | None:
    """The request for the following page, or None at the end.

    Args:
        search: the search; without {page} in it there is no following page.
        numbers: how pages are counted.
        answer: the page at hand; its request tells term and number.
        rows: how many rows it had.
    """
    if "page" not in search.names or rows == 0 or rows < (numbers.page_size or 0):
        return None
    values = search.values_of(answer)
    # A first page may be asked for without its number.
    written = values.get("page", str(numbers.first))
    if "term" not in values or not written.isdecimal() or len(written) > 9:
        return None
    following = int(written) + numbers.step
    if following > MAX_PAGE_NUMBER:
        return None
    return search.build({**search.carried(values), "page": following})


def link_request(link: str, search: RequestOptions, answer: Answer) -> PageRequest | None:
    """A request for a page that this one links to; None when it leads off the market or back."""
    if not link or link in (answer.url, answer.final_url):
        return None
    hosts = {search.host, host_of(answer.final_url or answer.url)}
    if host_of(link) not in hosts:
        return None
    return PageRequest(link, headers=dict(search.headers), context=search.values_of(answer))
