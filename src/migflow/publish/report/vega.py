"""The JavaScript that draws the charts: Vega, Vega-Lite and Vega-Embed in one bundle, as vl-convert carries them."""

import functools
import os
from importlib.metadata import version
from pathlib import Path


def javascript(cache: Path) -> str:
    """The bundle; kept in the folder cache, since putting it together takes seconds."""
    kept = cache / f"vega-{version('vl-convert-python')}.js"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        staged = cache / f".{kept.name}-{os.getpid()}"
        staged.write_text(_bundle(), encoding="utf-8")
        staged.replace(kept)
    return kept.read_text(encoding="utf-8")


@functools.cache
def _bundle() -> str:
    import vl_convert

    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
