"""What earlier runs left to heal, and where a heal goes on that was begun: decided from the state, purely.

Each proof has an id, as has each `pulumi refresh` that found a stale edge. A heal is about such findings, and the proof
after it covers their ids. What no proof covers is pending. The triggers of a heal's task are the ids of its findings:
a run after a kill names the same ones, and submits nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pulumi_alicdn.releases.heals.open_urls import MAX_HEALED, OpenUrl, from_stale, healable, joined, unpacked
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.release_options import MAX_HEALS
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.state import HealProofState, LeftOpen, ReleaseRecordState

FIRST_PLACE: Final = 1
"""The place of the first heal of a run; a second one within the same run has the next place."""

MAX_PLACES: Final = 2 * MAX_HEALS
"""The number of places. [chosen: a run that continues a heal at the last place of another one finds as many again]"""


@dataclass(frozen=True, slots=True)
class Place:
    """What the state holds of the heal at one place: its task as it was begun, and the proof after it."""

    begun: StartedTask | None = None
    proof: HealProofState | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """Findings that no proof covers, and that have to be proven again.

    ``finds``: their ids. ``covers``: all ids that the state holds. ``urls``: what they left open. ``place``: where
    the heal takes place. ``begun``: what an interrupted run began to refresh for them; None if it did not begin.
    ``most``: how many URLs today's quota allows to refresh again; None if that is not known.
    """

    finds: tuple[str, ...]
    covers: tuple[str, ...]
    urls: tuple[OpenUrl, ...]
    place: int = FIRST_PLACE
    begun: tuple[str, ...] | None = None
    most: int | None = None

    def refreshed(self, heals: int, most: int | None = None) -> tuple[str, ...]:
        """Return the URLs that are refreshed again, if this run may do so *heals* times more.

        *most*: how many today's quota allows; by default what the proof noted. What was begun goes on as it is.
        """
        if heals < 1:
            return ()
        if self.begun is not None:
            return self.begun
        allowed = self.most if most is None else most
        count = MAX_HEALED if allowed is None else min(MAX_HEALED, allowed)
        return tuple(one.url for one in healable(self.urls)[:count])


@dataclass(frozen=True, slots=True)
class Healing:
    """The steps of heals in the state. ``places``: those of the current record, by place."""

    places: Mapping[int, Place] = field(default_factory=dict)

    def as_they_were(self, record_id: str) -> dict[int, HealProofState]:
        """Return the proofs of the last run's heals, whose steps stay as they are while nothing is pending."""
        proofs = self.of(record_id)
        covered = {one for proof in proofs.values() for one in proof["covers"]}
        last = next((place for place, proof in proofs.items() if proof_id(proof) not in covered), 0)
        return {place: proof for place, proof in proofs.items() if place <= last}

    def of(self, record_id: str) -> dict[int, HealProofState]:
        """Return the proofs that are about the record whose proof has the id *record_id*, in the order of places."""
        found = ((place, one.proof) for place, one in sorted(self.places.items()))
        return {place: proof for place, proof in found if proof is not None and record_id in proof["covers"]}


@dataclass(frozen=True, slots=True)
class _Found:
    id: str
    urls: tuple[OpenUrl, ...]
    most: int | None


def proof_id(state: LeftOpen) -> str:
    """Return the id of a proof; empty for one of an earlier version."""
    return state.get("proof_id") or ""


def noted_most(state: LeftOpen) -> int | None:
    """Return how many URLs a proof may have refreshed again by today's quota; None if that is not known."""
    most = state.get("most")
    return None if most is None else int(most)


def pending(
    record: ReleaseRecordState | None, healing: Healing, expected: Callable[[], Mapping[str, Expected]]
) -> Pending | None:
    """Return what is left to heal of the release of *record*; None if every finding is covered.

    *expected*: what edges have to serve for each URL of the release; asked for only if a refresh found something.
    """
    if record is None:
        return None
    proofs = healing.of(proof_id(record))
    found = [*_found(record, proofs.values(), expected)]
    covered = {one for proof in proofs.values() for one in proof["covers"]}
    left = [one for one in found if one.id not in covered and one.urls]
    if not left:
        return None
    finds = tuple(sorted(one.id for one in left))
    place, begun = _begun(finds, healing)
    allowed = [one.most for one in left if one.most is not None]
    return Pending(
        finds,
        # Ids that the state no longer holds are left out: they would only make it grow.
        tuple(sorted({one.id for one in found})),
        joined(one.urls for one in left),
        place,
        begun,
        min(allowed, default=None),
    )


def _found(
    record: ReleaseRecordState, proofs: Iterable[HealProofState], expected: Callable[[], Mapping[str, Expected]]
) -> Iterator[_Found]:
    yield _Found(proof_id(record), unpacked(record.get("mismatches")), noted_most(record))
    drift = record.get("drift")
    if drift:
        yield _Found(record.get("drift_id") or "", from_stale(drift, expected()), None)
    for proof in proofs:
        yield _Found(proof_id(proof), unpacked(proof.get("mismatches")), noted_most(proof))
        drift = proof.get("drift")
        if drift:
            known = {one.url: one.expected for one in unpacked(proof["subject"])}
            yield _Found(proof.get("drift_id") or "", from_stale(drift, known), None)


def _begun(finds: tuple[str, ...], healing: Healing) -> tuple[int, tuple[str, ...] | None]:
    """Return the place of the heal that was begun for *finds*, and its URLs; else the first place."""
    for place, one in sorted(healing.places.items()):
        if one.begun is not None and one.begun.triggers == finds:
            return place, one.begun.object_paths
    return FIRST_PLACE, None


def next_pending(state: LeftOpen, covers: Sequence[str], place: int) -> Pending | None:
    """Return what a proof of this run left to heal at *place*; None if nothing.

    *state*: its result. *covers*: the ids that it covers.
    """
    urls = unpacked(state.get("mismatches"))
    if not urls:
        return None
    own = proof_id(state)
    return Pending((own,), tuple(sorted({*covers, own})), urls, place, None, noted_most(state))
