"""XML of the service as the plain values that its JSON would be; XML from outside is never trusted."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pulumi_alicdn.errors import UnexpectedAnswerError

MAX_DEPTH = 50
"""Levels of elements. [chosen: the deepest documented answer has 4]"""


def parse(body: str | bytes) -> dict[str, Any]:
    """The root element's children by name. Raises UnexpectedAnswerError for what is not XML, or not harmless."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        raise UnexpectedAnswerError(f"the service answered neither JSON nor harmless XML: {body[:80]!r}") from None
    value = _value(root, 0)
    if not isinstance(value, dict):
        raise UnexpectedAnswerError(f"the service answered XML without elements: {body[:80]!r}")
    return value


def _value(element: Element, depth: int) -> Any:  # noqa: ANN401  text, mapping or list of these
    """An element without children is its text; children of one name are a list where there are several."""
    if depth > MAX_DEPTH:
        raise UnexpectedAnswerError("the service answered XML nested too deeply")
    if not len(element):
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        value = _value(child, depth + 1)
        if name in found:
            found[name] = [*found[name], value] if isinstance(found[name], list) else [found[name], value]
        else:
            found[name] = value
    return found
