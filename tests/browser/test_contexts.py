"""A context is given out again, and nobody can tell."""

from tests.browser.conftest import DESKTOP, Contexts, Wanted
from tests.browser.pages import NOBODY, Portal


def test_of_what_was_done_in_a_context_nothing_is_left_when_it_is_given_out_again(
    contexts: Contexts, portal: Portal
) -> None:
    own = Contexts(contexts.browser)
    wanted = Wanted(portal.address, NOBODY, english=False, javascript=True, size=DESKTOP)
    first = own.take(wanted, None)
    page = first.new_page()
    page.goto("/sign-in/")
    page.evaluate("localStorage.setItem('portal-keys', 'off'); document.cookie = 'left=behind'")
    left = first.storage_state()
    assert (bool(left["cookies"]), bool(left["origins"])) == (True, True)
    own.put_back()
    again, at_the_same_time = own.take(wanted, None), own.take(wanted, None)
    assert again is first
    assert at_the_same_time is not first
    assert page.is_closed()
    assert again.storage_state() == {"cookies": [], "origins": []}
    own.put_back()
    for kept in own.free:
        kept.context.close()
