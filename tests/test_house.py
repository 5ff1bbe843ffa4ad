"""The layout and its words: what CONTRIBUTING.md says of the house is true."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "provider" / "pulumi_alicdn"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
QUESTIONS = {
    "is it done?",
    "when to look next?",
    "what does a release refresh?",
    "may it be sent again?",
    "how is an answer decoded?",
    "what does the state hold?",
}
MAX_MODULES = 15
READ_BY_CONTRIBUTORS = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
DO_IO = ("cloud", "system", "resources", "cli", "terraform", "emulator")
HIDDEN_IO = re.compile(
    r"\b(?:datetime|date)\.(?:now|utcnow|today)\b|\btime\.time\b|\burllib\.request\b|\burllib import request\b"
)
WAYS_OUT = {
    r"print|input|breakpoint": set(),
    r"sys\.(__)?std(out|err)(__)?\.\w*write\w*|.*\.stdout\.buffer|os\.write": {
        "cli/interrupt.py",
        # The one line that Terraform reads, and the journal of intents.
        "terraform/handshake.py",
        "terraform/intent_journal.py",
    },
    r"_write|stream\.write": {"cli/console.py"},
    r"(rich\.\w+\.)?(Console|Table|Text)": {"cli/console.py", "cli/progress_bar.py"},
    r".*(?<!_)console\.(print|log|rule|out)": {"cli/console.py", "cli/progress_bar.py"},
    r"csv\.\w+": {"cli/console.py"},
    r"click\.(echo|secho|style|prompt|confirm|echo_via_pager|pause)": set(),
    r"pulumi\.(log|runtime\.log)\.\w+|pulumi\.(info|warn|error|debug)": {
        "resources/asset_release.py",
        "resources/release/program_decision.py",
        "resources/component/transforms.py",
        "resources/component/left_out.py",
        "resources/task/watched.py",
    },
    r"pulumi\.RunError": {
        "resources/asset_release.py",
        "resources/component/pulumi_options.py",
        "resources/secret_values.py",
    },
    r"engine_pb2\.LogRequest": {"resources/engine/engine_log.py"},
    r"(Check|Create|Read|Update)Result|CheckFailure": {"resources/outgoing.py"},
    r"warnings\.warn\w*|traceback\.\w+|logging\.(debug|info|warning|error|exception|critical|log|basicConfig)": {
        "resources/engine/tracebacks.py"
    },
    r".*\blog(ger)?\.(debug|warning|error|exception|critical)": set(),
    r"(markupsafe\.)?Markup": {"releases/report/" + name for name in ("markdown.py", "page.py", "templates.py")},
    r"(jinja2\.)?(Environment|Template)": {"releases/report/templates.py"},
    r".*\.write_(text|bytes)": set(),
    r".*\.(open|NamedTemporaryFile|fdopen)": {
        "system/report_files.py",
        "system/release_file.py",
        "system/hashing.py",
        "cli/plugin_folder.py",
        # What these two open is a packed text, and not a file.
        "releases/packed.py",
        "releases/manifest.py",
        # The place to which a closed pipe writes.
        "cli/console.py",
        # The lock of the journal of intents, and its new file.
        "terraform/intent_journal.py",
    },
}
"""Calls that write or make something written, and the modules that may call them. The emulator writes for itself."""

READ_BY_USERS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(path for path in (ROOT / "examples").rglob("*") if path.suffix in (".py", ".md", ".yml")),
    *(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".jinja", ".js")),
]
QUAINT = re.compile(r"(?<![a-z])(?:told|mend|mends|mended|mending|whoever)(?![a-z])|speaks?[ _]for", re.IGNORECASE)
"""Words that made readers stop."""


def modules(folder: Path) -> list[Path]:
    found = [path for path in folder.rglob("*.py") if path.name not in ("__init__.py", "__main__.py")]
    return [path for path in found if not path.name.endswith("_pb2.py")]  # protoc writes those


def test_no_two_modules_of_the_client_share_a_name() -> None:
    names = Counter(path.name for path in modules(PACKAGE) if PACKAGE / "emulator" not in path.parents)
    assert [name for name, count in names.items() if count > 1] == []


def test_no_folder_holds_more_than_15_modules() -> None:
    sizes = Counter(path.parent for path in modules(PACKAGE))
    assert {str(folder): count for folder, count in sizes.items() if count > MAX_MODULES} == {}


def test_the_file_that_answers_each_question_exists() -> None:
    answers = dict(re.findall(r"^\| ([a-z ]+\?) \| `(provider/[\w/.]+)` \|$", CONTRIBUTING, re.MULTILINE))
    assert set(answers) == QUESTIONS
    assert [file for file in answers.values() if not (ROOT / file).is_file()] == []


def test_each_folder_has_its_paragraph() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert set(re.findall(r"^- \*\*`(\w+)/`\*\*", CONTRIBUTING, re.MULTILINE)) == folders


def test_each_path_of_the_table_exists() -> None:
    table = CONTRIBUTING.split("## You change, you run")[1].split("## Recorded states")[0]
    named = set(re.findall(r"`((?:\w+/)*\w+(?:\.py|/))`", table))
    assert len(named) > MAX_MODULES
    missing = [name for name in named if not any((base / name).exists() for base in (PACKAGE, ROOT))]
    assert missing == []


def test_each_test_that_is_named_exists() -> None:
    documents = [CONTRIBUTING, *(path.read_text() for path in (ROOT / "docs").glob("*.md"))]
    named = set(re.findall(r"\btests/[\w/.]*\w", "".join(documents)))
    assert len(named) > MAX_MODULES
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_only_pulumi_has_an_engine() -> None:
    below = [path for path in modules(PACKAGE) if PACKAGE / "resources" not in path.parents]
    assert [path.name for path in below if "engine" in path.name] == []
    lines = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in below
        for line in path.read_text().splitlines()
        if re.search(r"(?<!Pulumi )\bengines?\b", line)
    ]
    assert lines == []


def constant(one: ast.stmt) -> str:
    """The name of the constant that a statement makes; empty where it makes none."""
    targets = one.targets if isinstance(one, ast.Assign) else [one.target] if isinstance(one, ast.AnnAssign) else []
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return next((name for name in names if re.fullmatch(r"_?[A-Z][A-Z0-9_]+", name)), "")


def constants(path: Path) -> Iterator[tuple[str, bool, bool]]:
    """Each constant at the top of a module: its name, whether it is Final, whether a docstring follows it.

    Constants on adjacent lines share the docstring below the last of them.
    """
    body = [*ast.parse(path.read_text()).body, ast.Pass()]
    described = False
    for one, after in reversed([*pairwise(body)]):
        if not constant(one):
            continue
        if not (constant(after) and after.lineno == (one.end_lineno or 0) + 1):
            described = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        final = isinstance(one, ast.AnnAssign) and ast.unparse(one.annotation).startswith("Final")
        yield constant(one), final, described


def test_constants_are_final_and_the_public_ones_say_what_they_are() -> None:
    found = {(path.relative_to(PACKAGE), *one) for path in modules(PACKAGE) for one in constants(path)}
    assert len(found) > 100
    assert {f"{path}: {name}" for path, name, final, _ in found if not final} == set()
    public = {(path, name, described) for path, name, _, described in found if not name.startswith("_")}
    assert {f"{path}: {name}" for path, name, described in public if not described} == set()


def calls(path: Path) -> Iterator[ast.Call]:
    """The calls of a module."""
    return (one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Call))


def test_text_goes_out_at_its_borders_only() -> None:
    """A new way out needs a function of borders.py, or a place in the list with a reason."""
    client = [path for path in modules(PACKAGE) if PACKAGE / "emulator" not in path.parents]
    for pattern, allowed in WAYS_OUT.items():
        found = {
            str(path.relative_to(PACKAGE))
            for path in client
            for call in calls(path)
            if re.fullmatch(pattern, ast.unparse(call.func))
        }
        assert found == allowed, pattern


def test_what_pulumi_is_given_has_passed_its_border() -> None:
    """Log, errors and failed checks: the text is `printed(...)` or a literal where it is passed."""

    def passed(value: ast.expr) -> bool:
        if isinstance(value, ast.Constant):
            return True
        return isinstance(value, ast.Call) and ast.unparse(value.func) in {"printed", "cell", "_outputs"}

    place = {
        "pulumi.log.info": 0,
        "pulumi.log.warn": 0,
        "pulumi.RunError": 0,
        "CheckFailure": 1,
        "CreateResult": 1,
        "UpdateResult": 0,
    }
    found = 0
    for path in modules(PACKAGE / "resources"):
        for call in calls(path):
            name = ast.unparse(call.func)
            if name == "engine_pb2.LogRequest":
                (said,) = [one.value for one in call.keywords if one.arg == "message"]
            elif name in place:
                said = call.args[place[name]]
            else:
                continue
            found += 1
            assert passed(said), f"{path.name}: {ast.unparse(call)}"
    assert found >= len(place) + 1


def test_every_error_of_ours_passes_the_border_of_errors() -> None:
    """A class that sets its message without AlicdnError would print it as it came."""
    tree = ast.parse((PACKAGE / "errors.py").read_text())
    inits = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
    assert len(inits) > 1
    assert all("super().__init__(" in ast.unparse(one) for one in inits)
    said = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name in {"__str__", "__repr__"}]
    assert said == []


def test_rules_are_given_the_time_and_ask_nobody() -> None:
    """Reading the clock with datetime, or a page with urllib, is what import-linter cannot forbid."""
    below = [path for path in modules(PACKAGE) if path.relative_to(PACKAGE).parts[0] not in DO_IO]
    assert {path.name for path in below} > {"task_state.py", "validation.py", "decision.py"}
    assert [str(path.relative_to(PACKAGE)) for path in below if HIDDEN_IO.search(path.read_text())] == []


@pytest.mark.parametrize("path", [*READ_BY_USERS, *READ_BY_CONTRIBUTORS], ids=lambda path: str(path.relative_to(ROOT)))
def test_readers_need_not_stop(path: Path) -> None:
    found = [line.strip() for line in path.read_text().splitlines() if QUAINT.search(line)]
    assert found == []
