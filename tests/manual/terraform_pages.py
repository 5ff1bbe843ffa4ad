"""The pages about Terraform's resources, from the schema, laid out as Terraform's registry wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from manual.pages import DOCS, ROOT
from pulumi_alicdn.terraform.registry import DATA_SOURCES, RESOURCES
from pulumi_alicdn.terraform.schema import Attribute, Schema
from pulumi_alicdn.terraform.task_schema import PROVIDER

FOLDER: Final = DOCS / "terraform"
EXAMPLES: Final = ROOT / "examples" / "terraform"


def pages() -> dict[Path, str]:
    """Every page with its text."""
    found = {FOLDER / "index.md": _page("alicdn", "Provider", PROVIDER, 'resource "alicdn_refresh_task"')}
    for folder, word, table in (("resources", "Resource", RESOURCES), ("data-sources", "Data Source", DATA_SOURCES)):
        for name, (schema, _) in table.items():
            path = FOLDER / folder / f"{name.removeprefix('alicdn_')}.md"
            used = f'{"resource" if word == "Resource" else "data"} "{name}"'
            found[path] = _page(name, word, schema, used)
    return found


def outdated() -> dict[Path, str]:
    """The pages that differ from the schema or are not there, each with its text as it should be."""
    return {page: text for page, text in pages().items() if not page.exists() or page.read_text("utf-8") != text}


def _page(name: str, word: str, schema: Schema, used: str) -> str:
    head = f'---\npage_title: "{name}"\nsubcategory: ""\ndescription: |-\n  {schema.says}\n---'
    parts = [head, f"# {name} ({word})", schema.says, *_example(used), "## Schema", *_attributes(schema.attributes)]
    for block, attributes in schema.blocks.items():
        parts += [f"### Block `{block}`", *_attributes(attributes)]
    return "\n\n".join(parts) + "\n"


def _example(used: str) -> list[str]:
    """The first example that uses it, to the letter."""
    texts = [path.read_text("utf-8") for path in sorted(EXAMPLES.glob("*/main.tf"))]
    return next((["## Example Usage", f"```terraform\n{text.strip()}\n```"] for text in texts if used in text), [])


def _attributes(attributes: Mapping[str, Attribute]) -> Iterator[str]:
    groups = {
        "Required": [name for name, one in attributes.items() if one.required],
        "Optional": [name for name, one in attributes.items() if not one.required and not one.computed],
        "Read-Only": [name for name, one in attributes.items() if one.computed],
    }
    for title, names in groups.items():
        if names:
            yield f"**{title}**"
            yield "\n".join(f"- `{name}` ({_kind(attributes[name])}) {attributes[name].says}" for name in names)


def _kind(one: Attribute) -> str:
    shown = {"string": "String", "number": "Number", "bool": "Boolean"}
    outer, inner = (one.kind, None) if isinstance(one.kind, str) else (one.kind[0], one.kind[1])
    of = shown.get(inner, "Object") if isinstance(inner, str) else "Object"
    text = shown[outer] if inner is None else f"{outer.capitalize()} of {of}"
    return f"{text}, Sensitive" if one.secret else text
