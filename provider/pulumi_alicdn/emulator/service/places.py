"""The places of nodes: provinces, countries, cities and providers, and how many nodes each of them has; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.emulator.values import JsonObject

NODES_PER_PLACE: Final = 3
"""Nodes of a place in a small world, as many as China has large providers. [chosen: one node for each of them]"""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in English and in Chinese, the two languages of BatchDescribeCdnIpInfo."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: its name in both languages, and its word in ``IspEname`` of DescribeIpInfo."""

    name: Name
    word: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is. Outside China, a country is its own province."""

    country: Name
    province: Name
    city: Name
    provider: Provider

    @property
    def domestic(self) -> bool:
        """Whether the place is on the Chinese mainland."""
        return self.country == _CHINA

    def answer(self) -> JsonObject:
        """The place as admin calls show it, in English."""
        return {
            "country": self.country.en,
            "province": self.province.en,
            "city": self.city.en,
            "provider": self.provider.name.en,
        }


@dataclass(frozen=True, slots=True)
class _Region:
    """A province of China or a country, with its share of the nodes of a large world."""

    country: Name
    province: Name
    cities: tuple[Name, ...]
    providers: tuple[Provider, ...]
    weight: int

    def place(self, index: int) -> Place:
        """The place of its node with that number: the providers in turn, and then the next city."""
        city = self.cities[index // len(self.providers) % len(self.cities)]
        return Place(self.country, self.province, city, self.providers[index % len(self.providers)])


_CHINA: Final = Name("China", "中国")

_TELECOM: Final = Provider(Name("China Telecom", "电信"), "telecom")
_UNICOM: Final = Provider(Name("China Unicom", "联通"), "unicom")
_MOBILE: Final = Provider(Name("China Mobile", "移动"), "mobile")
_PROVIDERS: Final = (_TELECOM, _UNICOM, _MOBILE)


def _china(english: str, chinese: str, cities: str, weight: int) -> _Region:
    """A province; *cities* are ``English/Chinese``, joined by blanks."""
    return _Region(_CHINA, Name(english, chinese), _names(cities), _PROVIDERS, weight)


def _country(english: str, chinese: str, cities: str, provider: str, weight: int) -> _Region:
    country = Name(english, chinese)
    return _Region(
        country,
        country,
        _names(cities),
        (Provider(Name(provider, provider), provider.lower().replace(" ", "-")),),
        weight,
    )


def _names(text: str) -> tuple[Name, ...]:
    pairs = (entry.split("/") for entry in text.split())
    return tuple(Name(english.replace("_", " "), chinese) for english, chinese in pairs)


REGIONS: Final = (
    _china("Zhejiang", "浙江省", "Hangzhou/杭州市 Ningbo/宁波市 Jinhua/金华市", 4),
    _china("Beijing", "北京市", "Beijing/北京市", 4),
    _china("Guangdong", "广东省", "Guangzhou/广州市 Shenzhen/深圳市 Foshan/佛山市 Dongguan/东莞市", 6),
    _country("Singapore", "新加坡", "Singapore/新加坡", "Singtel", 2),
    _china("Sichuan", "四川省", "Chengdu/成都市 Mianyang/绵阳市", 4),
    _china("Hubei", "湖北省", "Wuhan/武汉市 Xiangyang/襄阳市", 3),
    _country("Germany", "德国", "Frankfurt/法兰克福", "Deutsche Telekom", 2),
    _china("Shandong", "山东省", "Jinan/济南市 Qingdao/青岛市 Linyi/临沂市", 5),
    _china("Jiangsu", "江苏省", "Nanjing/南京市 Suzhou/苏州市 Xuzhou/徐州市", 6),
    _china("Shanghai", "上海市", "Shanghai/上海市", 4),
    _china("Henan", "河南省", "Zhengzhou/郑州市 Luoyang/洛阳市", 4),
    _china("Hebei", "河北省", "Shijiazhuang/石家庄市 Tangshan/唐山市", 4),
    _country("United States", "美国", "Santa_Clara/圣克拉拉 Ashburn/阿什本 Dallas/达拉斯", "Lumen", 4),
    _china("Hunan", "湖南省", "Changsha/长沙市 Hengyang/衡阳市", 3),
    _china("Fujian", "福建省", "Fuzhou/福州市 Xiamen/厦门市", 3),
    _china("Anhui", "安徽省", "Hefei/合肥市 Wuhu/芜湖市", 3),
    _china("Liaoning", "辽宁省", "Shenyang/沈阳市 Dalian/大连市", 3),
    _china("Shaanxi", "陕西省", "Xi'an/西安市 Xianyang/咸阳市", 3),
    _country("Japan", "日本", "Tokyo/东京 Osaka/大阪", "NTT", 2),
    _china("Jiangxi", "江西省", "Nanchang/南昌市 Ganzhou/赣州市", 2),
    _china("Chongqing", "重庆市", "Chongqing/重庆市", 3),
    _china("Guangxi", "广西壮族自治区", "Nanning/南宁市 Liuzhou/柳州市", 2),
    _china("Yunnan", "云南省", "Kunming/昆明市 Qujing/曲靖市", 2),
    _china("Guizhou", "贵州省", "Guiyang/贵阳市 Zunyi/遵义市", 2),
    _china("Shanxi", "山西省", "Taiyuan/太原市 Datong/大同市", 2),
    _country("Malaysia", "马来西亚", "Kuala_Lumpur/吉隆坡", "Telekom Malaysia", 1),
    _china("Tianjin", "天津市", "Tianjin/天津市", 2),
    _china("Heilongjiang", "黑龙江省", "Harbin/哈尔滨市 Daqing/大庆市", 2),
    _china("Jilin", "吉林省", "Changchun/长春市 Jilin/吉林市", 2),
    _china("Inner Mongolia", "内蒙古自治区", "Hohhot/呼和浩特市 Baotou/包头市", 2),
    _country("United Kingdom", "英国", "London/伦敦", "BT", 1),
    _china("Xinjiang", "新疆维吾尔自治区", "Urumqi/乌鲁木齐市", 1),
    _china("Gansu", "甘肃省", "Lanzhou/兰州市", 1),
    _china("Hainan", "海南省", "Haikou/海口市", 1),
    _country("Brazil", "巴西", "Sao_Paulo/圣保罗", "Vivo", 1),
    _china("Ningxia", "宁夏回族自治区", "Yinchuan/银川市", 1),
    _china("Qinghai", "青海省", "Xining/西宁市", 1),
    _china("Tibet", "西藏自治区", "Lhasa/拉萨市", 1),
    _country("Indonesia", "印度尼西亚", "Jakarta/雅加达", "Telkom Indonesia", 1),
    _country("India", "印度", "Mumbai/孟买", "Airtel", 1),
    _country("France", "法国", "Paris/巴黎", "Orange", 1),
    _country("Australia", "澳大利亚", "Sydney/悉尼", "Telstra", 1),
    _country("United Arab Emirates", "阿联酋", "Dubai/迪拜", "Etisalat", 1),
)
"""The 31 provinces of the Chinese mainland and 12 countries, in the order in which a growing world reaches them.

[chosen: the weights follow population and traffic, roughly; the network of the service has nodes in all of them]
"""


@dataclass(frozen=True, slots=True)
class Position:
    """The place of one node, and its numbers: that of its region from 0, and its own within that region from 0."""

    place: Place
    region: int
    number: int


def positions(nodes: int) -> Sequence[Position]:
    """The positions of that many nodes: the regions in turn, so that the first nodes are far apart.

    A small world has few regions with about three nodes each, a large one all of them by their weights.
    """
    regions = REGIONS[: max(min(nodes, NODES_PER_PLACE), min(len(REGIONS), -(-nodes // NODES_PER_PLACE)))]
    shares = _shares(nodes, [region.weight for region in regions])
    return [
        # The first node of a region has another provider than that of the region before it.
        Position(region.place(number + index), index, number)
        for number in range(max(shares, default=0))
        for index, region in enumerate(regions)
        if number < shares[index]
    ]


def _shares(total: int, weights: Sequence[int]) -> Sequence[int]:
    """One for each weight, and the others by weight: each goes where the weight is largest for the share so far."""
    shares = [1] * len(weights)
    for _ in range(total - len(weights)):
        shares[max(range(len(weights)), key=lambda index: weights[index] / (shares[index] + 1))] += 1
    return shares
