"""The name of the person at the browser: asked once, kept by the browser, needed for acts and never for looking."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.runtime import context as browser_context
from streamlit.testing.v1 import AppTest

from pages._parts import who
from pages._shared import state

ACTS = "_acts_done"


@pytest.fixture
def browser(monkeypatch):
    """Pretend that a browser is there: AppTest has none. Cookies as the browser sends them."""

    def arrive(**cookies: str) -> None:
        client = SimpleNamespace(headers=[("Host", "localhost")], cookies=cookies)
        monkeypatch.setattr(browser_context, "_get_client_context", lambda: client)

    return arrive


def app():
    """A page with one act, drawn between the parts that ask who acts."""
    import streamlit as st

    from pages._parts import who
    from pages._shared import state

    def act() -> None:
        if not state.held_for_name(act):
            st.session_state.setdefault("_acts_done", []).append(state.author())

    who.recognise()
    who.sidebar_field()
    who.greeting()
    st.button("Act", key="act", on_click=act)
    who.ask()


def open_app(user: dict | None = None) -> AppTest:
    at = AppTest.from_function(app)
    if user is not None:
        at.user = user
    return at.run()


def keys(elements) -> list[str]:
    return [element.key for element in elements]


def sidebar_key(name: str) -> str:
    return who.FIELD.format(name=name)


def acts(at: AppTest) -> list[str]:
    return at.session_state.get(ACTS, [])


def test_a_first_visit_asks_in_a_line_and_blocks_nothing(browser):
    browser()
    at = open_app()
    assert keys(at.text_input) == [who.GREETING_FIELD]
    assert not at.button(key="act").disabled
    assert not at.exception


def test_a_name_typed_at_the_first_visit_is_that_of_the_acts(browser):
    browser()
    at = open_app()
    at.text_input(key=who.GREETING_FIELD).set_value("  Ada \t Lovelace ").run()
    assert keys(at.text_input) == [sidebar_key("Ada Lovelace")]
    assert at.text_input[0].value == "Ada Lovelace"
    at.button(key="act").click().run()
    assert acts(at) == ["Ada Lovelace"]


def test_who_only_looks_is_not_asked_again(browser):
    browser()
    at = open_app()
    at.button(key="who_later").click().run()
    assert keys(at.run().text_input) == [sidebar_key("")]


def test_the_first_act_waits_for_a_name_and_is_then_done_once(browser):
    browser()
    at = open_app()
    at.button(key="who_later").click().run()
    at.button(key="act").click().run()
    assert acts(at) == []
    at.text_input(key=who.DIALOG_FIELD).set_value("Ada")
    at.button(key="FormSubmitter:who_form-Go on").click().run()
    assert acts(at) == ["Ada"]
    at.run()
    assert acts(at) == ["Ada"]
    assert who.DIALOG_FIELD not in keys(at.text_input)


def test_a_name_of_blanks_is_none(browser):
    browser()
    at = open_app()
    at.button(key="act").click().run()
    at.text_input(key=who.DIALOG_FIELD).set_value("  \t ")
    at.button(key="FormSubmitter:who_form-Go on").click().run()
    assert acts(at) == []
    assert who.DIALOG_FIELD in keys(at.text_input)


def test_the_name_that_the_browser_kept_is_known_at_once(browser):
    browser(**{who.COOKIE: "Zo%C3%AB%20M%C3%BCller"})
    at = open_app()
    assert at.text_input[0].value == "Zoë Müller"
    at.button(key="act").click().run()
    assert acts(at) == ["Zoë Müller"]


def test_a_name_can_be_changed_in_the_sidebar(browser):
    browser(**{who.COOKIE: "Ada"})
    at = open_app()
    at.text_input(key=sidebar_key("Ada")).set_value("Bob").run()
    at.button(key="act").click().run()
    assert acts(at) == ["Bob"]
    at.text_input(key=sidebar_key("Bob")).set_value("").run()
    assert keys(at.text_input) == [who.GREETING_FIELD]


@pytest.mark.parametrize(("kept", "name"), [({}, "Ada"), ({who.COOKIE: "Bob"}, "Bob")])
def test_a_name_in_the_address_is_taken_by_a_browser_that_has_none_and_does_not_stay_there(browser, kept, name):
    browser(**kept)
    at = AppTest.from_function(app)
    at.query_params[state.AUTHOR] = "Ada"
    at.run()
    assert at.text_input[0].value == name
    assert state.AUTHOR not in at.query_params


def test_whoever_signed_in_has_the_name_of_the_sign_in_and_cannot_change_it(browser):
    browser(**{who.COOKIE: "Somebody else"})
    at = open_app({"is_logged_in": True, "name": "Ada Lovelace", "email": "ada@example.com"})
    (field,) = at.text_input
    assert (field.value, field.disabled) == ("Ada Lovelace", True)
    at.button(key="act").click().run()
    assert acts(at) == ["Ada Lovelace"]


def test_a_sign_in_without_a_name_gives_the_address(browser):
    browser()
    at = open_app({"is_logged_in": True, "email": "ada@example.com"})
    assert at.text_input[0].value == "ada@example.com"


def test_where_sign_in_exists_but_nobody_signed_in_the_name_is_asked_for(browser):
    browser()
    assert keys(open_app({"is_logged_in": False, "email": "x@example.com"}).text_input) == [who.GREETING_FIELD]


def test_a_script_without_a_browser_is_not_asked():
    at = open_app()
    at.button(key="act").click().run()
    assert acts(at) == [state.DEFAULT_AUTHOR]


@given(st.text(max_size=200))
def test_a_clean_name_is_short_trimmed_printable_and_stays_as_it_is(text):
    name = state.clean_name(text)
    assert name == name.strip() == state.clean_name(name)
    assert len(name) <= state.MAX_NAME_CHARS
    assert not [char for char in name if ord(char) < 32 or 0x7F <= ord(char) < 0xA0]
    name.encode("utf-8")


def test_letters_of_any_script_stay_in_a_name():
    for name in ("Zoë Müller-O'Brien", "李小龍", "محمد علی‌پور", "👩‍🔬 Ada"):
        assert state.clean_name(name) == name


def test_a_name_cannot_turn_the_text_that_follows_it():
    assert state.clean_name("Ada\u202egnitide") == "Ada gnitide"
