"""Where the data lies, which country, the as-of date, the machine's limits: migflow.toml and MIGFLOW_* variables."""

import datetime as dt
import tomllib
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from migflow.errors import MigflowError


class Settings(BaseSettings):
    """Settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="MIGFLOW_", toml_file="migflow.toml", extra="forbid")

    home: Path = Field(default=Path("home"), description="Folder of landing, store and published tables")
    country: str = Field("kosovo", description="A profile of migflow.countries, or the path of a profile folder")
    as_of: dt.date | None = Field(
        default=None, description="Day up to which events count; the day after the newest delivered month if empty"
    )
    memory_limit: str = Field(default="4GB", description="DuckDB's memory before it spills to disk")
    threads: int = Field(default=2, ge=1, description="DuckDB's threads")
    disclosure_control: bool = Field(
        default=True, description="Protect published figures by the contracts' rules; off, for the office alone"
    )
    disclosure_key: SecretStr | None = Field(
        default=None, description="Secret that fixes the noise of published figures; drawn once for the home if empty"
    )
    lock_wait_seconds: float = Field(
        default=0, ge=0, description="How long a run waits for another on the same home before it is refused"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then migflow.toml in the working folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def settings_for(home: Path | None) -> Settings:
    """Settings with the home given on the command line, if any; MigflowError names a wrong setting."""
    try:
        return Settings(home=home) if home else Settings()
    except tomllib.TOMLDecodeError as error:
        raise MigflowError(f"migflow.toml is not valid TOML: {error}.") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise MigflowError(f"A setting in migflow.toml or MIGFLOW_* is wrong. {wrong}.") from error
