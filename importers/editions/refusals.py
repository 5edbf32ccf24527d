"""Why an edition is not taken back."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REFUSALS: "dict[str, Promise]" = {
    "moved": gettext_lazy("该版本不能撤回：它不是现行版本，或之前没有可以恢复的版本。未作任何改动。"),
    "not_as_shown": gettext_lazy("您查看期间情况有变化，本页显示的是最新情况。请重新核对后再确认。未作任何改动。"),
    "names_gone": gettext_lazy(
        "要恢复的版本印有“%(names)s”，现已不是任何单位的名称。请先在“单位”页补为别名。未作任何改动。"
    ),
    "not_allowed": gettext_lazy("确认人已不能导入清单、退回上一版本。未作任何改动。"),
    "not_the_first": gettext_lazy("只有清单唯一的版本可以这样撤销。"),
    "open": gettext_lazy("清单已下达或公开，不能撤销。请改为归档，或先改回仅督办部门和管理员可见。"),
    "acted_on": gettext_lazy("清单上已有填报、签收、提醒或督办操作，不能撤销。请改为归档。"),
}


class Refused(Exception):
    """Nothing was written. `code` is one of REFUSALS, `names` are those of agencies where it is about them."""

    def __init__(self, code: str, names: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.names = tuple(names)


def said_of(code: str, names: Sequence[str] = ()) -> str:
    """It in a sentence, in the language of whoever reads it; empty for no refusal."""
    return str(REFUSALS[code]) % {"names": _("、").join(names)} if code else ""
