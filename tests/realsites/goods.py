"""Invented listings for real programs: offers, look-alikes and plain goods, by template.

Words of the trade stand between blanks: the shop's own search engine cuts texts there.
"""

from __future__ import annotations

import itertools

__all__ = ["Goods", "goods"]

Goods = dict[str, str]

OFFERS = (
    ("出 人脸 四件套 一手料 第{n}批", "懂的来 现货秒发 量大从优 支持验货"),
    ("四件套 手持 正反 {n} 套打包", "人脸 视频齐全 一手 懂的来"),
    ("代过 人脸 包过 不限次 {n}", "任意平台 接单 不成功不收费"),
    ("照片 活化 教程 包教会 {n}", "眨眼 点头 过认证 通过率高 软件全套"),
)
LOOK_ALIKES = (
    ("纯棉 床品 四件套 {n} 号花色", "1.8米床 被套床单 亲肤面料"),
    ("不锈钢 餐具 四件套 {n}", "刀叉勺筷 送收纳盒"),
    ("老照片 活化 纪念款 {n}", "让亲人的老照片动起来 上色修复"),
    ("考勤机 刷脸门禁 {n} 型", "公司前台用 包安装"),
    ("手持云台 {n} 代", "手机稳定器 送三脚架"),
    ("证件照相框 {n} 寸", "实木 桌面摆件"),
)
PLAIN = (
    ("二手自行车 {n}", "九成新 自提"),
    ("儿童绘本 {n} 册", "正版 包邮"),
    ("绿萝盆栽 {n}", "好养 净化空气"),
)


def goods(count: int) -> list[Goods]:
    """`count` listings: a fifth offers, three fifths look-alikes, the rest plain."""
    kinds = itertools.cycle(
        [*OFFERS[:2], *LOOK_ALIKES, *OFFERS[2:], *LOOK_ALIKES, *PLAIN, PLAIN[0]]
    )
    rows = []
    for number, (title, description) in zip(range(1, count + 1), kinds, strict=False):
        rows.append(
            {
                "id": f"g{number}",
                "title": title.format(n=number),
                "description": description,
                "price": f"{number % 97}.50",
            }
        )
    return rows
