"""The users of containers."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engines.docker.users import HOST_USERS, REMAPPED_USERS, UserRange, choose_users


@pytest.mark.parametrize(
    ("options", "users"),
    [
        (["name=seccomp,profile=default"], HOST_USERS),
        (None, HOST_USERS),
        (["name=seccomp,profile=default", "name=rootless"], REMAPPED_USERS),
        (["name=userns"], REMAPPED_USERS),
    ],
)
def test_an_engine_with_few_users_gets_small_numbers(
    options: list[str] | None, users: UserRange
) -> None:
    assert choose_users({"SecurityOptions": options}) == users


@given(st.integers(min_value=0), st.sampled_from([HOST_USERS, REMAPPED_USERS]))
def test_a_user_is_within_its_range(key: int, users: UserRange) -> None:
    user, group = map(int, users.select(key).split(":"))
    assert user == group
    assert users.first <= user < users.first + users.count


def test_the_engine_allows_the_largest_number() -> None:
    assert HOST_USERS.first + HOST_USERS.count <= 2**31 - 1
    assert REMAPPED_USERS.first + REMAPPED_USERS.count < 65_536


def test_users_of_a_run_differ() -> None:
    assert len({*islice(HOST_USERS.draw(), 1000)}) == 1000


def test_two_runs_have_other_users() -> None:
    first, second = ({*islice(HOST_USERS.draw(), 100)} for _ in range(2))
    assert not first & second
