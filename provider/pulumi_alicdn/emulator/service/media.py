"""Submissions by media id: the media, and the jobs about them; pure.

RefreshMediaPlayUrls submits one task per play URL, each with its own id. GetMediaRefreshJobs reports the outcome of
each medium's submission. The documents leave some choices open, and the emulator does the following. It submits at
once. ``Status`` is ``success`` if every URL of the medium was accepted, and otherwise ``fail`` with the first refusal,
while the accepted URLs stay listed. Only DescribeVodRefreshTasks reports the end of a task. A medium without a fitting
stream fails with InvalidParameter. If none of the media exist, the answer contains no job.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

import pydantic

from pulumi_alicdn.emulator.fields import STRICT, ListedUrl, ListEntry
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode, naming
from pulumi_alicdn.emulator.values import JsonObject, ObjectType, Params, whole_number, wire_time

StreamFormat: TypeAlias = Literal["mp4", "m3u8", "mp3", "flv", "webm", "ts"]
StreamType: TypeAlias = Literal["video", "audio"]

MAX_MEDIA: Final = 20
"""Media of one call (VOD 2017-03-21 RefreshMediaPlayUrls documentation)."""

MAX_SLICES: Final = 20
"""TS files of each M3U8 stream at most (the same documentation)."""

DEFAULT_SLICES: Final = 5
"""TS files of each M3U8 stream where the call does not say (the same documentation)."""

FORMATS: Final = frozenset(get_args(StreamFormat))
STREAM_TYPES: Final = frozenset(get_args(StreamType))
RESULT_TYPES: Final = frozenset({"Single", "Multiple"})
"""Values of the parameters (VOD 2017-03-21 RefreshMediaPlayUrls documentation)."""

_OBJECT_TYPES: Final = {"Refresh": ObjectType.FILE, "Preload": ObjectType.PRELOAD}
"""The object type that each TaskType submits (the same document)."""

_FIRST_JOB: Final = 0x41D465E31957001
"""The first job id. [chosen: as many hexadecimal digits as in the documents' samples]"""


@pydantic.dataclasses.dataclass(frozen=True, slots=True, config=STRICT)
class PlayUrl:
    """One transcoded stream of a medium; ``slices`` are the TS files of an M3U8 stream, in their order."""

    url: ListedUrl
    format: StreamFormat
    definition: ListEntry
    stream_type: StreamType = "video"
    slices: tuple[ListedUrl, ...] = ()


@pydantic.dataclasses.dataclass(frozen=True, slots=True, config=STRICT)
class Medium:
    """A medium and its streams, the latest transcoded one last; a forbidden medium belongs to another application."""

    media_id: ListEntry
    urls: tuple[PlayUrl, ...]
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """A valid call of RefreshMediaPlayUrls. An empty set selects all; ``slice_count`` is 0 for no TS files."""

    media_ids: tuple[str, ...]
    object_type: ObjectType
    formats: frozenset[str]
    definitions: frozenset[str]
    stream_types: frozenset[str]
    multiple: bool
    slice_count: int
    policy: str
    user_data: str

    def urls(self, medium: Medium) -> tuple[str, ...]:
        """The URLs of a medium to submit, each once."""
        fitting = [
            stream
            for stream in medium.urls
            if _fits(stream.format, self.formats)
            and _fits(stream.definition, self.definitions)
            and _fits(stream.stream_type, self.stream_types)
        ]
        if not self.multiple:
            # Of several streams with the same definition and format, the last one counts.
            fitting = list({(stream.definition, stream.format): stream for stream in fitting}.values())
        return tuple(
            dict.fromkeys(url for stream in fitting for url in (stream.url, *stream.slices[: self.slice_count]))
        )


@dataclass(frozen=True, slots=True)
class Job:
    """The outcome of the submission of one medium's URLs; ``failure`` is the first refusal, None without one."""

    job_id: str
    media_id: str
    request: MediaRequest
    created: datetime
    visible_from: datetime
    urls: tuple[str, ...]
    task_ids: tuple[str, ...]
    failure: RefusalCode | None

    def answer(self) -> JsonObject:
        """Return the job as the API shows it, with an error only if there was one."""
        shown = {
            "MediaRefreshJobId": self.job_id,
            "MediaId": self.media_id,
            "TaskType": "Preload" if self.request.object_type is ObjectType.PRELOAD else "Refresh",
            "FilterPolicy": self.request.policy,
            "Status": "success" if self.failure is None else "fail",
            "SuccessPlayUrls": ",".join(self.urls),
            "TaskIds": ",".join(self.task_ids),
            "UserData": self.request.user_data,
            "GmtCreate": wire_time(self.created),
            "GmtModified": wire_time(self.created),
        }
        if self.failure is not None:
            shown |= {"ErrorCode": self.failure.code, "ErrorMessage": self.failure.message}
        return shown


@dataclass(slots=True)
class MediaBook:
    """The media and the jobs of the account."""

    media: dict[str, Medium] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    _job_count: int = 0

    def register(self, media: Iterable[Medium]) -> None:
        """Add these media; they replace those with the same ids."""
        self.media.update({medium.media_id: medium for medium in media})

    def clear(self) -> None:
        """Forget media and jobs. Ids go on from the last one, so that none is used twice."""
        self.media.clear()
        self.jobs.clear()

    def new_job_id(self) -> str:
        """Return an id that no job has had before."""
        self._job_count += 1
        return f"{_FIRST_JOB + self._job_count - 1:x}"

    def listed(self, params: Params, now: datetime) -> Sequence[JsonObject]:
        """The jobs of an answer of GetMediaRefreshJobs; an unknown id has none."""
        job_id = params.get("MediaRefreshJobId")
        if not job_id:
            raise naming(refusals.MISSING_PARAMETER, "MediaRefreshJobId")
        media_id = params.get("MediaId")
        return [
            job.answer()
            for job in self.jobs
            if job.job_id == job_id and media_id in {None, "", job.media_id} and job.visible_from <= now
        ]


def read_media_request(params: Params) -> MediaRequest:
    """Check the parameters of RefreshMediaPlayUrls."""
    for name in ("MediaIds", "TaskType"):
        if not params.get(name):
            raise naming(refusals.MISSING_PARAMETER, name)
    media_ids = tuple(dict.fromkeys(_entries(params["MediaIds"])))
    if not 1 <= len(media_ids) <= MAX_MEDIA:
        raise Refusal(refusals.INVALID_PARAMETER, f"MediaIds names from 1 to {MAX_MEDIA} media.")
    formats = frozenset(_entries(params.get("Formats", "")))
    stream_types = frozenset(_entries(params.get("StreamType", "")))
    result_type = params.get("ResultType") or "Single"
    slice_flag = (params.get("SliceFlag") or "false").lower()
    slice_count = params.get("SliceCount") or str(DEFAULT_SLICES)
    _require(params["TaskType"] in _OBJECT_TYPES, "TaskType is either Refresh or Preload.")
    _require(formats <= FORMATS, f"Formats are among {', '.join(sorted(FORMATS))}.")
    _require(stream_types <= STREAM_TYPES, "StreamType names video, audio or both.")
    _require(result_type in RESULT_TYPES, "ResultType is either Single or Multiple.")
    _require(slice_flag in {"true", "false"}, "SliceFlag is either true or false.")
    slices = whole_number(slice_count, MAX_SLICES)
    if slices is None:
        raise Refusal(refusals.INVALID_PARAMETER, f"SliceCount is from 1 to {MAX_SLICES}.")
    sliced = slice_flag == "true"
    policy: Mapping[str, str | bool | int] = {
        **{name: params[name] for name in ("Formats", "Definitions", "StreamType") if params.get(name)},
        "ResultType": result_type,
        "SliceFlag": sliced,
        "SliceCount": slices,
    }
    return MediaRequest(
        media_ids=media_ids,
        object_type=_OBJECT_TYPES[params["TaskType"]],
        formats=formats,
        definitions=frozenset(_entries(params.get("Definitions", ""))),
        stream_types=stream_types,
        multiple=result_type == "Multiple",
        slice_count=slices if sliced else 0,
        policy=json.dumps(policy),
        user_data=params.get("UserData", ""),
    )


def _entries(text: str) -> Sequence[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _fits(value: str, wanted: frozenset[str]) -> bool:
    return not wanted or value in wanted


def _require(valid: bool, sentence: str) -> None:
    if not valid:
        raise Refusal(refusals.INVALID_PARAMETER, sentence)
