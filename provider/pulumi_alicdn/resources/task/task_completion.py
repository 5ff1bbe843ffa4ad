"""The Pulumi resource TaskCompletion, which waits for tasks that somebody else submitted."""

from __future__ import annotations

import pulumi

from pulumi_alicdn.api.literals import OnTimeout, ServiceName
from pulumi_alicdn.resources.dynamic import AttachmentProvider
from pulumi_alicdn.resources.option_types import Choice, Texts
from pulumi_alicdn.resources.program import waits_provider
from pulumi_alicdn.resources.task.habits import ATTACHED, OF_COMPLETION, chosen
from pulumi_alicdn.resources.task.watched import Watched, secrets_of
from pulumi_alicdn.resources.task_steps import Attachment, own_urn
from pulumi_alicdn.state import OUTPUTS


class TaskCompletion(Watched):
    """Wait for tasks that somebody else submitted, and remember that they are Complete.

    Nothing is submitted. Once Complete, further deployments ask the service nothing.
    """

    _type_token = "alicdn:index:TaskCompletion"

    def __init__(
        self,
        resource_name: str,
        *,
        service: Choice[ServiceName],
        task_ids: Texts,
        object_paths: Texts | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: Choice[OnTimeout] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Wait until every object of the tasks is effective on every edge.

        A change of any of these waits anew:

        service: `vod` or `cdn`.
        task_ids: list of ids of the service.
        object_paths: list of URLs; wait only for these objects. Default: all objects of the tasks.

        A change of any of these does not:

        wait: boolean; false polls once. Default: true.
        timeout: seconds, above 0 and up to 86,400 (24 hours). Default: 900 for a refresh, 3,600 for a prefetch.
        on_timeout: `fail`, or `continue` with a warning. Default: `fail`.
        opts: Pulumi's options of every resource.

        Options that break a rule fail the preview, which lists all of them. The deployment fails with TaskFailedError,
        TaskTimeoutError, UnknownTaskError for an id that the service has not listed for 15 s, DeniedError,
        ThrottledError or UnreachableError; the next `pulumi up` goes on waiting.
        """
        given = self._register(resource_name, chosen(locals(), *ATTACHED), opts, OF_COMPLETION, {Attachment: ATTACHED})
        secrets = secrets_of(self, given)
        attachment = Attachment(
            AttachmentProvider(),
            resource_name,
            {**dict.fromkeys(OUTPUTS), **given, **secrets, "urn": own_urn(self, Attachment, resource_name)},
            pulumi.ResourceOptions(parent=self, provider=waits_provider(self)),
        )
        self._publish(attachment)
