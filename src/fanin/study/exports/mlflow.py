"""Trials as runs of an MLflow experiment: settings as parameters, epochs as steps of metrics.

Each run carries the trial's id as the tag `fanin.trial`; a trial that has a finished run there is not sent again.
"""

import os
import time
from collections.abc import Mapping
from typing import Any

from fanin.errors import FaninError, MissingExtra, shorten
from fanin.study.exports._rows import METRICS, trials

_TAG = "fanin.trial"
_STATES = {"done": "FINISHED", "diverged": "FINISHED", "failed": "FAILED"}
_AT_ONCE = 1000  # metrics that a server takes in one call


def send(document: Mapping[str, Any], place: str) -> str:
    """Send the trials that have ended to the tracking server or store at a URI."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # a server that is not there is said in seconds
    try:
        import mlflow
    except ImportError:
        raise MissingExtra("mlflow-skinny", "mlflow", "MLflow") from None
    try:
        client = mlflow.MlflowClient(tracking_uri=place)
        experiment = _experiment(client, f"fanin/{document['task']}")
        known = _known(client, experiment)
        ended = [(trial, facts) for trial, facts in trials(document) if trial["state"] in _STATES]
        missing = [(trial, facts) for trial, facts in ended if trial["id"] not in known]
        for trial, facts in missing:
            _run(client, experiment, trial, facts)
    except (mlflow.MlflowException, OSError) as error:
        raise FaninError(f"MLflow at {place!r}: {shorten(str(error).splitlines()[0], 200)}") from error
    return f"{len(missing)} runs sent to fanin/{document['task']} at {place}, {len(ended) - len(missing)} were there"


def _experiment(client: Any, name: str) -> str:
    found = client.get_experiment_by_name(name)
    return str(client.create_experiment(name) if found is None else found.experiment_id)


def _known(client: Any, experiment: str) -> set[str]:
    """Ids of the trials that a finished run of the experiment has; one that was cut off is sent again."""
    known: set[str] = set()
    token = None
    while True:
        page = client.search_runs([experiment], page_token=token, max_results=1000)
        known |= {run.data.tags.get(_TAG, "") for run in page if run.info.status in _STATES.values()}
        token = page.token
        if not token:
            return known


def _run(client: Any, experiment: str, trial: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    from mlflow.entities import Metric, Param

    run = client.create_run(experiment, run_name=f"{facts['init']} {facts['seed']}", tags={_TAG: trial["id"]})
    now = int(1000 * time.time())
    settings = [Param(name, str(value)) for name, value in facts.items() if name != "trial" and value is not None]
    metrics = [
        Metric(name, epoch[name], now, epoch["epoch"])
        for epoch in trial["epochs"]
        for name in METRICS
        if epoch.get(name) is not None
    ]
    client.log_batch(run.info.run_id, params=settings)
    for first in range(0, len(metrics), _AT_ONCE):
        client.log_batch(run.info.run_id, metrics=metrics[first : first + _AT_ONCE])
    client.set_terminated(run.info.run_id, _STATES[trial["state"]])
