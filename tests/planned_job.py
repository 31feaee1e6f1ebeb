"""A job of one step for runs that are only planned: Dagster writes down every step of the real one, for seconds."""

import dagster as dg


@dg.op
def any_step() -> None: ...


@dg.job(name="migflow")
def job() -> None:
    any_step()
