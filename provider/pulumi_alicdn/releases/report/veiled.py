"""The story of a release whose addresses are secret: its reports name files, edges and reasons, but no such address.

Reports are files that pipelines show to many people, unlike the state, which keeps a secret encrypted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from pulumi_alicdn.releases.report.story import Story
from pulumi_alicdn.releases.urls import directory_url


def veiled(story: Story, hide: Callable[[str], str], *, urls: bool) -> Story:
    """Return *story* with *hide* applied to each text that may hold a secret.

    *urls*: whether the base URLs are secret. Then each stands as `(secret)`, with its number if there are several, and
    of a URL below it only the path is left, which is that of a file in the folder.
    """
    shown = {
        directory_url(base): f"(secret {number})" if len(story.base_urls) > 1 else "(secret)"
        for number, base in enumerate(story.base_urls, 1)
    }
    # One base URL may lie below another: the longest one that fits is the right one.
    bases = sorted(shown.items(), key=lambda one: -len(one[0])) if urls else []

    @cache
    def of_url(url: str) -> str:
        if not urls:
            return url
        found = next(((base, name) for base, name in bases if url.startswith(base)), None)
        return hide(url) if found is None else f"{found[1]}/{url.removeprefix(found[0])}"

    @cache
    def of_text(text: str) -> str:
        for base, name in bases:
            text = text.replace(base, f"{name}/")
        return hide(text)

    return replace(
        story,
        base_urls=tuple(shown.values()) if urls else tuple(map(of_url, story.base_urls)),
        failure=of_text(story.failure),
        plan=replace(
            story.plan,
            refresh=tuple(map(of_url, story.plan.refresh)),
            prefetch=tuple(map(of_url, story.plan.prefetch)),
            reason=of_text(story.plan.reason),
        ),
        effects=tuple(replace(one, url=of_url(one.url), description=of_text(one.description)) for one in story.effects),
        evidence=tuple(
            replace(one, url=of_url(one.url), edge=of_text(one.edge), note=of_text(one.note)) for one in story.evidence
        ),
        folded=story.folded.named(of_url, of_text),
        healed=tuple(map(of_url, story.healed)),
    )
