import { useEffect, useMemo, useState } from "react";
import { onOtherOutlines, outlines, type Outline, type Ring } from "./outlines";
import type { CallPosition, Place } from "./types";

const SIZE = 360;
/** Half the width of what is shown, in degrees of latitude: some 2 km. */
const REACH = 0.018;
const METRES_A_DEGREE = 111_200;

/** A circle smaller than this could not be seen. */
const SMALLEST = 8;

/**
 * The place among the precincts, and where the caller's phone is: drawn from the boundaries alone,
 * no map server is asked.
 */
export function PlaceMap({
  place,
  position = null,
}: {
  place: Place | null;
  position?: CallPosition | null;
}) {
  const [features, setFeatures] = useState<Outline[]>([]);
  useEffect(() => {
    const load = () => void outlines().then(setFeatures);
    load();
    return onOtherOutlines(load);
  }, []);

  const lat = place?.lat ?? position?.latitude;
  const lon = place?.lon ?? position?.longitude;
  const drawn = useMemo(() => {
    if (lat == null || lon == null) return [];
    const stretch = Math.cos((lat * Math.PI) / 180);
    const toX = (x: number) => ((x - lon) * stretch * SIZE) / (2 * REACH) + SIZE / 2;
    const toY = (y: number) => SIZE / 2 - ((y - lat) * SIZE) / (2 * REACH);
    return features
      .map((feature) => ({
        precinct: String(feature.properties.precinct ?? ""),
        rings: ringsOf(feature).map((ring) => ring.map(([x, y]) => [toX(x), toY(y)] as const)),
      }))
      .filter(({ rings }) => rings.some((ring) => ring.some(([x, y]) => inside(x) && inside(y))));
  }, [features, lat, lon]);

  if (lat == null || lon == null || drawn.length === 0) return null;
  return (
    <svg
      className="map"
      viewBox={`0 0 ${SIZE} ${SIZE}`}
      role="img"
      aria-label={described(place, position)}
    >
      {drawn.map(({ precinct, rings }) => (
        <path
          key={precinct}
          className={precinct === place?.precinct ? "own" : precinct === place?.runner_up?.precinct ? "next" : ""}
          d={rings.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}Z`).join("")}
        />
      ))}
      {drawn.map(({ precinct, rings }) => {
        const [x, y] = middle(rings);
        return (
          <text key={precinct} x={x} y={y}>
            {precinct}
          </text>
        );
      })}
      {position && <PhoneCircle position={position} lat={lat} lon={lon} />}
      {place?.lat != null && <circle cx={SIZE / 2} cy={SIZE / 2} r="6" />}
    </svg>
  );
}

/** Where the phone is, as wide as that is known; nothing when it lies outside of what is shown. */
function PhoneCircle({ position, lat, lon }: { position: CallPosition; lat: number; lon: number }) {
  const stretch = Math.cos((lat * Math.PI) / 180);
  const x = ((position.longitude - lon) * stretch * SIZE) / (2 * REACH) + SIZE / 2;
  const y = SIZE / 2 - ((position.latitude - lat) * SIZE) / (2 * REACH);
  const r = Math.max(SMALLEST, ((position.accuracy_m / METRES_A_DEGREE) * SIZE) / (2 * REACH));
  if (!inside(x) || !inside(y)) return null;
  return <circle className="phone" cx={x} cy={y} r={r} />;
}

function described(place: Place | null, position: CallPosition | null): string {
  if (place?.lat == null) return "Where the caller's phone is";
  const where = `${place.text} lies in precinct ${place.precinct ?? "unknown"}`;
  return position ? `${where}; the circle is the caller's phone` : where;
}

function ringsOf(feature: Outline): Ring[] {
  return feature.geometry.type === "Polygon"
    ? (feature.geometry.coordinates as Ring[])
    : (feature.geometry.coordinates as Ring[][]).flat();
}

function inside(value: number): boolean {
  return value >= 0 && value <= SIZE;
}

/** The mean of what is visible of a precinct: a spot for its number. */
function middle(rings: (readonly (readonly [number, number])[])[]): [number, number] {
  const seen = rings.flat().filter(([x, y]) => inside(x) && inside(y));
  const sum = seen.reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0] as [number, number]);
  return [sum[0] / seen.length, sum[1] / seen.length];
}
