"""Two curators who undo and redo: what every sequence of acts must keep, whatever the acts are."""

import shutil
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select

from core.domain.errors import AppError, TaxonomyError
from core.services import history
from core.services.context import Context, open_context
from db.models import EventRow, RunRow
from tests.core.services.review_world import World, check_world, read_world

SCOPES = (history.run_scope(1), history.TAXONOMY)
CURATORS = st.sampled_from(("Ada", "Bob"))
PICK = st.integers(0, 10**6)


class Desk(RuleBasedStateMachine):
    """Does acts and steps through the history in a copy of the template."""

    make_bench: Callable[[], Context]

    @initialize()
    def open(self) -> None:
        self.context = type(self).make_bench()
        self.world = read_world(self.context)
        self.first = self.world
        self.is_straight = True
        self.state_of: dict[tuple[Any, ...], World] = {self.standing(): self.world}
        with self.context.database.read() as session:
            self.category = session.get_one(RunRow, 1).category_id

    def standing(self) -> tuple[Any, ...]:
        """The acts that stand. A drag of the slider goes on in one event: its summary and image tell which one."""
        with self.context.database.read() as session:
            query = select(EventRow.id, EventRow.summary).where(
                EventRow.undone_at.is_(None), EventRow.image.is_not(None)
            )
            return tuple(session.execute(query.order_by(EventRow.id)).all())

    def attempt(self, act: Callable[[], Any], model: Callable[[World, World, Any], None]) -> None:
        """Do an act; refused, it changes nothing; else the model must agree, and undo and redo lead back and here."""
        before, stood = self.world, self.standing()
        try:
            result = act()
        except AppError as error:
            assert error.message and error.remedy
            assert read_world(self.context) == before, "a refused act changed something"
            return
        after = read_world(self.context)
        check_world(after, self.first)
        model(before, after, result)
        self.world = after
        if (now := self.standing()) != stood:
            self.state_of[now] = after
            self.back_and_forth(before, now, stood)

    def back_and_forth(self, before: World, now: tuple[Any, ...], stood: tuple[Any, ...]) -> None:
        event_id = now[-1][0]
        if event_id in {key for key, _ in stood}:
            return  # a drag that went on: its undo leads to where it began
        assert history.take_back(self.context, event_id, "Ada") is not None
        assert read_world(self.context) == before, "undo after an act is not the identity"
        assert history.do_again(self.context, event_id, "Ada") is not None
        assert read_world(self.context) == self.world, "redo after undo is not the identity"

    @rule(who=CURATORS, scope=st.sampled_from(SCOPES), is_undo=st.booleans())
    def step(self, who: str, scope: str, is_undo: bool) -> None:
        act = history.undo if is_undo else history.redo
        self.attempt_step(lambda: act(self.context, scope, who))

    @rule(who=CURATORS, a=PICK, is_back=st.booleans())
    def choose_from_history(self, who: str, a: int, is_back: bool) -> None:
        with self.context.database.read() as session:
            state = EventRow.undone_at.is_(None) if is_back else EventRow.undone_at.is_not(None)
            chosen = select(EventRow.id).where(state, EventRow.image.is_not(None))
            ids = list(session.scalars(chosen.order_by(EventRow.id)))
        if ids:
            act = history.take_back if is_back else history.do_again
            self.attempt_step(lambda: act(self.context, ids[a % len(ids)], who))

    @rule()
    def restart(self) -> None:
        self.context.database.engine.dispose()
        self.context = open_context(self.context.workspace)
        assert read_world(self.context) == self.world

    def attempt_step(self, act: Callable[[], Any]) -> None:
        before = self.world
        try:
            act()
        except AppError as error:
            assert error.message and error.remedy
            assert read_world(self.context) == before, "a refused step changed something"
            return
        self.is_straight = False
        self.world = read_world(self.context)
        check_world(self.world, self.first)
        known = self.state_of.setdefault(self.standing(), self.world)
        assert self.world == known, "the same acts stand, but the state is another"

    def teardown(self) -> None:
        """Everything taken back, newest step first, leaves everything as it was at first.

        After steps out of order a name that would come back may be taken by one that does not go: that is refused.
        """
        if not hasattr(self, "context"):
            return
        while (newest := self.newest_standing()) is not None:
            before = read_world(self.context)
            try:
                assert history.take_back(self.context, newest, "Ada") is not None
            except TaxonomyError:
                assert not self.is_straight
                assert read_world(self.context) == before
                break
        else:
            assert read_world(self.context) == self.first
        check_world(read_world(self.context), self.first)
        self.context.database.engine.dispose()
        shutil.rmtree(self.context.workspace.home.parent)

    def newest_standing(self) -> int | None:
        with self.context.database.read() as session:
            stands = select(EventRow.id).where(EventRow.undone_at.is_(None), EventRow.image.is_not(None))
            return session.scalar(stands.order_by(EventRow.seq.desc()).limit(1))
