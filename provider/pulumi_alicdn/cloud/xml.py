"""The parser for XML answers: it returns the same values as JSON would, and refuses XML that could do harm."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

MAX_DEPTH: Final = 50
"""The most levels of elements. [chosen: the deepest documented answer has 4]"""


def parse(body: str | bytes) -> dict[str, Any]:
    """Return the root element's children by name.

    Raises ValueError for anything but XML, for a document type, and for elements nested more than :data:`MAX_DEPTH`
    deep. Only a document type can declare entities, which can grow without limit or read files.
    """
    parser = DefusedXMLParser(target=_ShallowTree(), forbid_dtd=True)
    try:
        parser.feed(body)
        root = parser.close()
    except (ParseError, DefusedXmlException, LookupError) as error:
        raise ValueError("no harmless XML") from error
    value = _value(root)
    if not isinstance(value, dict):
        raise ValueError("XML without elements")  # noqa: TRY004  the value of the text is wrong, not a type
    return value


class _ShallowTree(TreeBuilder):
    """Counts levels while it reads: even within the size limit, millions of levels would take gigabytes."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[Any, Any], /) -> Element:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError("XML nested too deeply")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _value(element: Element) -> Any:  # noqa: ANN401  text, mapping or list of these
    """Return an element's text, or its children by name, if it has any; several with one name become a list."""
    if not len(element):
        return (element.text or "").strip()
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for child in element:
        found[child.tag.rpartition("}")[2]].append(_value(child))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
