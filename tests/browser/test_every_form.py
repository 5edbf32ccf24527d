"""Every form, once, by its own button in a real browser: what it is for is done, none is refused, none is left out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import BrowserContext, Response, StorageState

from tests.browser.conftest import ContextMaker, Made, demonstration
from tests.browser.forms import of_administrators, of_agencies, of_the_office
from tests.browser.forms.acts import Act
from tests.browser.pages import ADMINISTRATOR, APPROVER, AUDITOR, NOBODY, REPORTER, SUPERVISOR, Portal
from tests.test_access_matrix import names_that_take_forms

MARKET = "scjg.reporter"
ACTS: tuple[tuple[str, tuple[Act, ...]], ...] = (
    (
        NOBODY,
        (
            of_administrators.sign_in_read_english_and_sign_out,
            of_administrators.sign_out_elsewhere_and_change_ones_password,
        ),
    ),
    (
        REPORTER,
        (
            of_agencies.take_note_of_the_list,
            of_agencies.report_on_a_measure,
            of_agencies.say_that_nothing_changed,
            of_agencies.keep_a_draft,
            of_agencies.add_a_file_and_take_it_off,
            of_agencies.throw_the_draft_away,
            of_agencies.say_who_is_in_charge,
            of_agencies.plan_a_milestone_change_report_and_withdraw_it,
            of_agencies.say_who_is_in_charge_of_those_ticked,
            of_agencies.say_of_those_ticked_that_nothing_changed,
            of_agencies.set_who_is_in_charge_from_the_table_of_measures,
            of_agencies.let_reminders_rest_and_take_them_up_again,
            of_agencies.save_a_view_change_it_star_it_and_remove_it,
            of_agencies.subscribe_renew_the_address_and_end_it,
            of_agencies.ask_to_be_told_of_a_measure_and_of_a_view,
        ),
    ),
    (
        MARKET,
        (
            of_agencies.report_within_a_row_and_take_it_back,
            of_agencies.begin_within_a_row_and_go_on_in_the_full_page,
            of_agencies.report_in_the_table,
            of_agencies.report_in_a_workbook,
            of_agencies.ask_for_more_time_and_think_better_of_it,
            of_agencies.ask_for_more_time_for_another,
        ),
    ),
    (APPROVER, (of_agencies.sign_a_claim, of_agencies.sign_a_request)),
    (
        SUPERVISOR,
        (
            of_the_office.verify_a_claim,
            of_the_office.verify_several_claims,
            of_the_office.grant_a_request,
            of_the_office.reopen_a_closed_measure,
            of_the_office.chase_a_measure,
            of_the_office.chase_those_ticked_in_the_table,
            of_the_office.move_a_deadline_and_correct_a_slip,
            of_the_office.resume_a_suspended_measure,
            of_the_office.enter_what_came_by_letter,
            of_the_office.fill_in_what_was_done_before,
            of_the_office.chase_who_has_not_reported,
            of_the_office.take_up_a_matter,
            of_the_office.draft_sign_and_answer_an_order,
            of_the_office.draft_a_bulletin_and_have_it_signed_and_sent,
            of_the_office.word_the_sentences_of_a_bulletin,
            of_the_office.use_a_letterhead_and_take_the_portals_again,
            of_the_office.set_how_often_agencies_report,
            of_the_office.say_by_whom_a_list_was_issued_and_to_whom_it_is_open,
            of_the_office.set_from_when_reminders_go_out,
            of_the_office.set_the_rules_of_reminders,
            of_the_office.send_again_to_who_was_refused,
            of_the_office.confirm_the_clock,
            of_the_office.try_the_settings_of_mail,
            of_the_office.enter_days_off_in_the_calendar,
            of_the_office.take_a_day_of_the_calendar_back,
            of_the_office.name_whom_an_open_group_means,
        ),
    ),
    (
        ADMINISTRATOR,
        (
            of_administrators.settle_what_is_unclear_in_an_import,
            of_administrators.decline_a_change_and_confirm_the_others,
            of_administrators.begin_to_take_the_edition_back_and_think_better_of_it,
            of_administrators.compare_two_editions,
            of_administrators.bring_in_a_list_and_think_better_of_it,
            of_administrators.say_what_the_columns_of_a_list_hold,
            of_administrators.add_an_agency_and_edit_it,
            of_administrators.set_mailboxes_of_agencies,
            of_administrators.enter_a_robot_try_it_change_it_and_remove_it,
            of_administrators.try_the_channels,
            of_administrators.merge_two_that_are_one,
            of_administrators.rename_an_agency,
            of_administrators.change_the_members_of_a_group,
            of_administrators.add_a_person_with_another_role,
            of_administrators.hand_work_over,
            of_administrators.shut_somebody_out_and_let_them_in_again,
            of_administrators.bring_in_people_from_a_workbook,
            of_administrators.set_mailboxes_of_people,
            of_administrators.issue_a_token_and_revoke_it,
            of_administrators.make_a_screen_and_end_it,
        ),
    ),
    (AUDITOR, (of_the_office.order_a_long_file,)),
    # Whoever chooses a password goes on in the browser in which it was chosen.
    (ADMINISTRATOR, (of_administrators.choose_a_password_by_a_link,)),
    (ADMINISTRATOR, (of_administrators.choose_a_password_by_a_printed_code,)),
    (REPORTER, (of_agencies.mark_one_message_as_read, of_agencies.mark_all_messages_as_read)),
)


@dataclass
class Sent:
    """What browsers sent by POST, by the name of the address, and with which status it was answered."""

    answers: dict[str, set[int]] = field(default_factory=dict)

    def over(self, context: BrowserContext) -> None:
        context.on("response", self.hear)

    def hear(self, response: Response) -> None:
        if response.request.method == "POST":
            name = resolve(urlsplit(response.url).path).url_name or response.url
            self.answers.setdefault(name, set()).add(response.status)

    @property
    def refused(self) -> dict[str, set[int]]:
        return {name: found for name, found in self.answers.items() if max(found) >= 400}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, made: Made) -> Iterator[Portal]:
    """One of its own: what is written here would be in the way of the other tests."""
    with demonstration(tmp_path_factory.mktemp("forms"), made) as shown:
        yield shown


@pytest.fixture(scope="module")
def sessions() -> dict[str, StorageState]:
    return {}


def test_every_form_does_what_it_is_for_when_its_button_is_pressed(opened: ContextMaker, portal: Portal) -> None:
    sent = Sent()
    for person, acts in ACTS:
        context = opened(person)
        sent.over(context)
        page = context.new_page()
        for act in acts:
            act(page, portal.places)
    assert not names_that_take_forms() - set(sent.answers), "forms that nobody sends here"
    assert not sent.refused
