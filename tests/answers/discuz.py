"""Generated pages of a Discuz! forum, in the shapes of sources.md 2.7."""

from __future__ import annotations

from collections.abc import Sequence

from tests.answers.pages import Goods

__all__ = ["BASE", "board", "found", "notice", "old_board", "thread"]

BASE = "https://bbs.example/forum"


def _page(body: str) -> str:
    return f'<html><head><base href="{BASE}/" /></head><body>{body}</body></html>'


def board(rows: Sequence[Goods], *, following: str = "", pinned: str = "", extra: str = "") -> str:
    """The threads of a board in Discuz X.

    Args:
        rows: the threads.
        following: the link to the next page.
        pinned: title of a thread that stands on top of every page.
        extra: markup inside of the table.
    """
    top = (
        f'<tbody id="stickthread_9"><tr><th><a href="thread-9-1-1.html" class="s xst">{pinned}</a>'
        "</th></tr></tbody>"
        if pinned
        else ""
    )
    threads = "".join(
        f'<tbody id="normalthread_{row.id}"><tr><td class="icn"></td><th class="common">'
        '<em>[<a href="forum.php?mod=forumdisplay&amp;fid=2&amp;typeid=4">闲置</a>]</em>'
        f'<a href="thread-{row.id}-1-1.html" class="s xst">{row.title}</a></th>'
        f'<td class="by"><cite><a href="space-uid-{row.id}.html" c="1">{row.seller}</a></cite>'
        '<em><span><span title="2026-8-7 16:30">1&nbsp;小时前</span></span></em></td>'
        '<td class="num"><a href="#" class="xi2">3</a><em>120</em></td>'
        '<td class="by"><cite><a href="#">别人</a></cite><em><a>刚刚</a></em></td></tr></tbody>'
        for row in rows
    )
    link = (
        f'<div class="pg"><a href="{following}" class="nxt">下一页</a></div>' if following else ""
    )
    separator = '<tbody id="separatorline"><tr><td>版块主题</td></tr></tbody>'
    return _page(f'<table id="threadlisttableid">{top}{separator}{threads}{extra}</table>{link}')


def old_board(rows: Sequence[Goods]) -> str:
    """The same in Discuz 7."""
    threads = "".join(
        f'<tbody><tr><th><span id="thread_{row.id}"><a href="viewthread.php?tid={row.id}">'
        f'{row.title}</a></span></th><td class="author"><cite><a href="space.php?uid={row.id}">'
        f"{row.seller}</a></cite><em>2026-8-7</em></td></tr></tbody>"
        for row in rows
    )
    return _page(f'<form id="moderate"><table>{threads}</table></form>')


def found(rows: Sequence[Goods], *, following: str = "", snippet: str = "内容") -> str:
    """Results of a search; without rows what the forum says then."""
    results = "".join(
        f'<li class="pbw" id="{row.id}"><h3 class="xs3">'
        f'<a href="forum.php?mod=viewthread&amp;tid={row.id}&amp;highlight=x">'
        f"{row.title.replace('台灯', '<strong>台灯</strong>')}</a></h3>"
        '<p class="xg1">3 个回复 - 120 次查看</p>'
        f"<p>{snippet}</p>"
        '<p><span>2026-8-7 16:30</span> - <span><a href="home.php?mod=space&amp;'
        f'uid={row.id}">{row.seller}</a></span> - '
        '<span><a href="forum.php?mod=forumdisplay&amp;fid=2" class="xi1">闲置</a></span></p></li>'
        for row in rows
    )
    nothing = '<p class="emp xg2 xs2">对不起，没有找到匹配结果。</p>'
    link = (
        f'<div class="pgs cl mbm"><div class="pg"><a href="{following}" class="nxt">下一页</a>'
        "</div></div>"
        if following
        else ""
    )
    inner = f"<ul>{results}</ul>" if rows else nothing
    return _page(f'<div class="slst mtw" id="threadlist">{inner}</div>{link}')


def thread(title: str, text: str, *, tid: str = "7", pictures: str = "") -> str:
    """A thread with its first post and an answer."""
    return (
        _page(
            f'<link rel="canonical" href="{BASE}/thread-{tid}-1-1.html">'
            f'<h1 class="ts"><span id="thread_subject">{title}</span></h1>'
            f'<div class="authi"><a href="space-uid-5.html" class="xw1">楼主</a></div>'
            '<em id="authorposton70">发表于 '
            '<span title="2026-8-7 16:30:05">1&nbsp;小时前</span></em>'
            f'<td class="t_f" id="postmessage_70">{text}{pictures}</td>'
            '<td class="t_f" id="postmessage_71">顶一下</td>'
        )
        .replace("<td", "<div")
        .replace("</td", "</div")
    )


def notice(text: str) -> str:
    """What the forum says at HTTP 200 instead of a page."""
    return _page(f'<div id="messagetext" class="alert_error"><p>{text}</p></div>')
