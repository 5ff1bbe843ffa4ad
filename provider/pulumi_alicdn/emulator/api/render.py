"""Writes answers as JSON or XML; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pulumi_alicdn.emulator.values import Json, JsonObject

JSON_TYPE = "application/json;charset=utf-8"
XML_TYPE = "text/xml;charset=utf-8"


def wants_xml(form: str | None, accept: str, *, default_xml: bool) -> bool:
    """Tell the format: the parameter ``Format`` decides, then the Accept header, then the signature's version."""
    if form:
        return form.upper() == "XML"
    if "json" in accept:
        return False
    return "xml" in accept or default_xml


def render(root: str, body: JsonObject, *, xml: bool) -> tuple[bytes, str]:
    """Return the body and its content type; ``root`` names the XML element around it."""
    if not xml:
        return json.dumps(body, ensure_ascii=False).encode(), JSON_TYPE
    element = ET.Element(root)
    _fill(element, body)
    return ET.tostring(element, encoding="utf-8", xml_declaration=True), XML_TYPE


def _fill(element: ET.Element, value: Json) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            # A list has no element of its own: its entries repeat the name.
            repeated = inner if isinstance(inner, Sequence) and not isinstance(inner, str) else (inner,)
            for entry in repeated:
                _fill(ET.SubElement(element, name), entry)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = str(value)
