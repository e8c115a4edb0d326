import { useEffect, useMemo, useState } from "react";
import { onOtherOutlines, outlines, type Outline, type Ring } from "./outlines";
import type { CallPosition, Place } from "./types";

const SIZE = 360;
/** Half the width of what is shown, in degrees of latitude: some 2 km. */
const REACH = 0.018;
const METRES_A_DEGREE = 111_200;

/** A number so near to the mark of the place would be covered by it. */
const BESIDE = 24;
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
  const lat = place?.lat ?? position?.latitude;
  const lon = place?.lon ?? position?.longitude;
  const [features, setFeatures] = useState<Outline[]>([]);
  useEffect(() => {
    if (lat == null || lon == null) return;
    let wanted = true;
    const load = () => void outlines(lat, lon).then((found) => wanted && setFeatures(found));
    load();
    const leave = onOtherOutlines(load);
    return () => {
      wanted = false;
      leave();
    };
  }, [lat, lon]);

  const drawn = useMemo(() => {
    if (lat == null || lon == null) return [];
    const stretch = Math.cos((lat * Math.PI) / 180);
    const toX = (x: number) => ((x - lon) * stretch * SIZE) / (2 * REACH) + SIZE / 2;
    const toY = (y: number) => SIZE / 2 - ((y - lat) * SIZE) / (2 * REACH);
    return features.map((feature) => ({
      precinct: String(feature.properties.precinct ?? ""),
      rings: ringsOf(feature).map((ring) => ring.map(([x, y]) => [toX(x), toY(y)] as const)),
    }));
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

/** The mean of a precinct's corners, those out of sight at the edge: a spot for its number. */
export function middle(rings: (readonly (readonly [number, number])[])[]): [number, number] {
  const corners = rings.flatMap((ring) => ring.slice(1));
  const mean = (at: 0 | 1) =>
    corners.reduce((sum, corner) => sum + Math.min(Math.max(corner[at], 0), SIZE), 0) / corners.length;
  const [x, y] = [mean(0), mean(1)];
  // The place itself is drawn in the middle.
  return Math.hypot(x - SIZE / 2, y - SIZE / 2) < BESIDE ? [x, SIZE / 2 - BESIDE] : [x, y];
}
