"""Looking at the cluster without touching any index: for those who ask what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.config import Settings
from monitor.search.elastic_connection import connect, told_plainly

__all__ = ["ClusterFacts", "look_at_cluster"]


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What a cluster says of itself.

    Attributes:
        versions: of its nodes, each once, the oldest first.
        health: ``"green"``, ``"yellow"`` (a copy is missing: normal on one node) or ``"red"``.
    """

    versions: tuple[str, ...]
    health: str


def look_at_cluster(settings: Settings) -> ClusterFacts:
    """Sign in and ask.

    Raises:
        ConfigError: a setting cannot work.
        SearchError: it cannot be reached, or does not let us in.
    """
    with connect(settings) as client, told_plainly():
        health = str(client.cluster.health()["status"])
        nodes = client.nodes.info(metric="os", filter_path="nodes.*.version")["nodes"]
    found = {node["version"] for node in nodes.values()}
    return ClusterFacts(tuple(sorted(found, key=_parts)), health)


def _parts(version: str) -> tuple[int, ...]:
    numbers = version.partition("-")[0].split(".")
    return tuple(int(number) for number in numbers if number.isdecimal())
