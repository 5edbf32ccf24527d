"""Answers as JSON."""

from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
_encoder = JSONEncoder()


def to_json(data: Any, *, sorted_keys: bool = False) -> bytes:
    """As the encoder of REST framework has it. Raises TypeError for what JSON has no words for."""
    return orjson.dumps(data, _encoder.default, OPTIONS | (orjson.OPT_SORT_KEYS if sorted_keys else 0))


class OrjsonRenderer(BaseRenderer):
    """Fifty measures take a twentieth of the time that the json of the standard library needs."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Nothing where there is no body."""
        return b"" if data is None else to_json(data)
