"""The data of one provider process: its configuration, the journal, and whether Terraform asked it to stop."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.endpoints import parse_endpoint
from pulumi_alicdn.cloud.settings import Settings, resolve
from pulumi_alicdn.errors import InputError, InterruptedWaitError
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.system.clock import utc_now
from pulumi_alicdn.terraform.intent_journal import IntentJournal, Record
from pulumi_alicdn.validation import UNKNOWN, Problem

if TYPE_CHECKING:
    from pulumi_alicdn.tasks.context import Context
    from pulumi_alicdn.tasks.task_api import TaskApi
    from pulumi_alicdn.terraform.planning.plan_check import PlanCheck

_CONFIGURED: Final = {
    "alicdn:region": ("region", ("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION")),
    "alicdn:endpoint": ("endpoint", ("ALICDN_ENDPOINT",)),
    "alicdn:profile": ("profile", ("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE")),
    "alicloud:accessKey": (
        "access_key",
        ("ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID"),
    ),
    "alicloud:secretKey": (
        "secret_key",
        ("ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_ACCESS_KEY_SECRET"),
    ),
    "alicloud:securityToken": (
        "security_token",
        ("ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_SECURITY_TOKEN"),
    ),
}
"""For each setting, its attribute and the variables that the official provider reads (aliyun/alicloud, provider.go)."""

_WITHOUT_PAIR: Final = frozenset({"region", "endpoint", "profile"})
"""The attributes that stand alone: a sentence about a key names the attribute beside which it belongs."""

_FIRST_WORKSPACE: Final = "default"
"""The workspace of a folder in which none was selected."""

_LATER: Final = (
    "the block provider has values that are known only after an apply: nothing can be asked before; apply what they "
    "depend on first, with -target"
)


class Session:
    """The data of a process."""

    def __init__(self, environment: Mapping[str, str], clock: Clock | None = None) -> None:
        """Start without configuration; *clock*: one whose waits need not end when Terraform asks to stop."""
        self._environment = environment
        self._config: Mapping[str, Any] = {}
        self.known = True
        self._apis: dict[Service, TaskApi] = {}
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        self._data = Path(environment.get("TF_DATA_DIR") or ".terraform")
        self.journal = IntentJournal(self._data, utc_now)
        self._clock = clock
        self._context: Context | None = None
        self._handed_over: dict[str, list[Record]] = {}
        self._plan_check: PlanCheck | None = None

    @property
    def context(self) -> Context:
        """What all steps of this process work with; a process that is asked for the schema only loads none of it."""
        from pulumi_alicdn.terraform.step_context import step_context  # noqa: PLC0415

        with self._lock:
            if self._context is None:
                self._context = step_context(self._api, self.stopped, self.wanted, self._clock)
            return self._context

    @property
    def plan_check(self) -> PlanCheck:
        """What a plan asks before an apply submits; a plan without changes loads none of it."""
        from pulumi_alicdn.terraform.planning.plan_check import PlanCheck  # noqa: PLC0415

        with self._lock:
            if self._plan_check is None:
                self._plan_check = PlanCheck(self.settings, lambda: self.context)
            return self._plan_check

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take the block `provider`. Raises InputError for values that break a rule.

        While one is unknown, which can only be so during a plan, ``known`` is false, and nobody is asked.
        """
        with self._lock:
            self._config = {name: value for name, value in config.items() if isinstance(value, str)}
            self.known = UNKNOWN not in config.values()
            self._apis.clear()
        if self.known:
            self.settings()

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return the broken rules of the block `provider`; unknown values break none."""
        found: list[Problem] = []
        endpoint = config.get("endpoint")
        if isinstance(endpoint, str) and endpoint:
            try:
                parse_endpoint(endpoint, "endpoint")
            except InputError as error:
                found.append(Problem("endpoint", (str(error),)))
        pair = ("access_key", "secret_key")
        variables = dict(_CONFIGURED.values())
        missing = [name for name in pair if not (config.get(name) or self._from_environment(variables[name]))]
        if len(missing) == 1 and any(map(config.get, pair)):
            found.append(Problem(missing[0], "is not set, but access_key and secret_key go together"))
        elif missing and config.get("security_token"):
            found.append(Problem(missing[0], "is not set, but security_token goes together with a key pair"))
        return found

    def _from_environment(self, variables: Sequence[str]) -> str | None:
        return next(filter(None, map(self._environment.get, variables)), None)

    def settings(self) -> Settings:
        """Return the settings for the cloud. Raises InputError for values that break a rule."""

        def value(key: str) -> object:
            attribute, variables = _CONFIGURED.get(key, ("", ()))
            return self._config.get(attribute) or self._from_environment(variables)

        return resolve(value, self._environment, {key: self._source(*found) for key, found in _CONFIGURED.items()})

    def _source(self, attribute: str, variables: Sequence[str]) -> str:
        """Return where the value of *attribute* comes from: who wrote no block `provider` has set a variable."""
        if self._config.get(attribute) or attribute not in _WITHOUT_PAIR:
            return attribute
        return next(filter(self._environment.get, variables), attribute)

    def workspace(self) -> str:
        """Return the name of Terraform's workspace: all workspaces of a folder share its data, and so the journal."""
        selected = self._environment.get("TF_WORKSPACE")
        if selected:
            return selected
        try:
            return (self._data / "environment").read_text().strip() or _FIRST_WORKSPACE
        except OSError:
            return _FIRST_WORKSPACE

    def hand_over(self, key: str, record: Record) -> None:
        """Leave what the destroy half of a replacement knows to the create that follows it."""
        with self._lock:
            self._handed_over.setdefault(key, []).append(record)

    def handed_over(self, key: str) -> Record | None:
        """Return what was left for this task, once."""
        with self._lock:
            left = self._handed_over.get(key)
            return left.pop(0) if left else None

    def wanted(self) -> None:
        """Raise InterruptedWaitError if Terraform asked to stop."""
        if self.stopped.is_set():
            raise InterruptedWaitError("Terraform asked to stop; the tasks go on in the cloud, and the next apply too")

    def place(self, service: Service) -> str:
        """Return the endpoint and the profile that tasks of *service* are submitted through."""
        settings = self.settings()
        return f"{settings.endpoint_for(service).host}/{settings.profile or ''}"

    def _api(self, service: Service) -> TaskApi:
        if not self.known:
            raise InputError(_LATER)
        # The vendor's SDK takes a second to load, and a plan without changes makes no call.
        from pulumi_alicdn.cloud.connection import connect  # noqa: PLC0415

        with self._lock:
            if service not in self._apis:
                self._apis[service] = connect(self.settings(), service)
            return self._apis[service]


def running(environment: Mapping[str, str] = os.environ) -> Session:
    """Return the session of this process."""
    return Session(environment)
