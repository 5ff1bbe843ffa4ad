"""The rendering of answers as JSON or XML; pure."""

from __future__ import annotations

import json
from typing import Final

import xmltodict

from pulumi_alicdn.emulator.values import JsonObject

JSON_TYPE: Final = "application/json;charset=utf-8"
XML_TYPE: Final = "text/xml;charset=utf-8"
"""Content types of answers. [chosen: with the encoding, so that no client has to guess it]"""


def wants_xml(form: str | None, accept: str, *, default_xml: bool) -> bool:
    """Whether to answer XML: by the parameter ``Format``, else by the Accept header, else *default_xml*."""
    if form:
        return form.upper() == "XML"
    if "json" in accept:
        return False
    return "xml" in accept or default_xml


def render(root: str, body: JsonObject, *, xml: bool) -> tuple[bytes, str]:
    """Return the encoded body and its content type. XML has the element *root*, and one element for each list entry."""
    if xml:
        return xmltodict.unparse({root: body}, short_empty_elements=True).encode(), XML_TYPE
    return json.dumps(body, ensure_ascii=False).encode(), JSON_TYPE
