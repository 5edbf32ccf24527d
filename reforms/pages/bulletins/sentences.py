"""通报语句: how the sentences of a list's 通报 begin, and what they say with the numbers of today."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting, principal_of, today
from agencies.log.since import ChangedSince, last_change
from reforms.bulletins.document import parts_of
from reforms.bulletins.drafts import figures_since
from reforms.bulletins.sentences import SENTENCES, WORDED, checked, has_own, sentences_of, set_sentences
from reforms.bulletins.wording import first_words
from reforms.history.audit import in_words
from reforms.models import Bulletin, ReformList
from reforms.pages.bulletins.compare import lists_of
from reforms.pages.forms import CHINESE, KnownForm, add_errors, known_again

OTHERS_NAMED = 10


class SentencesForm(KnownForm):
    """A field for each sentence; one that is left empty is the portal's."""

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for one in SENTENCES:
            self.fields[one.name] = forms.CharField(
                label=one.label,
                max_length=1000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 1 + len(one.text) // 24, **CHINESE}),
                # In Chinese on every page, as the texts are.
                help_text=format_html(
                    '<span lang="zh-CN">{}</span>', " ".join(f"{{{name}}}" for name in one.placeholders)
                ),
            )

    def clean(self) -> dict[str, Any]:
        """Placeholders that are none are named beside their sentence."""
        said: dict[str, Any] = super().clean() or {}
        try:
            checked({name: text for name, text in said.items() if isinstance(text, str)})
        except ValidationError as error:
            add_errors(self, error)
        return said


@access(Verb.MANAGE_LISTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sentences(request: HttpRequest, slug: str) -> HttpResponse:
    """The sentences of a list: look at them, see them with the numbers of today, set them, or take the portal's."""
    reform_list = get_object_or_404(ReformList.objects.readable_by(principal_of(request)), slug=slug)
    if request.method != "POST":
        as_of = last_change("list", [reform_list.pk], [WORDED])
        return _page(request, reform_list, SentencesForm(initial={"as_of": as_of, **sentences_of(reform_list)}))
    form, to_defaults = SentencesForm(request.POST), "defaults" in request.POST
    # Whoever takes the portal's need not mend what they typed.
    known = KnownForm(request.POST) if to_defaults else form
    if not known.is_valid():
        return _page(request, reform_list, form, status=422)
    said = {} if to_defaults else {one.name: form.cleaned_data[one.name] for one in SENTENCES}
    if "preview" in request.POST:
        return _page(request, reform_list, form, **_preview(request, reform_list, said))
    try:
        set_sentences(reform_list, said, as_of=known.cleaned_data["as_of"], **acting(request))
    except ChangedSince as since:
        again = SentencesForm(known_again(request.POST, since.changes[-1].sequence))
        return _page(request, reform_list, again, status=409, meanwhile=in_words(since.changes))
    messages.success(request, _("已保存。"))
    return redirect("bulletin-sentences", slug=slug)


def _preview(request: HttpRequest, reform_list: ReformList, said: dict[str, str]) -> dict[str, Any]:
    """A 通报 of today in these words, kept nowhere."""
    figures = figures_since(reform_list, today(), who=principal_of(request), today=today())
    bulletin = Bulletin(reform_list=reform_list, on=today(), **first_words(reform_list, figures, checked(said)))
    return {"bulletin": bulletin, "parts": parts_of(bulletin)}


def _page(
    request: HttpRequest, reform_list: ReformList, form: SentencesForm, *, status: int = 200, **more: object
) -> HttpResponse:
    others = lists_of(principal_of(request)).exclude(pk=reform_list.pk)[:OTHERS_NAMED]
    context = {"reform_list": reform_list, "form": form, "has_own": has_own(reform_list), "others": others, **more}
    return render(request, "bulletins/sentences.html", context, status=status)
