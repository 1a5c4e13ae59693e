"""What people count in, and what an offer calls it."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["NEVER_STOCK", "TIMES", "UNIT", "UNITS", "UNIT_MATCH", "unit_of"]

UNITS: Final[dict[str, str | None]] = {
    "套": "set", "组": "set", "份": "set", "人份": "set", "整套": "set", "全套": "set",
    "set": "set", "pack": "set", "kit": "set", "bundle": "set", "profile": "set",
    "张": "picture", "张图": "picture", "张照片": "picture",
    "pic": "picture", "photo": "picture", "image": "picture", "selfie": "picture", "shot": "picture",
    "条": "record", "条数据": "record", "record": "record", "row": "record", "line": "record",
    "entry": "record", "entrie": "record",
    "段": "video", "条视频": "video", "个视频": "video", "段视频": "video", "支视频": "video",
    "video": "video", "vid": "video", "clip": "video",
    "人": "person", "个人": "person", "位": "person", "人头": "person", "个人头": "person", "口": "person", "名": "person",
    "student": "person", "driver": "person", "name": "person",
    "person": "person", "people": "person", "head": "person", "subject": "person", "identity": "person",
    "脸": "face", "张脸": "face", "个脸": "face", "张人脸": "face", "人脸": "face", "face": "face",
    "次": "pass", "单": "pass", "笔": "pass", "趟": "pass", "回": "pass", "场": "pass",
    "pass": "pass", "passe": "pass", "verification": "pass", "verify": "pass", "check": "pass", "time": "pass",
    "session": "pass", "unlock": "pass", "job": "pass", "order": "pass", "attempt": "pass",
    "approval": "pass", "submission": "pass", "login": "pass", "go": "pass",
    "号": "account", "个号": "account", "个账号": "account", "个帐号": "account", "个微信": "account",
    "个支付宝": "account", "个实名号": "account", "户": "account", "个户": "account",
    "account": "account", "acct": "account", "acc": "account",
    "门": "course", "门课": "course", "节课": "course", "course": "course", "lesson": "course",
    "个软件": "tool", "tool": "tool", "licence": "tool", "license": "tool", "app": "tool",
    "本": "document", "个证": "document", "张证": "document", "本证": "document", "张执照": "document",
    "张身份证": "document", "本护照": "document", "个执照": "document",
    "证": "document", "document": "document", "doc": "document", "card": "document", "id": "document", "scan": "document",
    "passport": "document",
    "月": "month", "个月": "month", "month": "month", "mo": "month",
    "天": None, "日": None, "年": None, "周": None, "星期": None, "季": None, "小时": None,
    "day": None, "week": None, "year": None, "hour": None, "hr": None, "yr": None,
    "个": "piece", "台": "piece", "副": "piece", "只": "piece", "件": "piece", "枚": "piece", "部": "piece",
    "支": "piece", "根": "piece", "颗": "piece", "粒": "piece", "盒": "piece", "块板": "piece", "张卡": "piece",
    "piece": "piece", "pc": "piece", "each": "piece", "ea": "piece", "apiece": "piece", "pop": "piece",
    "把": "piece", "unit": "piece", "phone": "piece", "sim": "piece", "device": "piece", "camera": "piece", "box": "piece",
}  # fmt: skip
"""What people count in, and what the offer calls it; None: a stretch of time that is no unit."""

# A unit's character that goes on to another word is no unit (条件, 张嘴, 30只要, 四件套).
NOT_UNITS: Final = {
    "人": "脸民工像员物证均气家都才", "单": "价子人身独张套图脸机号纯方位", "次": "日数元品性", "条": "件款码形",
    "月": "底初亮份末卡", "年": "龄轻级", "张": "嘴口家", "本": "人地店子身月周尊", "只": "要需有收做接卖能是",
    "件": "套", "位": "数置", "号": "码主商段称线楼", "台": "湾", "口": "令子价", "门": "槛头店口",
    "组": "合织", "段": "时位", "部": "分门", "天": "内津天", "日": "结志期", "周": "边末期", "把": "关握", "回": "头收复来归本报执放", "场": "景地合", "名": "字额片下单录义称气", "证": "件书明照实券据码",
    "户": "口主籍", "个": "体税性", "头": "像", "份": "子", "季": "节", "支": "付持", "人头": "像",
    "套": "路餐", "根": "据本", "笔": "记迹", "脸": "部",
}  # fmt: skip
TIMES: Final = frozenset(word for word, unit in UNITS.items() if unit in (None, "month"))
# Pieces of work and stretches of time are done, not kept in stock.
NEVER_STOCK: Final = TIMES | {word for word, unit in UNITS.items() if unit in ("pass", "course")}


def _unit_pattern() -> str:
    words = sorted(UNITS, key=len, reverse=True)
    chinese = [
        f"{word}(?![{NOT_UNITS[word]}])" if NOT_UNITS.get(word) else word
        for word in words
        if not word.isascii()
    ]
    latin = "|".join(word for word in words if word.isascii())
    return f"(?:{'|'.join(chinese)}|(?:{latin})s?(?![a-z]))"


UNIT: Final = _unit_pattern()
UNIT_MATCH: Final = re.compile(UNIT)
VIDEO_NEAR: Final = re.compile(r"视频|动态|眨眼|点头|张嘴|摇头|转头|短片|活体|clip|video")
DATA_NEAR: Final = re.compile(r"数据|资料|料子?|信息")
DOCUMENT_NEAR: Final = re.compile(
    r"执照|护照|驾照|证书|身份证|sfz|户口|证件|学生证|户籍|毕业证|结婚证"
)
PICTURE_NEAR: Final = re.compile(r"照片|头像|自拍|图|大头|手持|人像|人脸")
NEAR: Final = 12


def unit_of(text: str, word: str, at: int) -> str | None:
    """The unit that a counting word means here: 条 counts records, or videos."""
    unit = UNITS[word] if word in UNITS else UNITS[word.rstrip("s")]
    near = text[max(0, at - NEAR) : at + NEAR]
    if word in ("条", "个") and VIDEO_NEAR.search(near) and not DATA_NEAR.search(near):
        return "video" if word == "条" else unit
    if word == "张" and DOCUMENT_NEAR.search(near) and not PICTURE_NEAR.search(near):
        return "document"
    return unit
