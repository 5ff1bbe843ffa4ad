"""The sixth part: what no document states and users met. Each line names where it was seen."""

from __future__ import annotations

from typing import Final

from conformance.documents import Document
from conformance.wild import (
    clocks,
    codes,
    identity,
    network,
    not_the_service,
    odd_rows,
    service,
    shapes,
    sign_in,
    targets,
    windows,
)

DOCUMENT: Final = Document(
    name="wild",
    title="Seen in the wild",
    service="cdn",
    action="DescribeRefreshTasks",
    version="2018-05-10",
    container="CDNTask",
)
STATEMENTS: Final = (
    *windows.STATEMENTS,
    *odd_rows.STATEMENTS,
    *not_the_service.STATEMENTS,
    *shapes.STATEMENTS,
    *codes.STATEMENTS,
    *clocks.STATEMENTS,
    *identity.STATEMENTS,
    *service.STATEMENTS,
    *sign_in.STATEMENTS,
    *network.STATEMENTS,
    *targets.STATEMENTS,
)
