"""Answers about nodes in every shape that documents and SDKs show: read right, or refused."""

from __future__ import annotations

import json

import pytest

from pulumi_alicdn.api.nodes import Label, Node
from pulumi_alicdn.cloud.network.node_codec import decode_addresses, decode_labels
from pulumi_alicdn.errors import DeniedError, UnexpectedAnswerError

TWO = ("192.0.2.1", "2001:db8::1")
ROW = {
    "IpAddress": "192.0.2.1",
    "CdnIp": "true",
    "Country": "China",
    "Province": "Guizhou",
    "City": "Guiyang",
    "IspName": "China Telecom",
}
LABEL = Label(Node("192.0.2.1", "China", "Guizhou", "Guiyang", "China Telecom"), is_node=True)


@pytest.mark.parametrize(
    ("vips", "addresses"),
    [
        ({"Vip": list(TWO)}, TWO),
        ({"vip": [*TWO, *TWO]}, TWO),
        (list(TWO), TWO),
        ({"Vip": "192.0.2.1"}, TWO[:1]),
        ("192.0.2.1", TWO[:1]),
        ({"Vip": []}, ()),
        ({}, ()),
        ([], ()),
        (None, ()),
        ("", ()),
    ],
)
def test_addresses_are_read_from_a_list_a_flat_list_or_one_text(vips: object, addresses: tuple[str, ...]) -> None:
    assert decode_addresses("A", json.dumps({"Vips": vips, "RequestId": "R"}), {}) == addresses


def test_addresses_are_read_from_xml() -> None:
    body = "<R><RequestId>R</RequestId><Vips><Vip>192.0.2.1</Vip><Vip>2001:db8::1</Vip></Vips></R>"
    assert decode_addresses("A", body, {}) == TWO


@pytest.mark.parametrize("found", [{"IpInfoItem": [ROW]}, [ROW], {"IpInfoItem": ROW}, ROW])
def test_labels_are_read_from_a_list_a_flat_list_or_one_row(found: object) -> None:
    assert decode_labels("A", json.dumps({"IpInfoList": found}), {}) == {"192.0.2.1": LABEL}


WORDS = [("true", True), ("True", True), (True, True), ("false", False), ("FALSE", False), ("", None), ("maybe", None)]


@pytest.mark.parametrize(("word", "is_node"), WORDS)
def test_a_word_that_says_neither_leaves_open_whether_an_address_is_a_node(word: object, is_node: bool | None) -> None:
    labels = decode_labels("A", json.dumps({"IpInfoList": [{"IpAddress": "192.0.2.1", "CdnIp": word}]}), {})
    assert labels["192.0.2.1"] == Label(Node("192.0.2.1"), is_node)


def test_rows_without_an_address_and_what_is_no_row_are_left_out() -> None:
    rows = [ROW, {"CdnIp": "true"}, None, 7, "192.0.2.9"]
    assert set(decode_labels("A", json.dumps({"IpInfoList": {"IpInfoItem": rows}}), {})) == {"192.0.2.1"}


@pytest.mark.parametrize("body", ["<html><title>Log in</title></html>", "{}", "[]", '{"Vips": 7, "IpInfoList": 7}', ""])
def test_what_is_not_the_answer_of_the_action_is_never_an_empty_list(body: str) -> None:
    for decode in (decode_addresses, decode_labels):
        with pytest.raises(UnexpectedAnswerError):
            decode("A", body, {})


def test_a_refusal_with_status_200_is_a_refusal() -> None:
    body = json.dumps({"Code": "Forbidden.RAM", "Message": "No.", "RequestId": "R"})
    with pytest.raises(DeniedError):
        decode_addresses("A", body, {})
