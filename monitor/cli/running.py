"""`monitor init`, `up`, `demo`, `poll`, `assess`, `tokens`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.terminal import (
    ask_actor,
    console,
    errors,
    open_data,
    plain,
    read_settings,
)
from monitor.errors import ConflictError, InputError

if TYPE_CHECKING:
    from monitor.domain.watch import PollSummary

tokens_app = typer.Typer(no_args_is_help=True, help="Keys to the console.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def init(context: typer.Context) -> None:
    """Set up the data folder: database, keys, starter vocabulary, an admin token."""
    from monitor.services.setup import init as set_up

    with open_data(context, may_create_keys=True) as workspace:
        done = set_up(workspace, actor=ask_actor(context))
        folder = workspace.settings.data_dir
    out = console()
    out.print(
        f"{folder} is ready: {done.keywords_added} keywords added, {done.keywords_kept} kept",
        markup=False,
    )
    out.print(
        f"admin token for the console, shown once: {done.token}", markup=False, soft_wrap=True
    )
    out.print("next: monitor sources add FILE.toml; monitor watches add; monitor up", markup=False)


def up(context: typer.Context) -> None:
    """Everything in one process: poll, assess, index, alert, and the console."""
    from monitor.console.server import ConsoleServer
    from monitor.runner import Runner

    with open_data(context) as workspace:
        runner = Runner(workspace, on_done=_tell)
        with runner, ConsoleServer.of(workspace) as served, _stopping(runner):
            console().print(f"running; console at {served.url}; stop with Ctrl-C", markup=False)
            runner.wait()
        console().print("stopped; nothing was left half-done", markup=False)


@contextmanager
def _stopping(runner: Any) -> Iterator[None]:
    """Signals ask the runner to finish what it has in hand."""
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, lambda *_: runner.stop()) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _tell(verb: str, result: object) -> None:
    if verb == "poll":
        console().print(plain(_look_line(result)), markup=False)


def _look_line(summary: Any) -> str:
    look: PollSummary = summary
    outcome = look.outcome.value if look.outcome else "unfinished"
    line = (
        f"{look.source}  {look.term}  {outcome}: {look.rows} rows on {look.pages} pages, "
        f"{look.new_listings} new, {look.changed_listings} changed, {look.hits} hits"
    )
    lost = f", {len(look.problems)} rows unusable" if look.problems else ""
    return line + lost + (f" ({look.detail})" if look.detail else "")


def demo(
    seconds: Annotated[float, typer.Option(help="Stop after so long; 0: until Ctrl-C.")] = 0.0,
    port: Annotated[int, typer.Option(help="Port of the console; 0: any.")] = 8600,
    folder: Annotated[Path, typer.Option(help="Data folder of the demo; made anew.")] = Path(
        "monitor-demo"
    ),
) -> None:
    """The whole system with a sample marketplace, on this machine."""
    from monitor.demo.run import run_demo

    run_demo(folder, console_port=port, seconds=seconds)


def poll(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="Only watches of this source.")] = "",
    keyword: Annotated[str, typer.Option(help="Only watches of this keyword.")] = "",
    watch: Annotated[int, typer.Option(help="This watch.")] = 0,
    due: Annotated[bool, typer.Option(help="Every watch whose time has come.")] = False,
) -> None:
    """Look now, one watch after the other."""
    from monitor.services import watches

    if not (source or keyword or watch or due):
        raise InputError("say what: --source, --keyword, --watch or --due")
    blind = 0
    with open_data(context) as workspace:
        now = workspace.database.now()
        chosen = [
            w
            for w in watches.list_watches(workspace, source=source)
            if (not keyword or keyword in (w.term, str(w.keyword_id)))
            and (not watch or w.id == watch)
            and (not due or (not w.is_paused and w.next_poll_at <= now))
        ]
        for number, found in enumerate(chosen, start=1):
            try:
                summary = watches.poll_now(workspace, found.id, at_any_hour=not due)
            except ConflictError as conflict:
                line, has_seen = str(conflict), False
            else:
                line = _look_line(summary)
                has_seen = bool(summary.outcome and summary.outcome.has_seen)
            blind += not has_seen
            console().print(plain(f"{number}/{len(chosen)}  {line}"), markup=False)
    if not chosen and not due:
        raise InputError("no such watch; see: monitor watches list")
    if blind:
        raise typer.Exit(1)


def assess(
    context: typer.Context,
    source: Annotated[str, typer.Option("--input", help="JSON Lines; - for standard input.")],
    target: Annotated[str, typer.Option("--output", help="JSON Lines; - for standard output.")],
    images: Annotated[
        Path | None, typer.Option(help="Folder of the rows' pictures; without it they are ignored.")
    ] = None,
    bank: Annotated[
        Path | None, typer.Option(help="Known pictures, as `pictures bank list --lines` prints.")
    ] = None,
) -> None:
    """Classify texts and pictures without storing anything; needs no data folder."""
    import orjson

    from classifiers.jsonl import assess_lines
    from monitor.pipeline.judging import Judging

    assessor = Judging(read_settings(context)).assessor()
    is_failed = False
    with (
        _reading(source) as lines,
        _writing(target) as out,
        _looking(images, bank, assessor) as look,
    ):
        for count, row in enumerate(assess_lines(lines, assessor, look=look), start=1):
            is_failed |= "error" in row
            out.write(orjson.dumps(row) + b"\n")
            if count % 10_000 == 0 and sys.stderr.isatty():
                errors().print(f"{count} rows", markup=False)
    if is_failed:
        raise typer.Exit(1)


@contextmanager
def _looking(folder: Path | None, bank: Path | None, assessor: Any) -> Iterator[Any]:
    """What reads the rows' pictures; nothing, and no network loaded, without a folder."""
    if folder is None:
        if bank is not None:
            raise InputError("--bank goes with --images")
        yield None
        return
    from monitor.cli.pictures import PictureFolder, read_bank

    known = read_bank(bank) if bank else None
    with PictureFolder(folder, assessor.assess, known) as pictures:
        yield pictures.look


def _reading(name: str) -> Any:
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise InputError(f"{name}: {error.strerror}") from error


def _writing(name: str) -> Any:
    if name == "-":
        return nullcontext(sys.stdout.buffer)
    try:
        return Path(name).open("wb")
    except OSError as error:
        raise InputError(f"{name}: {error.strerror}") from error


@tokens_app.command("add")
def add_token(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="Whose.")] = "admin",
) -> None:
    """Issue a console token; this person's earlier one no longer works."""
    from monitor.services.setup import new_token

    with open_data(context) as workspace:
        token = new_token(workspace, user=user, role="admin", name="console")
    console().print(f"token, shown once: {token}", markup=False, soft_wrap=True)
