"""Who visits a portal under load, for locust: of ten people six visitors, three reporters, and of fifty one who
supervises; of a hundred eight are programs of agencies, which read, ask what changed, and report.

LOAD_PLAN names the file that tests.bench.load wrote, LOAD_RATE says how often each of them asks in a second.
"""

import json
import os
import random
from pathlib import Path
from typing import Any

from locust import HttpUser, constant_throughput, task

PLAN: dict[str, Any] = json.loads(Path(os.environ["LOAD_PLAN"]).read_text(encoding="utf-8"))
RATE = constant_throughput(float(os.environ["LOAD_RATE"]))
WORDS = ("企业", "知识产权", "破产", "量子科技", "市场监管", "跨境")
LIGHTS = ("overdue", "due_soon", "on_track", "closed")


def some(name: str) -> Any:
    return random.choice(PLAN[name])  # chosen by chance


class Looking(HttpUser):
    """What everybody does: filters, pages, a measure, an agency, a search."""

    abstract = True
    wait_time = RATE

    @task(12)
    def measures(self) -> None:
        filters = random.choice(
            (
                "",
                f"light={random.choice(LIGHTS)}",
                f"lead={some('agencies')}",
                f"list={some('lists')}",
                f"page={random.randrange(1, 40)}",
                "ordering=deadline",
                f"lead={some('agencies')}&light=overdue",
            )
        )
        self.client.get(f"/measures/?{filters}", name="list with facets")

    @task(3)
    def overview(self) -> None:
        self.client.get(random.choice(("/", f"/?list={some('lists')}")), name="overview")

    @task(4)
    def measure(self) -> None:
        self.client.get(f"/measures/{some('measures')}/", name="a measure")

    @task(2)
    def agency(self) -> None:
        self.client.get(f"/agencies/{some('agencies')}/", name="an agency")

    @task(2)
    def search(self) -> None:
        self.client.get(f"/measures/?search={random.choice(WORDS)}", name="a search")


class Visitor(Looking):
    weight = 60


class SignedIn(Looking):
    """Somebody with a session."""

    abstract = True
    who = ""

    def on_start(self) -> None:
        self.client.cookies.set(PLAN["cookie"], PLAN["sessions"][self.who])

    @task(3)
    def desk(self) -> None:
        self.client.get("/desk/", name=f"desk of a {self.who}")


class Reporter(SignedIn):
    weight, who = 30, "reporter"


class Supervisor(SignedIn):
    weight, who = 2, "supervisor"


class Program(HttpUser):
    """An agency's own program."""

    weight, wait_time = 8, RATE

    def on_start(self) -> None:
        self.own = some("tokens")
        self.client.headers["Authorization"] = f"Bearer {self.own['secret']}"

    @task(3)
    def page(self) -> None:
        self.client.get(f"/api/v1/measures?lead={some('agencies')}", name="API, a page")

    @task(2)
    def changes(self) -> None:
        self.client.get("/api/v1/changes", name="API, changes")

    @task(5)
    def report(self) -> None:
        measure = random.choice(self.own["measures"])
        self.client.post(
            f"/api/v1/measures/{measure}/reports",
            json={"progress": "工作方案已印发，正按计划推进。"},
            name="API, a report",
        )
