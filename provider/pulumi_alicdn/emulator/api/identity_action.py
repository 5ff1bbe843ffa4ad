"""The action of STS that says whose the key of a request is."""

from __future__ import annotations

from typing import Final

from pulumi_alicdn.emulator.api.calls import Call
from pulumi_alicdn.emulator.values import JsonObject
from pulumi_alicdn.emulator.world import World

ACCOUNT: Final = "1968132000120000"
"""The id of the account. [chosen: 16 digits, as in the samples of GetCallerIdentity]"""


def caller_identity(_world: World, call: Call) -> JsonObject:
    """GetCallerIdentity: the permanent key is a user's, temporary ones are a role's (STS 2015-04-01)."""
    if call.temporary:
        return {
            "IdentityType": "AssumedRoleUser",
            "AccountId": ACCOUNT,
            "PrincipalId": "335376200829920000:local",
            "Arn": f"acs:ram::{ACCOUNT}:assumed-role/emulator/local",
            "RoleId": "335376200829920000",
        }
    return {
        "IdentityType": "RAMUser",
        "AccountId": ACCOUNT,
        "PrincipalId": "288774244375210000",
        "UserId": "216959339000540000",
        "Arn": f"acs:ram::{ACCOUNT}:user/emulator",
    }
