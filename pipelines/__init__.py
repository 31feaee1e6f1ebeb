"""Orchestration: the only place that imports dagster. Asset bodies are a few lines that call migflow."""
