"""docs/roles.md says who may do what exactly as the rules have it."""

import re

from django.utils.translation import override

from agencies.access import Reach, VerbRow, reach_table
from agencies.models import Role
from tests.tooling.processes import ROOT

MARKS = {Reach.ANYWHERE: "yes", Reach.OWN: "own", Reach.OTHERS: "others’", Reach.NOWHERE: "–"}


def line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def row(said: VerbRow) -> str:
    label = f"{said.label} (visitors too)" if said.anyone else str(said.label)
    return line([label, *(MARKS[reach] for reach in said.reaches)])


def table() -> list[str]:
    with override("en"):
        return [line(["May", *Role.values]), "|---" * (len(Role) + 1) + "|", *map(row, reach_table())]


def in_docs() -> list[str]:
    text = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")
    return re.findall(r"^\| May .*?(?=\n\n)", text, re.DOTALL | re.MULTILINE)[0].splitlines()


def test_the_table_of_the_page_is_that_of_the_rules() -> None:
    assert in_docs() == table(), "\n" + "\n".join(table())


def test_every_role_stands_in_the_words_above_it() -> None:
    text = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8").split("\n| May ")[0]
    with override("zh-hans"):
        assert [str(role.label) for role in Role if f"{role.label} {role.value}" not in text] == []
