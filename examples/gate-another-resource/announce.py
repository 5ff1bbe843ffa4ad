"""A resource that sends a text to a webhook, once for each text."""

from typing import Any

import pulumi
import requests
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

ANSWER_S = 30


class _AnnouncementProvider(ResourceProvider):
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = news["text"] != olds["text"]
        return DiffResult(changes=changed, replaces=["text"] if changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        requests.post(props["webhook"], json={"text": props["text"]}, timeout=ANSWER_S).raise_for_status()
        return CreateResult("announced", props)


class Announcement(Resource, module="gate", name="Announcement"):
    def __init__(self, name: str, webhook: pulumi.Input[str], text: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__(_AnnouncementProvider(), name, {"webhook": webhook, "text": text}, opts)
