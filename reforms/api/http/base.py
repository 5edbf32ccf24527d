"""What the API's views share: lists by filters and cursor pages, parameters, bodies, and for whom somebody acts."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from agencies.access import Verb, agencies_for, may
from reforms.api.http.authentication import Verbs, acting, principal
from reforms.api.http.cursors import CONTROLS, Page, page_of
from reforms.api.http.etags import Conditional
from reforms.api.http.idempotency import OncePerKey
from reforms.api.http.problems import BadParameters
from reforms.api.schema import CursorPages
from reforms.catalogue.rows import Viewpoint, viewpoint
from reforms.duties import holders
from reforms.lib.filters import FilterProblem, StrictFilter, read_agencies
from reforms.models import Measure, ProgressReport, digest

READ: Verbs = {"list": Verb.READ, "retrieve": Verb.READ}
Shaped = dict[str, Any]


class ActionView(OncePerKey, GenericViewSet[Any]):
    """Things that are done. Actions in `if_match` are told which version was seen."""

    verbs: ClassVar[Verbs] = {}
    if_match: ClassVar[frozenset[str]] = frozenset()
    queryset: Any


class ReadView(Conditional, ActionView):
    """Lists by filters and cursor pages, and single objects."""

    verbs: ClassVar[Verbs] = READ
    filters: ClassVar[type[StrictFilter] | None] = None
    order_by: ClassVar[tuple[str, ...]] = ("id",)
    pagination_class = CursorPages

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action == "retrieve":
            only_parameters(request)

    def list(self, request: Request) -> Response:
        data = request._request.GET
        found = self.read_filters(data)
        # First only keys: what the filters join is not joined again where the objects are read.
        page = page_of(found, self.order_by, data)
        return self.answer(request, page, self.shape_all(found.model._default_manager.filter(pk__in=page.keys)))

    @property
    def view(self) -> Viewpoint:
        """From where the caller looks at the lists; archived ones only where the address names them."""
        return viewpoint(**acting(self.request), slugs=self.request._request.GET.getlist("list"))

    def read_filters(self, data: QueryDict) -> QuerySet[Any]:
        strict = (self.filters or StrictFilter)(data, queryset=self.get_queryset(), controls=CONTROLS, view=self.view)
        refuse(strict.problems())
        found: QuerySet[Any] = strict.qs
        return found

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        """Every object of a page in its shape, by primary key."""
        raise NotImplementedError

    def answer(self, request: Request, page: Page, shaped: Mapping[int, Any]) -> Response:
        return paged(request, page, shaped, self.serializer_class)


def paged(request: Request, page: Page, shaped: Mapping[int, Any], serializer: Any) -> Response:
    """The answer for one page: its objects in order, with the fields asked for. They are in their shape; where no
    fields are asked for, they may be JSON already."""
    results = [shaped[key] for key in page.keys if key in shaped]
    names = _wanted_fields(request._request.GET, serializer)
    if names:
        results = [{name: one[name] for name in names} for one in results]
    here = request.build_absolute_uri(request.path)
    body: Shaped = {
        "next": f"{here}?{page.next}" if page.next else None,
        "previous": f"{here}?{page.previous}" if page.previous else None,
    }
    if page.count is not None:
        body["count"] = page.count
    return Response(body | {"results": results})


def controls_of(request: Request) -> QueryDict:
    """The parameters of an address that takes no filters."""
    data = request._request.GET
    refuse(StrictFilter(data, queryset=ProgressReport.objects.none(), controls=CONTROLS).problems())
    return data


def only_parameters(request: Request, *known: str) -> None:
    """Refuse every other parameter: one that is not heeded, a day above all, would be answered with something else than
    was asked for."""
    strangers = sorted(set(request._request.GET) - set(known))
    refuse([FilterProblem(name, "unknown_parameter", _("没有这个参数。")) for name in strangers])


def refuse(problems: "list[FilterProblem]") -> None:
    """Raises NotAuthenticated (401) when signing in would help, else BadParameters (400) naming every
    parameter; nothing where there are no problems."""
    if problems and all(problem.code in {"not_public", "not_signed_in"} for problem in problems):
        raise NotAuthenticated(problems[0].message)
    if problems:
        raise BadParameters(problems)


def _wanted_fields(data: QueryDict, serializer: Any) -> tuple[str, ...]:
    names = tuple(name for name in data.get("fields", "").split(",") if name)
    if not names:
        return ()
    unknown = sorted(set(names) - set(serializer().fields))
    if unknown:
        refuse([FilterProblem("fields", "unknown_value", _("没有字段“%(name)s”。") % {"name": unknown[0]})])
    return names


def parse_body(shape: type[Serializer[Any]], request: Request) -> Shaped:
    """The body of a request in a shape; what does not fit it is a 400 that names the field."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def form_key(request: Request) -> str:
    """The Idempotency-Key, of whatever length, as the key of a form; empty when there is none."""
    key = request.headers.get("Idempotency-Key", "")
    return digest(key)[:40] if key else ""  # as long as the column


def acting_agency(request: Request, measure: Measure, named: str, *, for_office: bool = False) -> int:
    """The caller's agency among those that must act (for the office: any of them). Raises PermissionDenied where
    there is none, BadParameters where it is not clear which."""
    holding = [duty.agency_id for duty in holders(measure)]
    who = principal(request)
    if not for_office:
        own = agencies_for(who, Verb.REPORT)
        holding = [agency for agency in holding if agency in own]
    elif not may(who, Verb.ENTER_FOR, holding):
        raise PermissionDenied
    return one_of(holding, named)


def one_of(agencies: list[int], named: str) -> int:
    """The agency named, or the only one. Raises PermissionDenied where there is none, BadParameters where there are
    several and none is named."""
    wanted = read_agencies([named])[0] if named else None
    found = [agency for agency in agencies if wanted in (None, agency)]
    if not found:
        raise PermissionDenied
    if len(found) > 1:
        raise BadParameters([FilterProblem("agency", "required", _("您代表多个单位，请写明 agency。"))])
    return found[0]
