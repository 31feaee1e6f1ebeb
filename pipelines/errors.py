"""What the UI and the terminal say when a step fails: migflow's own words, never the text of other libraries.

The messages of DuckDB and Arrow quote values of the rows they stumble over, and those may be personal.
"""

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb

from migflow.audit import AuditError
from migflow.errors import MigflowError
from pipelines import checks
from pipelines.resources import Home

RETRIES = 2
RETRY_AFTER_SECONDS = 30

Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


@contextlib.contextmanager
def understood(context: Context) -> Iterator[None]:
    """Turn every error into one of Dagster's that holds no text but ours; none is tried again that would recur.

    A disk or a file in use may be free again in a moment, so those are tried again.
    """
    try:
        yield
    except AuditError as error:
        if isinstance(context, dg.AssetExecutionContext):
            for evaluation in checks.failures(error):
                context.log_event(evaluation)
        raise dg.Failure(str(error), allow_retries=False) from None
    except MigflowError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    except duckdb.OutOfMemoryException as error:
        told = "DuckDB ran out of memory: raise memory_limit in migflow.toml, or free space on the disk it spills to."
        raise dg.Failure(f"{told} {_where(context, error)}", allow_retries=False) from None
    except (OSError, duckdb.IOException) as error:
        failure = dg.Failure(_other(context, error))
        failure.__suppress_context__ = True
        raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_AFTER_SECONDS) from failure
    except Exception as error:
        raise dg.Failure(_other(context, error), allow_retries=False) from None


def _other(context: Context, error: Exception) -> str:
    """Class of an error that is not migflow's and where it came; of the system's errors the reason and the file."""
    tables = ", ".join(sorted(key.to_user_string() for key in _tables(context)))
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    reason = f" ({error.strerror}: {error.filename})" if isinstance(error, OSError) and error.strerror else ""
    return f"{kind}{reason} in step {context.op_execution_context.op.name} ({tables}). {_where(context, error)}"


def _tables(context: Context) -> set[dg.AssetKey]:
    if isinstance(context, dg.AssetCheckExecutionContext):
        return {key.asset_key for key in context.op_execution_context.selected_asset_check_keys}
    return set(context.selected_asset_keys)


def _where(context: Context, error: Exception) -> str:
    """Write the whole trace where only the owner of the home can read it; a sentence that says where."""
    home: Home = context.resources.home
    path = trace_file(home.store.home, context.op_execution_context.run_id, context.op_execution_context.op.name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return "The trace could not be written."
    return f"The trace, which may hold personal data, is in {path}."


def trace_file(home: Path, run_id: str, step: str) -> Path:
    """Where the trace of a failed step is."""
    return home / "dagster" / "traces" / f"{run_id}-{step}.txt"
