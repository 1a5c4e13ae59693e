"""Setting up a data directory: database, keys, starter vocabulary, policies, the first token."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from classifiers.contract import Category
from classifiers.lexicon import starter_keywords
from monitor.config import Settings
from monitor.domain.keyword import KeywordDraft, Severity
from monitor.errors import InputError, StoreError
from monitor.pipeline.workspace import Workspace
from monitor.services.keyword_files import apply_import, plan_import
from monitor.store import keywords, people
from monitor.store.database import SCHEMA_HEAD, Database

__all__ = ["Initialised", "init", "migrate", "new_token", "starter_drafts", "user_of_token"]

TOKEN_BYTES = 24
MAX_USER_CHARS = 100
RETRY_S = 0.5
POLICY_TITLES = {
    Category.FACE_ID_BUNDLE: "Suspected sale of face pictures with identity data",
    Category.PHOTO_ANIMATION_TOOL: "Suspected tool that animates photos to pass face checks",
    Category.FACE_VERIFICATION_BYPASS: "Suspected service that passes face verification",
    Category.ACCOUNT_UNFREEZE_OR_REALNAME_BYPASS: (
        "Suspected unfreezing of accounts or bypass of real-name rules"
    ),
    Category.REALNAME_ACCOUNT_SALE: "Suspected sale of real-name accounts or bank kits",
    Category.ID_DOCUMENT_SALE: "Suspected sale of identity documents",
    Category.PHOTO_HARVESTING_APP: "Suspected app that harvests photos or contacts",
    Category.COVERT_FACE_CAPTURE: "Suspected covert capture of faces",
}


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `init` did. `token` is shown once and kept nowhere in the clear."""

    keywords_added: int
    keywords_kept: int
    token: str


def starter_drafts() -> list[KeywordDraft]:
    """The shipped vocabulary as keyword drafts."""
    return [
        KeywordDraft(
            term=row.term,
            category=row.category.value,
            language=row.language,
            severity=Severity(row.severity),
            weight=row.weight,
            search=row.search,
            owner="starter",
            reason=row.reason,
        )
        for row in starter_keywords()
    ]


def init(workspace: Workspace, *, actor: str = "init") -> Initialised:
    """Import the starter vocabulary, add policies, issue an admin token.

    Safe to run again: keywords that exist, edited or retired ones included, stay
    as they are; the admin's earlier token is revoked.
    """
    plan = plan_import(workspace, starter_drafts())
    with workspace.database.read() as tx:
        known = {keywords.term_key(keyword.term) for keyword in keywords.all_keywords(tx)}
    fresh = tuple(draft for draft in plan.added if keywords.term_key(draft.term) not in known)
    apply_import(workspace, type(plan)(fresh, (), (), ()), actor=actor)
    with workspace.database.write() as tx:
        people.put_policies(
            tx,
            [
                {
                    "name": category.value,
                    "category": category.value,
                    "title": POLICY_TITLES[category],
                    "basis": "",
                }
                for category in Category
            ],
        )
    token = new_token(workspace, user="admin", role="admin", name="console")
    return Initialised(len(fresh), len(starter_drafts()) - len(fresh), token)


def migrate(settings: Settings, *, wait_s: float, tell: Callable[[str], None]) -> str:
    """Bring the database to the newest schema and return that schema's version.

    Args:
        settings: say which database. Neither keys nor index are touched.
        wait_s: how long a database that cannot be opened is tried again.
        tell: told each new reason why it cannot be opened yet.

    Raises:
        StoreError: it still could not be opened.
    """
    end = time.monotonic() + wait_s
    last = ""
    while True:
        try:
            # Opening is what upgrades.
            Database(settings.store_url).close()
        except StoreError as error:
            if time.monotonic() >= end:
                raise
            if str(error) != last:
                last = str(error)
                tell(last)
            time.sleep(RETRY_S)
        else:
            return SCHEMA_HEAD


def new_token(workspace: Workspace, *, user: str, role: str, name: str) -> str:
    """Issue a token; the user's earlier one of this name is revoked.

    Raises:
        InputError: the user's name is empty or too long.
    """
    if not 0 < len(user) <= MAX_USER_CHARS:
        raise InputError(f"user: 1 to {MAX_USER_CHARS} characters")
    token = f"mon_{secrets.token_urlsafe(TOKEN_BYTES)}"
    key = workspace.keyring.digest("session", token)
    with workspace.database.write() as tx:
        now = workspace.database.now()
        people.add_token(tx, user=user, role=role, name=name, token_key=key, now=now)
        people.audit(tx, actor=user, action="token.issue", target=f"user:{user}", now=now)
    return token


def user_of_token(workspace: Workspace, token: str) -> tuple[str, str] | None:
    """(name, role) of the holder of a live token, or None."""
    with workspace.database.read() as tx:
        return people.user_of_token(tx, workspace.keyring.digest("session", token))
