from __future__ import annotations

import pytest

from accounts.states import (
    CONSENT_TRANSITIONS,
    PARTNER_TRANSITIONS,
    ConsentState,
    PartnerState,
    sources,
)


def test_every_state_has_a_row_in_its_table():
    assert set(PARTNER_TRANSITIONS) == set(PartnerState)
    assert set(CONSENT_TRANSITIONS) == set(ConsentState)


@pytest.mark.parametrize("state", [ConsentState.DECLINED, ConsentState.REFUSED, ConsentState.WITHDRAWN])
def test_a_no_is_final(state: ConsentState):
    assert CONSENT_TRANSITIONS[state] == frozenset()


def test_only_a_question_that_is_open_leads_to_a_yes():
    assert sources(CONSENT_TRANSITIONS, ConsentState.GRANTED) == {
        ConsentState.RECORDED,
        ConsentState.ATTESTED,
    }
    assert sources(CONSENT_TRANSITIONS, ConsentState.RECORDED) == {ConsentState.REQUESTED}


def test_nothing_leads_back_to_an_open_question():
    for state in (ConsentState.REQUESTED, ConsentState.ATTESTED):
        assert sources(CONSENT_TRANSITIONS, state) == frozenset()


def test_a_refused_partner_stays_refused():
    assert PARTNER_TRANSITIONS[PartnerState.REFUSED] == frozenset()
