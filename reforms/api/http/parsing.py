"""What comes in, as JSON or with a file; what cannot be read is said in the caller's language."""

from json import JSONDecodeError
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser


class BoundedJSONParser(JSONParser):
    """Nested deeper than Python can read is a bad request, not a failure."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(_("请求内容嵌套过深。")) from None
        except ParseError as error:
            # It was raised while handling the error of the decoder, which knows the place.
            raise ParseError(_not_json(error.__context__)) from None


def _not_json(found: BaseException | None) -> str:
    if not isinstance(found, JSONDecodeError):
        return _("请求内容不是有效的JSON。")
    return _("请求内容不是有效的JSON（第%(line)d行第%(column)d个字符）。") % {
        "line": found.lineno,
        "column": found.colno,
    }


class FileParser(MultiPartParser):
    """Of multipart/form-data."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError:
            raise ParseError(_("请求内容不是有效的multipart/form-data。")) from None
