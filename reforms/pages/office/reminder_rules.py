"""提醒规则: the stages of a list, whom each tells, and what the office adds."""

from collections.abc import Iterable, Iterator

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting
from agencies.log.since import ChangedSince, last_change
from reforms.history.audit import in_words
from reforms.models import ReformList, ReminderRule
from reforms.pages.forms import CHINESE, KnownForm, add_errors, known_again
from reforms.reminders.stages import (
    DAYS,
    FIELDS,
    MAY_BE_LEFT_OUT,
    PLACEHOLDERS,
    RULED,
    RuleFacts,
    Rules,
    check_row,
    has_own,
    rows_of,
    set_rules,
)

Kind = ReminderRule.Kind
BEFORE_MOST = 6
# What the days of each are counted from.
COUNTED = {
    Kind.BEFORE: gettext_lazy("到期前（自然日），0为当天"),
    Kind.FIRST: gettext_lazy("到期后（工作日）"),
    Kind.SECOND: gettext_lazy("到期后（工作日）"),
    Kind.WEEKLY: gettext_lazy("到期后（工作日）起"),
    Kind.ORDER: gettext_lazy("到期后（工作日）"),
    Kind.REPORT_AHEAD: gettext_lazy("报送截止前（工作日）"),
    Kind.REPORT_DAY: gettext_lazy("报送截止日当天"),
    Kind.REPORT_LATE: gettext_lazy("报送截止后（工作日）"),
    Kind.ACKNOWLEDGE: gettext_lazy("交办后（工作日）"),
    Kind.ACKNOWLEDGE_LATE: gettext_lazy("交办后（工作日）"),
}


class RuleForm(forms.Form):
    """One row; `used` where it may be left out."""

    used = forms.BooleanField(label=gettext_lazy("发送"), required=False)
    days = forms.IntegerField(label=gettext_lazy("天数"), required=False)
    to_reporters = forms.BooleanField(label=gettext_lazy("填报人"), required=False)
    to_approvers = forms.BooleanField(label=gettext_lazy("审核人"), required=False)
    to_heads = forms.BooleanField(label=gettext_lazy("单位负责人"), required=False)
    words = forms.CharField(
        label=gettext_lazy("附言"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 1, **CHINESE})
    )

    def __init__(self, kind: ReminderRule.Kind, number: int, data: QueryDict | None, row: RuleFacts | None) -> None:
        self.kind = kind
        initial = {name: getattr(row, name) for name in FIELDS} | {"used": True} if row else {"to_reporters": True}
        super().__init__(data, prefix=f"{kind}-{number}", initial=initial)
        if kind not in MAY_BE_LEFT_OUT:
            del self.fields["used"]
        first, last = DAYS[kind]
        self.fields["days"].widget.attrs |= {"min": first, "max": last}
        if first == last:
            del self.fields["days"]
        if kind == Kind.ORDER:
            for name in ("to_reporters", "to_approvers", "to_heads", "words"):
                del self.fields[name]
        for name, field in self.fields.items():
            # The heading of the column is not read out with every cell.
            field.widget.attrs["aria-label"] = f"{kind.label}{number or ''} {self.fields[name].label}"

    @property
    def counted(self) -> str:
        """What its days are counted from."""
        return str(COUNTED[self.kind])

    @property
    def is_used(self) -> bool:
        """Whether it is to be one of the rules."""
        return self.kind not in MAY_BE_LEFT_OUT or bool(self.cleaned_data.get("used"))

    def clean(self) -> dict[str, object]:
        said = super().clean() or self.cleaned_data
        if self.errors or not self.is_used:
            return said
        if "days" in self.fields and said.get("days") is None:
            raise ValidationError({"days": _("请填写天数。")})
        try:
            check_row(self.facts())
        except ValidationError as error:
            add_errors(self, error)
        return said

    def facts(self) -> RuleFacts:
        """The row as it was filled in."""
        said = self.cleaned_data
        return RuleFacts(
            self.kind,
            int(said.get("days") or 0),
            to_reporters=said.get("to_reporters", True),
            to_approvers=said.get("to_approvers", True),
            to_heads=said.get("to_heads", False),
            words=said.get("words", ""),
        )


