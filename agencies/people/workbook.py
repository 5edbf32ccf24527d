"""A workbook of people: the template to fill in, and what is read of one."""

from functools import cache

from django.conf import settings
from django.utils.translation import override

from agencies.lib.sheets import SheetColumn, SheetLayout, write_table
from agencies.models import Role

FULL_NAME, USERNAME, AGENCY, ROLE, EMAIL, POSITION, PHONE, MOBILE = COLUMNS = (
    *("姓名", "用户名", "单位", "角色", "邮箱"),
    *("职务", "办公电话", "手机"),
)
WIDTHS = (14, 18, 28, 22, 30, 16, 18, 18)
# Those that a table may leave out, or leave empty: that changes nothing.
OPTIONAL = {"email": EMAIL, "position": POSITION, "phone": PHONE, "mobile": MOBILE}
PEOPLE = SheetLayout(columns=COLUMNS, needed=COLUMNS[:4], mark=USERNAME)


def template() -> bytes:
    """An empty table to fill in, with a sheet that explains it."""
    return write_table("人员", [SheetColumn(*column) for column in zip(COLUMNS, WIDTHS, strict=True)], [], _notes())


@cache
def role_words() -> dict[str, Role]:
    """The roles by their Chinese and machine words, whatever the language of the page."""
    with override(settings.LANGUAGE_CODE):
        return {str(word): role for role in Role for word in (role.label, role.value)}


def _notes() -> list[str]:
    words = list(role_words())
    roles = "、".join(f"{label}（{value}）" for label, value in zip(words[::2], words[1::2], strict=True))
    return [
        "每行一人。姓名、用户名、单位、角色必填，邮箱、职务、办公电话、手机可空。列的先后不限，其他列不读取。",
        f"角色可填：{roles}。一人有多个角色的，写在同一格，用顿号分隔。",
        "单位可填本系统认得的任一名称。",
        "用户名已存在的，补充角色并更新姓名、邮箱、职务和电话，空格不更改；不会移除任何角色。",
        "请填文字，不要用公式。",
    ]
