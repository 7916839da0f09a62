"""Environment variables are read with their types, and wrong values stop the start."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import env_bool, env_int, env_list, env_secret, env_weights


def test_it_reads_truth_values(monkeypatch):
    monkeypatch.setenv("X", "Yes")
    assert env_bool("X", default=False) is True
    monkeypatch.setenv("X", "off")
    assert env_bool("X", default=True) is False
    monkeypatch.delenv("X")
    assert env_bool("X", default=True) is True


def test_it_refuses_a_truth_value_that_is_neither(monkeypatch):
    monkeypatch.setenv("X", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="X must be true or false"):
        env_bool("X", default=False)


@pytest.mark.parametrize(("value", "message"), [("ten", "whole number"), ("3", "at least 5")])
def test_it_refuses_a_number_out_of_range(monkeypatch, value, message):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match=message):
        env_int("X", 7, minimum=5)


def test_it_splits_lists_and_drops_blanks(monkeypatch):
    monkeypatch.setenv("X", " a, ,b,")
    assert env_list("X") == ["a", "b"]


def test_it_reads_weights(monkeypatch):
    monkeypatch.setenv("X", "prt_a=3, prt_b=10")
    assert env_weights("X", maximum=10) == {"prt_a": 3, "prt_b": 10}
    monkeypatch.delenv("X")
    assert env_weights("X", maximum=10) == {}


@pytest.mark.parametrize("value", ["a", "a=", "=3", "a=0", "a=11", "a=2.5", "a=1,a=2"])
def test_it_refuses_weights_that_are_none(monkeypatch, value):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match="X "):
        env_weights("X", maximum=10)


def test_it_reads_a_secret_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("swordfish\n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    assert env_secret("X") == "swordfish"


def test_it_refuses_a_secret_given_twice(monkeypatch, tmp_path):
    monkeypatch.setenv("X", "a")
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match="not both"):
        env_secret("X")


def test_it_refuses_a_secret_file_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("X_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        env_secret("X")