@access(Verb.MANAGE_REMINDERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules of a list: look at them, set them, or go back to the defaults."""
    reform_list = get_object_or_404(ReformList, slug=slug)
    known = KnownForm(request.POST or None, initial={"as_of": last_change("list", [reform_list.pk], [RULED])})
    if request.method != "POST":
        return _page(request, reform_list, known, _rows(None, rows_of(reform_list.pk)))
    rows, wanted = _rows(request.POST, []), list[RuleFacts]()
    if "defaults" not in request.POST:
        if not all([known.is_valid(), *(row.is_valid() for row in rows)]):
            return _page(request, reform_list, known, rows, status=422)
        wanted = [row.facts() for row in rows if row.is_used]
    elif not known.is_valid():
        return _page(request, reform_list, known, rows, status=422)
    try:
        set_rules(reform_list, wanted, as_of=known.cleaned_data["as_of"], **acting(request))
    except ValidationError as error:
        known.add_error(None, error)
        return _page(request, reform_list, known, rows, status=422)
    except ChangedSince as since:
        again = KnownForm(known_again(request.POST, since.changes[-1].sequence))
        return _page(request, reform_list, again, rows, status=409, meanwhile=in_words(since.changes))
    messages.success(request, _("已保存。"))
    return redirect("reminder-rules", slug=slug)


def in_sentences(rules: Rules) -> list[str]:
    """What a list's rules are, in the page's language, a sentence for each part that is there."""
    ladder = {"first": rules.after[0].days, "second": rules.after[1].days, "weekly": rules.weekly.days}
    said = [
        _before(rules),
        _("逾期后第%(first)d个工作日首次催办，第%(second)d个工作日再次催办，第%(weekly)d个工作日起每周一次，直到办结。")
        % ladder,
        *_reports(rules),
    ]
    if rules.acknowledge:
        named = _("、").join(_("第%(n)d个") % {"n": stage.days} for stage in rules.acknowledge)
        said.append(_("交办后%(days)s工作日提醒未签收的单位。") % {"days": named})
    return [one for one in said if one]


def _before(rules: Rules) -> str:
    days = [stage.days for stage in rules.before]
    if not days:
        return _("到期前不提醒。")
    named = _("、").join(_("当天") if not day else _("前%(n)d天") % {"n": -day} for day in days)
    return _("到期%(days)s各提醒一次，遇休息日提前到上一个工作日。") % {"days": named}


def _reports(rules: Rules) -> Iterator[str]:
    for stage in rules.report:
        if stage.days < 0:
            yield _("报送截止日前%(n)d个工作日提醒尚未报送的单位。") % {"n": -stage.days}
        elif stage.days == 0:
            yield _("报送截止日当天再次提醒。")
        else:
            yield _("截止后第%(n)d个工作日告知未按时报送。") % {"n": stage.days}


def _rows(data: QueryDict | None, stored: Iterable[RuleFacts]) -> list[RuleForm]:
    """A form for each kind, in their order; for those before a deadline as many as there may be."""
    by_kind: dict[str, list[RuleFacts]] = {}
    for row in stored:
        by_kind.setdefault(row.kind, []).append(row)
    forms_ = []
    for kind in Kind:
        found = sorted(by_kind.get(kind, []), key=lambda row: -row.days)
        places = BEFORE_MOST if kind == Kind.BEFORE else 1
        for number in range(places):
            had = found[number] if number < len(found) else None
            forms_.append(RuleForm(kind, number + 1 if places > 1 else 0, data, had))
    return forms_


def _page(
    request: HttpRequest,
    reform_list: ReformList,
    known: KnownForm,
    rows: list[RuleForm],
    *,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    context = {
        "reform_list": reform_list,
        "form": known,
        "rows": rows,
        "has_own": has_own(reform_list.pk),
        "placeholders": [f"{{{name}}}" for name in PLACEHOLDERS],
        **more,
    }
    return render(request, "office/reminder_rules.html", context, status=status)
