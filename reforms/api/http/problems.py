"""Errors of the API, in one shape: application/problem+json after RFC 9457, with `code`, `instance` and `errors`."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from reforms.api.http.etags import DraftExists, Outdated, etag_of
from reforms.lib.filters import FilterProblem
from reforms.models import Stale

PROBLEM = "application/problem+json"


class BadParameters(exceptions.APIException):
    """400: the address holds parameters or values that do not exist."""

    status_code = 400
    default_code = "bad_parameters"

    def __init__(self, problems: Iterable[FilterProblem]) -> None:
        self.problems = list(problems)
        super().__init__(_("地址中的参数有误，见 errors。"))


class CannotDo(exceptions.APIException):
    """422: understood, and refused for what it says or for where the object stands."""

    status_code = 422
    default_code = "cannot_do"

    def __init__(self, error: ValidationError) -> None:
        self.problems = list(_field_problems(error))
        super().__init__(_("无法受理，见 errors。"))


def _field_problems(error: ValidationError) -> Iterable[FilterProblem]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, errors in by_field.items():
        for one in errors:
            # __all__ is Django's name for what is wrong with the whole.
            yield FilterProblem("" if field == "__all__" else field, one.code or "invalid", one.messages[0])


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets the error become a 500."""
    if isinstance(error, ValidationError):
        error = CannotDo(error)
    if isinstance(error, Stale):
        error = Outdated(error.current)
    response = exception_handler(error, context)
    if response is None:
        return None
    instance = context["request"].path
    body = _body(response.status_code, _code(error), _detail(error), instance, _problems(error))
    # Who came too late need not ask again: the object as it is, and the ETag to decide with.
    if isinstance(error, (Outdated, DraftExists)):
        body["current"] = context["view"].as_is(error.current)
        response.headers["ETag"] = etag_of(body["current"], body["current"]["version"])
    return Response(body, response.status_code, headers=dict(response.headers), content_type=PROBLEM)


def _code(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "permission_denied"
    if isinstance(error, exceptions.APIException) and isinstance(error.get_codes(), str):
        return str(error.get_codes())
    return "invalid"


def _detail(error: Exception) -> str:
    if isinstance(error, exceptions.APIException) and isinstance(error.detail, str):
        return str(error.detail)
    if isinstance(error, Http404):
        return _("没有这个对象，或您无权查看。")
    if isinstance(error, PermissionDenied):
        return _("您无权进行这一操作。")
    return _("提交的内容有误，见 errors。")


def _problems(error: Exception) -> list[dict[str, str]]:
    if isinstance(error, (BadParameters, CannotDo)):
        return [{"field": p.field, "code": p.code, "message": p.message} for p in error.problems]
    if isinstance(error, exceptions.ValidationError):
        return list(_details("", error.detail))
    return []


def _details(field: str, detail: Any) -> Iterable[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _details(f"{field}.{name}" if field else name, inner)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _details(field, inner)
    else:
        yield {"field": field, "code": detail.code, "message": str(detail)}


def _body(status: int, code: str, detail: str, instance: str, errors: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": _titles().get(status, ""),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": instance,
        "errors": errors,
    }


def _titles() -> dict[int, str]:
    return {
        400: _("请求有误"),
        401: _("需要登录"),
        403: _("无权操作"),
        404: _("未找到"),
        405: _("不支持的方法"),
        406: _("不支持的格式"),
        409: _("有冲突"),
        410: _("已不存在"),
        411: _("需要 Content-Length"),
        412: _("已被改动"),
        413: _("内容过大"),
        415: _("不支持的内容类型"),
        422: _("无法受理"),
        428: _("需要 If-Match"),
        429: _("请求过多"),
        500: _("服务器内部错误"),
    }


def is_api(request: HttpRequest) -> bool:
    """Whether errors at this address are answered as JSON; the page over the API is a page."""
    return request.path.startswith("/api/") and not request.path.startswith("/api/docs")


def plain_problem(request: HttpRequest, status: int) -> HttpResponse:
    """The same shape for what never reaches the API's views: unknown addresses, crashes."""
    codes = {
        400: "bad_request",
        403: "permission_denied",
        404: "not_found",
        411: "length_required",
        413: "too_large",
        500: "server_error",
    }
    body = _body(status, codes[status], _titles()[status], request.path, [])
    return JsonResponse(body, status=status, content_type=PROBLEM, json_dumps_params={"ensure_ascii": False})
