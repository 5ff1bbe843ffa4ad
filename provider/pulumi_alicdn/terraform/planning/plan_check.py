"""What a plan asks before an apply submits: whether there are credentials, and whether today's quota suffices."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final

from pulumi_alicdn.api.limits import QUOTAS, quota_name
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import ApiError, DeniedError, InputError, RefusedError
from pulumi_alicdn.tasks.context import Context

_KEYS_S: Final = 20.0
"""Seconds until credentials have to be there. [chosen: a metadata server answers in a second; an apply waits longer]"""

_NOT_READABLE: Final = ("Forbidden", "NoPermission", "AccessDenied", "Unauthorized")
"""Beginnings of the codes for credentials that may not read the quota; they may be allowed to submit."""


class PlanCheck:
    """Asks once in a process: all resources of a plan share one day's quota.

    An apply plans again, in a process of its own, and the protocol does not tell that plan from the first one. Hours
    may lie between them, until the first one is approved: the second one asks again, and warns of what is left then.
    """

    def __init__(self, settings: Callable[[], Settings], context: Callable[[], Context]) -> None:
        """Ask with *settings* and *context*, which are read when something is asked."""
        self._settings = settings
        self._context = context
        self._lock = threading.Lock()
        self._has_keys = False
        self._quotas: dict[Service, Mapping[str, Allowance]] = {}
        self._needed: dict[tuple[Service, str], int] = {}

    def warnings(self, service: Service, object_type: str, objects: int) -> list[str]:
        """Check what an apply needs that submits so many *objects* to *service*, or an unknown number, 0.

        Raises InputError without credentials, and DeniedError for some that the service does not accept.
        """
        said = self.credentials()
        return said if said or not objects else self._quota(service, ObjectType(object_type), objects)

    def credentials(self) -> list[str]:
        """Look for credentials; return a warning if that was not possible now. Raises InputError if there are none."""
        # The vendor's SDK takes a second to load, and a plan without changes makes no call.
        from pulumi_alicdn.cloud.keys import credentials  # noqa: PLC0415

        with self._lock:
            if self._has_keys:
                return []
            try:
                credentials.require(self._settings(), "plan", _KEYS_S)
            except DeniedError as error:
                raise InputError(
                    f"{error.summary}. Nothing is submitted without them: set them, and plan again"
                ) from None
            except ApiError as error:
                return [f"the credentials could not be checked: {error.summary}; an apply needs them"]
            self._has_keys = True
        return []

    def _quota(self, service: Service, object_type: ObjectType, objects: int) -> list[str]:
        """Return a warning if today's quota is too small for *objects* more than this plan has counted so far.

        Raises DeniedError for credentials that the service does not accept.
        """
        name = quota_name(service, object_type)
        with self._lock:
            if service not in self._quotas:
                try:
                    self._quotas[service] = self._asked(service)
                except DeniedError as error:
                    if not error.fault.code.startswith(_NOT_READABLE):
                        raise
                    self._quotas[service] = {}
                except RefusedError:
                    self._quotas[service] = {}
                except ApiError as error:
                    self._quotas[service] = {}
                    return [f"today's quota of {service} could not be read: {error.summary}; an apply asks again"]
            needed = self._needed[service, name] = self._needed.get((service, name), 0) + objects
            found = self._quotas[service].get(name)
        if found is None or found.remaining >= needed:
            return []
        sentence = (
            f"today's {service} quota does not suffice: {found.remaining:,} of {found.total:,} {QUOTAS[name]} "
            f"are left, and the tasks of this plan that were counted so far need {needed:,}. Apply on the next day "
            "(China time), refresh a directory instead of its files, or have the quota raised"
        )
        return [sentence]

    def _asked(self, service: Service) -> Mapping[str, Allowance]:
        context = self._context()
        # One try: an apply that finds no service says so, and a plan must not wait for it.
        return context.caller().read(context.api(service).quota, context.clock.monotonic())
