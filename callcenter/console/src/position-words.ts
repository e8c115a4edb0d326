/** "18 s", "3 min", "2 h": how old a position is. */
export function agoInWords(ageS: number): string {
  if (ageS < 120) return `${ageS} s`;
  if (ageS < 7200) return `${Math.round(ageS / 60)} min`;
  return `${Math.round(ageS / 3600)} h`;
}

/** "±30 m", "±1.5 km": how exact a position is. */
export function withinInWords(accuracyM: number): string {
  return accuracyM < 1000 ? `±${Math.round(accuracyM)} m` : `±${(accuracyM / 1000).toFixed(1)} km`;
}
