"""Which lecture is next."""

from __future__ import annotations

from dataclasses import replace

from tests.digest_weeks import LECTURES, at, course, lectures
from tests.factories import make_mark
from tracker.digest.courses import choose_lectures
from tracker.digest.values import CourseChoice, CourseState
from tracker.models import Mark


def marks(*numbers: int, days: dict[int, str] | None = None) -> dict[str, Mark]:
    """Tick lectures, counted from 1, in this order."""
    keys = {number: f"youtube:{LECTURES[number - 1][0]}" for number in numbers}
    moments = {number: at((days or {}).get(number, f"{10 + index} 08:00")) for index, number in enumerate(numbers)}
    return {key: make_mark(key, at=moments[number]) for number, key in keys.items()}


def after(*offers: int) -> CourseState:
    """Be the course after closed issues that offered these lectures."""
    return replace(
        course(offered=0), offers=tuple((f"2026-W{30 + index}", number) for index, number in enumerate(offers))
    )


def offered(choice: CourseChoice) -> list[int]:
    return [entry.id for entry in choice.offered]


def test_a_course_begins_with_its_first_lecture() -> None:
    """Before any issue the first lecture is offered."""
    assert offered(choose_lectures(after(), {})) == [1]


def test_each_closed_issue_moves_a_reader_on_who_never_ticked() -> None:
    """What was offered is behind them; nothing says how many they have done."""
    choice = choose_lectures(after(1, 2), {})
    assert (offered(choice), choice.done, choice.behind) == ([3], None, frozenset({1, 2}))


def test_a_lecture_waits_for_a_reader_who_ticks() -> None:
    """The same lecture stays, however many issues offered it."""
    choice = choose_lectures(after(1, 2, 3, 3, 3), marks(1, 2))
    assert (offered(choice), choice.done) == ([3], 2)


def test_the_first_tick_says_where_the_reader_is() -> None:
    """Who ticks lecture 5 first, after it was offered, does not start again at 1; who ticks 1 first goes on with 2."""
    assert offered(choose_lectures(after(1, 2, 3, 4, 5), marks(5))) == [6]
    assert offered(choose_lectures(after(1, 2, 3, 4, 5), marks(1))) == [2]


def test_a_tick_out_of_order_skips_nothing() -> None:
    """Who does 1, 2 and then 5 is offered 3."""
    assert offered(choose_lectures(after(1, 2, 3), marks(1, 2, 5))) == [3]


def test_a_tick_ahead_of_the_first_offers_skips_nothing() -> None:
    """Who had seen 5 before the course began is offered 1."""
    assert offered(choose_lectures(after(1), marks(5))) == [1]


def test_unavailable_lectures_are_skipped_and_not_counted() -> None:
    """A private video is neither offered nor one of ten (M28)."""
    items = tuple(replace(each, availability="private") if each.id == 1 else each for each in lectures())
    choice = choose_lectures(course(offered=0, items=items), {})
    assert (offered(choice), len(choice.lectures)) == ([2], 9)


def test_members_are_offered_lectures_for_members() -> None:
    """With `members_only` such a lecture is offered like any other; without it is neither offered nor counted (M26)."""
    extra = {"availability": "subscriber_only"}
    items = tuple(replace(each, extra=extra) if each.id == 1 else each for each in lectures())
    state = course(offered=0, items=items)
    member = replace(state, subscription=replace(state.subscription, members_only=True))

    assert (offered(choose_lectures(state, {})), len(choose_lectures(state, {}).lectures)) == ([2], 9)
    assert (offered(choose_lectures(member, {})), len(choose_lectures(member, {}).lectures)) == ([1], 10)


def test_a_lecture_done_before_it_became_private_still_counts() -> None:
    """What the reader has done stays done."""
    items = tuple(replace(each, availability="private") if each.id == 1 else each for each in lectures())
    choice = choose_lectures(course(offered=0, items=items), marks(1))
    assert (choice.done, len(choice.lectures)) == (1, 10)


def test_a_hidden_lecture_leaves_the_others_their_numbers() -> None:
    """Lecture 4 of 10 stays number 4 when 3 is hidden: that is its place in the playlist; 3 is not waited for."""
    hidden = make_mark(f"youtube:{LECTURES[2][0]}", done=False, hidden=True, at=at("10 08:00"))
    choice = choose_lectures(after(1, 2), {hidden.key: hidden})
    assert (offered(choice), len(choice.lectures), choice.lectures.index(choice.offered[0])) == ([4], 10, 3)
    assert [entry.id for entry in choice.waiting] == [4, 5, 6, 7, 8, 9, 10]


def test_the_order_is_the_playlists_present_one() -> None:
    """A reorder changes what is next (M2)."""
    items = tuple(reversed(lectures()))
    assert offered(choose_lectures(course(offered=0, items=items), marks(10))) == [9]


def test_pace_offers_several() -> None:
    """With pace = 2 an issue offers two lectures, and the next moves on by two."""
    state = after()
    state = replace(state, subscription=replace(state.subscription, pace=2))
    assert offered(choose_lectures(state, {})) == [1, 2]
    assert offered(choose_lectures(replace(state, offers=(("2026-W47", 1), ("2026-W47", 2))), {})) == [3, 4]


def test_a_finished_course_offers_nothing() -> None:
    """After the last lecture there is no next one."""
    assert offered(choose_lectures(after(), marks(*range(1, 11)))) == []
