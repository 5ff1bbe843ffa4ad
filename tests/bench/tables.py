"""The figures as tables."""

from __future__ import annotations

from statistics import median

from rich.console import Console
from rich.table import Table

from bench.engines import Found as Engines
from bench.engines import cpu_s, wall_s
from bench.goals import Verdict
from bench.growth import Cost
from bench.lag import Found
from bench.network import Found as Network
from bench.overhead import Found as Overhead
from bench.overhead import Pair
from bench.release import Found as Release
from bench.terraform_plan import Found as Plans


def _table(title: str, words: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in words:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def show_lag(console: Console, found: Found, cost_s: float, lives: int) -> None:
    """One line for each family and strategy."""
    table = _table(
        f"Calls and lag: {lives:,} simulated tasks per family",
        ("family", "strategy"),
        ("median lag", "p95 lag", "p95 / bound", "within bound", "calls"),
    )
    for family, by_strategy in found.items():
        for strategy, figures in by_strategy.items():
            table.add_row(
                family,
                strategy,
                f"{figures.median_lag_s:.2f} s",
                f"{figures.p95_lag_s:.2f} s",
                f"{figures.p95_of_bound:.2f}",
                f"{figures.within_bound:.1%}",
                f"{figures.calls:.1f}",
            )
        table.add_section()
    console.print(table)
    console.print(f"One question to our schedule costs {1e6 * cost_s:.1f} µs.\n")


def show_growth(console: Console, costs: list[Cost]) -> None:
    """One line for each process."""
    table = _table(
        "Growth: the provider's side of one wait of 330 s",
        ("service",),
        ("tasks", "URLs each", "calls", "polling", "final", "lag", "wall", "CPU", "CPU / URL", "peak memory"),
    )
    for cost in costs:
        table.add_row(
            cost.service,
            f"{cost.tasks:,}",
            f"{cost.urls:,}",
            f"{sum(cost.calls.values()):,}",
            f"{cost.polling_calls:,}",
            f"{cost.final_calls:,}",
            f"{cost.lag_s:.1f} s",
            f"{cost.wall_s:.2f} s",
            f"{cost.cpu_s:.2f} s",
            f"{1000 * cost.cpu_s / (cost.tasks * cost.urls):.2f} ms",
            f"{cost.rss_mib:.0f} MiB",
        )
    console.print(table)
    table = _table("Calls by action", ("service",), ("tasks", "URLs each"))
    table.add_column("calls")
    for cost in costs:
        table.add_row(
            cost.service,
            f"{cost.tasks:,}",
            f"{cost.urls:,}",
            ", ".join(f"{action} {count:,}" for action, count in sorted(cost.calls.items())),
        )
    console.print(table)


def show_overhead(console: Console, found: Overhead) -> None:
    """One line for each pair."""
    table = _table(
        "Overhead: medians of alternating runs", ("what",), ("ours", "without", "difference", "ratio", "runs")
    )
    pairs: tuple[tuple[str, Pair], ...] = (
        ("up with one task, against a sleep as long as its effect", found.up),
        ("up without changes, against an empty dynamic resource", found.unchanged),
        ("import pulumi_alicdn, against import pulumi", found.imported),
        ("the same with a resource named, against import pulumi", found.loaded),
    )
    for what, pair in pairs:
        table.add_row(
            what,
            f"{median(pair.ours_s):.2f} s",
            f"{median(pair.theirs_s):.2f} s",
            f"{pair.difference_s:+.2f} s",
            f"{pair.ratio:.2f}",
            str(len(pair.ours_s)),
        )
    console.print(table)


def show_terraform(console: Console, found: Plans) -> None:
    """One line for each size of a configuration, and one for the start of a process."""
    table = _table(
        f"Terraform, a plan without changes ({found.processes} provider processes, {found.calls} calls): medians",
        ("what",),
        ("ours", "provider in Go", "difference", "ratio", "runs"),
    )
    pairs = [(f"plan of {size} resources", pair) for size, pair in found.plans.items()]
    for what, pair in [*pairs, ("start of a provider process", found.starts)]:
        table.add_row(
            what,
            f"{median(pair.ours_s):.2f} s",
            f"{median(pair.theirs_s):.2f} s",
            f"{pair.difference_s:+.2f} s",
            f"{pair.ratio:.2f}",
            str(len(pair.ours_s)),
        )
    console.print(table)


def show_release(console: Console, found: Release) -> None:
    """One line for each figure."""
    table = _table(f"A folder of {found.files:,} files", ("what",), ("figure",))
    table.add_row("preview without changes", f"{median(found.preview.ours_s):.2f} s")
    table.add_row("of that, hashing (alone, in this process)", f"{median(found.hashing_s):.2f} s")
    table.add_row("preview of an empty program", f"{median(found.preview.theirs_s):.2f} s")
    for way, size in found.state_kb.items():
        table.add_row(f"state after a first release by {way}", f"{size:,.0f} kB")
    table.add_row("state after a second one, of three files", f"{found.changed_kb:,.0f} kB")
    console.print(table)
    large = found.large
    table = _table(f"A folder of {large.files:,} files", ("what",), ("figure",))
    table.add_row("preview without changes", f"{median(large.preview.ours_s):.2f} s")
    table.add_row(f"the same of {found.files:,} files, in turns", f"{median(large.preview.theirs_s):.2f} s")
    for way, size in large.state_kb.items():
        table.add_row(f"state after a first release by {way}", f"{size:,.0f} kB")
    table.add_row("state after a second one, of three files", f"{large.changed_kb:,.0f} kB")
    for role, peak_mb in sorted(large.peak_mb.items()):
        table.add_row(f"peak memory of a {role} process", f"{peak_mb:.0f} MB")
    console.print(table)


def show_network(console: Console, found: Network) -> None:
    """One line for each figure."""
    table = _table(f"A proof of {found.urls:,} URLs at {found.nodes:,} nodes", ("what",), ("figure",))
    table.add_row("requests", f"{found.requests:,}")
    table.add_row("bodies", f"{found.bodies:,}")
    table.add_row("checks a second", f"{median(found.per_s):,.0f}")
    curl = f"{median(found.curl_per_s):,.0f}" if found.curl_per_s else found.curl
    table.add_row(f"requests a second of curl -Z at the same nodes, {found.at_once} at a time", curl)
    table.add_row("CPU of a check", f"{found.cpu_ms:.3f} ms")
    table.add_row("peak memory", f"{found.peak_mb:.0f} MB")
    table.add_row("checks of which evidence is kept", f"{found.evidence:,}")
    table.add_row("most connections to one node at a time", f"{found.most_at_one:,}")
    console.print(table)


def show_engines(console: Console, found: Engines) -> None:
    """One line for each thing that both engines did."""
    table = _table(
        "Engines: medians of alternating runs", ("what",), ("pinned", "newest", "computing, pinned", "newest", "runs")
    )
    for what, costs in found.parts():
        pinned, newest = costs["pinned"], costs["newest"]
        seconds = [f"{of(one):.2f} s" for of in (wall_s, cpu_s) for one in (pinned, newest)]
        table.add_row(what, *seconds, str(len(pinned)))
    console.print(table)
    console.print(f"pinned: {found.versions['pinned']}, newest: {found.versions['newest']}\n")


def show_verdicts(console: Console, section: str, judged: list[Verdict]) -> None:
    """Whether each figure is what it has to be."""
    table = _table(f"Verdicts: {section}", ("what",), ("figure", "at most"))
    table.add_column("")
    for one in judged:
        unit = f" {one.unit}" if one.unit else ""
        verdict = "[green]ok[/green]" if one.ok else "[red]short of[/red]"
        table.add_row(one.what, f"{one.value:.3f}{unit}", f"{one.most:g}{unit}", verdict)
    console.print(table)
