"""The portal under test: its address, its people, its pages, and what is watched while a page is open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

PASSWORD = "demo-2022"
REPORTER, VIEWER = "jtj.reporter", "jtj.viewer"
SUPERVISOR, ADMINISTRATOR, AUDITOR = "supervisor", "administrator", "auditor"
APPROVER = "scjg.approver"
NOBODY = ""
ROLES = (NOBODY, REPORTER, APPROVER, SUPERVISOR, ADMINISTRATOR, AUDITOR)
LIST = "/lists/shenzhen-2022/"
NO_SUCH_PAGE = "/no-such-page/"
STRUCK_ADDRESS = "/measures/?light=purple"
TOOL_ADDRESS = (
    "/measures/?columns=section&columns=lead&columns=responsible&columns=deadline&columns=list&ordering=-lead"
)


@dataclass(frozen=True, slots=True)
class Places:
    """Pages whose address depends on the data; the measures are open ones of the reporter's agency."""

    agency: str
    group: str
    delivery: str
    review: str
    refused: str
    taking_back: str
    measure: str
    another_measure: str
    person: str
    drafted: str
    typed_on: str
    claim: str
    extension: str
    to_sign: str
    closed: str
    suspended: str
    matter: str
    milestone: str
    order: str
    order_to_draft: str
    bulletin: str
    bulletin_draft: str
    letter: str
    robot: str
    view: str
    to_claim: list[str]
    to_extend: list[str]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody opens a page in one of the two languages."""

    person: str
    english: bool
    address: str


def dose(visits: Sequence[Visit], turn: int) -> list[Visit]:
    """Every second page, opened by whoever's turn it is; and of everybody in each language at least one visit."""
    of_pages = _grouped(visits, attrgetter("address"))
    today = [place for place in range(len(of_pages)) if (turn + place) % 2 == 0]
    chosen = [of_pages[place][(turn // 2 + place) % len(of_pages[place])] for place in today]
    of_readers = _grouped(visits, attrgetter("person", "english"))
    left_out = [of_reader for of_reader in of_readers if not set(of_reader) & set(chosen)]
    return chosen + [of_reader[turn % len(of_reader)] for of_reader in left_out]


def _grouped(visits: Sequence[Visit], key: Callable[[Visit], object]) -> list[list[Visit]]:
    groups: dict[object, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(key(visit), []).append(visit)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class Portal:
    address: str
    places: Places

    def visits(self) -> list[Visit]:
        """Everybody opens every page they can, in both languages."""
        readers = [(person, english) for person in ROLES for english in (False, True)]
        return [Visit(person, english, page) for person, english in readers for page in self.pages(person)]

    def pages(self, person: str) -> list[str]:
        """Every page this person can open, with the refusals they may meet. What is open to all shows approvers and
        auditors nothing that it does not show others."""
        places = self.places
        open_to_all = ["/", "/measures/", "/measures/?search=港口&light=on_track", "/measures/1/"]
        open_to_all += ["/measures/facets/lead/?find=市场&section=1", TOOL_ADDRESS]
        open_to_all += ["/agencies/?search=市场", "/lists/", "/search/", "/search/?q=市场监管", "/timeline/"]
        open_to_all += ["/subscribe/?section=5"]
        open_to_all += ["/milestones/", "/milestones/?stage=missed&due_after=2022-06-01"]
        open_to_all += [
            "/?on=2022-05-31",
            "/screen/",
            "/agencies/",
            "/method/",
            "/style/",
            f"{LIST}data/",
            "/measures/print/?section=6",
        ]
        open_to_all += [places.agency, places.group, LIST, f"{LIST}sections/1/", f"{LIST}items/68/", "/api/docs/"]
        open_to_all += [f"{LIST}editions/1/", f"{LIST}editions/1...1/"]
        open_to_all += ["/measures/?search=没有这样的举措", STRUCK_ADDRESS, NO_SUCH_PAGE]
        shared = [] if person in (APPROVER, AUDITOR) else open_to_all
        return shared + {
            NOBODY: ["/sign-in/", "/code/"],
            REPORTER: [
                *("/desk/", "/desk/?show=owing&mine=1", "/desk/table/?scope=open", "/desk/sheet/"),
                *("/people/roles/", "/letters/", "/account/"),
                *("/measures/views/", "/measures/views/new/?light=overdue", places.view),
                *(places.measure, f"{places.measure}report/", f"{places.measure}duty/", "/people/"),
                *(f"{places.drafted}report/", f"{places.drafted}draft/discard/", f"{places.measure}extension/"),
                *(places.milestone, f"{places.measure}milestones/"),
                *("/unreported/", "/matters/", places.matter, "/notices/", "/notices/?kind=chased"),
                *("/orders/", places.order, "/bulletins/", places.bulletin, "/performance/"),
            ],
            AUDITOR: [
                *("/desk/", "/audit/", "/audit/?kind=measure&object=1", "/audit/?reason=没有这样的理由"),
                "/audit/?action=measure.reprinted&on_after=2022-01-01",
                "/audit/?action=delete_everything",
                "/audit/export/xlsx/",
            ],
            APPROVER: ["/sign/", places.to_sign],
            SUPERVISOR: [
                *("/desk/", "/desk/sheet/", places.measure, "/reminders/", places.delivery, f"{LIST}reminders/"),
                *("/notices/", "/reminders/sweeps/", f"{LIST}reminders/rules/", f"{LIST}reminders/year/"),
                *self.review_pages(),
                *self.office_pages(),
            ],
            ADMINISTRATOR: [
                *("/desk/", "/people/", "/tokens/", "/screens/", "/reminders/", f"{LIST}reminders/"),
                *self.import_pages(),
                *self.kept_pages(),
                *self.people_pages(),
            ],
        }.get(person, [])

    def review_pages(self) -> list[str]:
        """The pages on which the office decides."""
        claim, extension = self.places.claim, self.places.extension
        batch = f"/review/batch/?claim={claim.strip('/').split('/')[-1]}"
        return ["/review/", "/review/?kind=claim&late=true", claim, extension, batch, f"{self.places.closed}reopen/"]

    def office_pages(self) -> list[str]:
        """The pages on which the office works."""
        places = self.places
        steering = [f"{places.measure}steer/", f"{places.measure}enter/", places.suspended, f"{places.suspended}steer/"]
        lists = ["/unreported/", "/unreported/?overdue=true", "/chases/", "/calendar/", "/matters/", places.matter]
        lists += ["/orders/", places.order, places.order_to_draft, "/measures/chase/?measure=1&measure=2&measure=9"]
        lists += ["/bulletins/", places.bulletin, places.bulletin_draft, places.letter, f"{LIST}leads/"]
        lists += [f"{LIST}fill-in/", f"{LIST}sheets/"]
        lists += ["/performance/", "/performance/?on=2022-05-31", "/performance/reports/", "/performance/returned/"]
        lists += [f"{LIST}sentences/", "/letterheads/"]
        lists += ["/bulletins/compare/?from=2022-05-01&show=claimed"]
        lists += ["/performance/asked/", "/performance/asked/rows/?month=2022-05"]
        return [*steering, *lists, f"{LIST}working/", "/measures/?disposition=suspended"]

    def import_pages(self) -> list[str]:
        """The pages on which an administrator takes a list in."""
        review = self.places.review
        return [
            "/imports/",
            review,
            f"{review}?show=problems",
            f"{review}?show=all",
            self.places.refused,
            self.places.taking_back,
        ]

    def people_pages(self) -> list[str]:
        """The pages on which an administrator keeps people."""
        person = self.places.person
        pages = [person, f"{person}active/", f"{person}hand-over/", "/people/import/", "/people/roles/"]
        pages += ["/people/mailboxes/", "/people/mailboxes/?missing=1"]
        pages += ["/people/?entry=waiting", "/agencies/?mailbox=none"]
        return [*pages, "/people/?search=演示&role=reporter", "/people/?search=nobody-of-that-name"]

    def kept_pages(self) -> list[str]:
        """The pages on which an administrator keeps agencies."""
        agency, group = self.places.agency, self.places.group
        pages = ["edit/", "merge/", *(f"succession/?kind={kind}" for kind in ("renamed", "merged", "split"))]
        members = [f"{group}members/", f"{self.places.measure}members/"]
        groups = ["/agencies/robots/", self.places.robot, "/reminders/channels/"]
        return ["/agencies/new/", "/agencies/mailboxes/", *groups, *(f"{agency}{page}" for page in pages), *members]


@dataclass
class Watch:
    """What went wrong in the pages of a context: what the console says, and requests to other hosts."""

    host: str
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        self.contexts.append(context)
        context.on("console", self.hear)
        context.on("weberror", self.note)
        context.on("request", self.see)

    def end(self) -> None:
        """Watch no more: somebody else will."""
        for context in self.contexts:
            context.remove_listener("console", self.hear)
            context.remove_listener("weberror", self.note)
            context.remove_listener("request", self.see)
        self.contexts.clear()

    def forget(self) -> None:
        self.errors.clear()
        self.elsewhere.clear()

    def note(self, error: WebError) -> None:
        self.errors.append(str(error.error))

    def hear(self, message: ConsoleMessage) -> None:
        # Chromium reports a refusal that was asked for (404, 403, 400) as an error of the page.
        refusal_of_page = "the server responded with a status of 4" in message.text
        # htmx says that a page was left while an answer was still on its way: no fault, and a matter of speed.
        left_meanwhile = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type in {"error", "warning"} and not refusal_of_page and not left_meanwhile:
            self.errors.append(f"{message.page.url if message.page else ''}: {message.text}")

    def see(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self.host:
            self.elsewhere.append(request.url)
