import { useEffect, useMemo, useState } from "react";
import type { BoundaryFault, BoundaryMap } from "./types";
import { boundsOf, moved, nameSpot, pathOf, projectionOf, zoomed, type View } from "./view";

const NEARER = 0.5;
const STEP = 0.3;
/** A fault is shown with so much around it. */
const AROUND_FAULT = 5;
/** So many characters' heights are as wide, or as high, as the drawing. */
const TEXTS_WIDE = 60;
const TEXTS_HIGH = 42;

/** Areas, gaps and overlaps, drawn from the boundaries alone: no map server is asked. */
export function BoundaryDrawing({
  map,
  seen,
  onArea,
  chosen,
}: {
  map: BoundaryMap;
  /** The fault that is looked at. */
  seen: BoundaryFault | null;
  chosen: string;
  onArea: (id: string) => void;
}) {
  const projection = useMemo(() => projectionOf(map.features), [map]);
  const paths = useMemo(
    () => map.features.map((one) => [one.properties.precinct, pathOf(one.geometry, projection)] as const),
    [map, projection],
  );
  const whole = useMemo(
    () => boundsOf(map.features.map((one) => one.geometry), projection),
    [map, projection],
  );
  const [view, setView] = useState<View | null>(whole);
  useEffect(() => setView(whole), [whole]);
  useEffect(() => {
    if (seen?.lat == null || seen.lon == null) return;
    const at = { x: projection.toX(seen.lon), y: projection.toY(seen.lat) };
    const around = seen.geometry ? boundsOf([seen.geometry], projection) : null;
    const size = around ? Math.max(around.width, around.height) * AROUND_FAULT : 0;
    const shown = { x: 0, y: 0, width: size, height: size };
    setView(zoomed(shown, 1, at));
  }, [seen, projection]);

  if (!view || !whole) return <p>There is nothing to draw.</p>;
  const text = Math.max(view.width / TEXTS_WIDE, view.height / TEXTS_HIGH);
  return (
    <div className="boundary-map">
      <div className="controls">
        <button type="button" className="plain" onClick={() => setView(zoomed(view, NEARER))}>
          Nearer
        </button>
        <button type="button" className="plain" onClick={() => setView(zoomed(view, 1 / NEARER))}>
          Farther
        </button>
        {(
          [
            ["←", "West", -STEP, 0],
            ["→", "East", STEP, 0],
            ["↑", "North", 0, -STEP],
            ["↓", "South", 0, STEP],
          ] as const
        ).map(([sign, name, right, down]) => (
          <button
            key={name}
            type="button"
            className="plain"
            aria-label={name}
            onClick={() => setView(moved(view, right, down))}
          >
            {sign}
          </button>
        ))}
        <button type="button" className="plain" onClick={() => setView(whole)}>
          All of it
        </button>
      </div>
      <svg
        className="map areas"
        viewBox={`${view.x} ${view.y} ${view.width} ${view.height}`}
        role="img"
        aria-label={`Map of ${map.features.length} areas: ${map.label}`}
      >
        {paths.map(([id, path], at) => (
          <path key={at} className={id === chosen ? "own" : ""} d={path} onClick={() => onArea(id)}>
            <title>{`${map.label} ${id}`}</title>
          </path>
        ))}
        {map.faults.map((fault, at) =>
          fault.geometry ? (
            <path key={at} className={`fault ${fault.kind}`} d={pathOf(fault.geometry, projection)}>
              <title>{`${fault.kind}: ${fault.text}`}</title>
            </path>
          ) : null,
        )}
        {map.faults.map((fault, at) =>
          fault.lat === null || fault.lon === null ? null : (
            <circle
              key={at}
              className={`fault ${fault === seen ? "seen" : ""}`}
              cx={projection.toX(fault.lon)}
              cy={projection.toY(fault.lat)}
              r={text / 2}
            >
              <title>{`${fault.kind}: ${fault.text}`}</title>
            </circle>
          ),
        )}
        {map.features.map((one, at) => {
          const spot = nameSpot(one.geometry, projection, view);
          return (
            spot && (
              <text key={at} x={spot.x} y={spot.y} style={{ fontSize: text }}>
                {one.properties.precinct}
              </text>
            )
          );
        })}
      </svg>
    </div>
  );
}
