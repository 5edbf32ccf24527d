"""The review page of an import as somebody leaves it: ticked, typed in, and one of its buttons pressed."""

from collections import defaultdict
from typing import Any, Self

from django.test import Client
from lxml import html


class Left:
    """What stands in the one form of the page; what a browser would send."""

    def __init__(self, client: Client, response: Any) -> None:
        self.client, self.response = client, response
        self.form = html.fromstring(response.content.decode()).get_element_by_id("review-form")
        self.fields: dict[str, list[str]] = defaultdict(list)
        for name, value in self.form.form_values():
            self.fields[name].append(value)

    @classmethod
    def at(cls, client: Client, address: str) -> Self:
        return cls(client, client.get(address))

    def tick_of(self, title: str) -> str:
        """The value of the tick in the row of that title."""
        row = f'.//article[.//label[contains(., "采纳") and contains(., "{title}")]]'
        return str(self.form.xpath(f'{row}//input[@name="accept"]/@value')[0])

    def untick(self, *titles: str) -> Self:
        for title in titles:
            self.fields["accept"].remove(self.tick_of(title))
        return self

    def tick(self, title: str) -> Self:
        self.fields["accept"].append(self.tick_of(title))
        return self

    def fill(self, **values: str) -> Self:
        """By the end of the fields' names, as they carry the row: day, ongoing, names; others by the whole name."""
        for name, value in values.items():
            found = [one for one in self.form.fields if one == name or one.endswith(f"-{name}")]
            assert len(found) == 1, found
            self.fields[found[0]] = [value]
        return self

    def choose(self, name: str, decision: str) -> Self:
        """What an unseen agency name is."""
        assert f"agency-{name}" in self.form.fields
        self.fields[f"agency-{name}"] = [decision]
        return self

    def press(self, label: str) -> Any:
        """Send it all by the first button of that label, and follow where that leads."""
        button = self.form.xpath(f'.//button[normalize-space(.)="{label}"]')[0]
        said = {button.get("name"): [button.get("value")]} if button.get("name") else {}
        address = (button.get("formaction") or self.form.get("action")).partition("#")[0]
        return self.client.post(address, dict(self.fields) | said, follow=True)

    def pressed(self, label: str) -> "Left":
        """The same page or another after pressing a button."""
        return Left(self.client, self.press(label))
