"""Country outlines for maps: Natural Earth, 1:110 million, in the public domain.

``shapes/countries-110m.json`` is that data as TopoJSON, from the npm package world-atlas 2.0.2 (ISC
licence).
"""

import functools
import json
from pathlib import Path

import numpy as np
import pycountry

OUTLINES = Path(__file__).parent / "shapes" / "countries-110m.json"
# Hosts too small for outlines of this scale: longitude and latitude of a mark instead.
SMALL = {"MLT": (14.4, 35.9), "SGP": (103.8, 1.3), "MUS": (57.6, -20.3)}


@functools.cache
def outlines() -> dict[str, list[np.ndarray]]:
    """Return the polygons of each country by ISO 3166 alpha-3 code.

    Each is (n, 2), longitude and latitude in degrees. In TopoJSON neighbours share their borders: a
    polygon is a chain of arcs, and each arc is stored as steps from its first point (specification:
    github.com/topojson/topojson-specification).
    """
    topology = json.loads(OUTLINES.read_text(encoding="utf-8"))
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(indices: list[int]) -> np.ndarray:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
        points = np.concatenate([part[k > 0 :] for k, part in enumerate(parts)])
        if np.ptp(points[:, 0]) > 180:  # across the date line: the west is drawn east of it
            points[:, 0] = np.where(points[:, 0] < 0, points[:, 0] + 360, points[:, 0])
        return points

    found: dict[str, list[np.ndarray]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        country = pycountry.countries.get(numeric=shape.get("id", "").zfill(3))
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        found.setdefault(country.alpha_3 if country else "", []).extend(
            ring(polygon[0]) for polygon in polygons
        )
    return found
