/** The JSON shapes of `GET staffing`. */

/** What callers meet with so many seats (`acd.erlang.Waiting`). */
export interface Met {
  answered_within: number | null;
  mean_wait_s: number | null;
  abandoned_share: number | null;
  occupancy: number | null;
}

export interface StaffedHalfHour {
  from: string;
  calls_mean: number;
  calls_busy: number;
  load_erlang: number;
  seats: number;
  seats_with_patience: number | null;
  expected: Met;
  seats_by_rule: number;
  expected_by_rule: Met;
}

export interface Staffing {
  from: string;
  to: string;
  zone: string;
  queue: string;
  percent: number;
  within_s: number;
  occupancy_percent: number;
  days: number;
  calls_per_day: number;
  handling_s: number | null;
  patience_s: number | null;
  half_hours: StaffedHalfHour[];
  definitions: Record<string, string>;
}
