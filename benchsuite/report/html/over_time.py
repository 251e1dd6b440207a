"""The section of what was kept of the course of each case in time."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.report.charts.timelines import Timeline
from benchsuite.report.html import timeline_svg
from benchsuite.report.html.markup import Html, element
from benchsuite.report.html.sections import Section, Shown, details, plots, said_simulated
from benchsuite.report.html.tables import real

INTRO = (
    "What was done in each interval (run --log-interval). The ramp, if there was one, is shaded; a dotted "
    "line marks where the rate changed for good. Several lines are several worker processes."
)


def over_time(found: Sequence[Timeline]) -> Section:
    shown = [_shown(timeline, f"time-{number}") for number, timeline in enumerate(found, 1)]
    return plots("time", "Over time", INTRO, shown)


def _shown(timeline: Timeline, identity: str) -> Shown:
    mark = timeline.entry.contender.mark
    title = element("h3", timeline.heading, None if mark else said_simulated(timeline.simulated))
    attributes = {"class_": "panel", "id": identity, "data_group": timeline.group}
    figure = element(
        "figure",
        element("figcaption", title),
        timeline_svg.draw(timeline, identity),
        _untold(timeline),
        _data(timeline),
        **attributes,
    )
    return Shown(timeline.group, figure)


def _untold(timeline: Timeline) -> Html | None:
    if not timeline.untold:
        return None
    reasons: dict[str, list[str]] = {}
    for title, why in timeline.untold:
        reasons.setdefault(why, []).append(title)
    said = "; ".join(" and ".join(titles) + (f" ({why})" if why else "") for why, titles in reasons.items())
    return element("p", f"Not told here: {said}.", class_="note")


def _data(timeline: Timeline) -> Html:
    headers = ["strip", "process", "time (s)", "middle", "low", "high"]
    rows = [
        [
            band.name,
            str(number + 1),
            *(real(each, 6) for each in (point.at, point.middle, point.low, point.high)),
        ]
        for band in timeline.bands
        for number, line in enumerate(band.lines)
        for piece in line
        for point in piece
    ]
    return details(f"Over time: {timeline.heading}", headers, rows)
