/** This file knows which figures the dispatcher watches, and how each is read and written. */

import type { Reference } from '../shared/api';
import { clockSpan, percent, secondsOfDay } from '../shared/format.svelte';
import type { Word } from '../shared/words.svelte';

export type Counted = Record<string, number | null | undefined>;

export type Measure = {
  id: string;
  word: Word;
  unit: string;
  read: (counted: Counted) => number | null;
  write: (value: number) => string;
};

/** A count; four digits need no gap, more get a narrow one that does not break. */
const whole = (value: number): string => {
  const n = Math.round(value);
  return n < 10_000 ? String(n) : n.toLocaleString('en-US').replaceAll(',', '\u202f');
};
const one = (key: string) => (counted: Counted): number | null => counted[key] ?? null;

/** A share of fewer orders than this says nothing yet. */
const FEW = 20;

export const MEASURES: Measure[] = [
  {
    id: 'kept', word: 'measure.promises_kept', unit: '%', write: percent,
    read: ({ kept, due }) => (due && due >= FEW ? (kept ?? 0) / due : null),
  },
  { id: 'felt', word: 'measure.perceived_cancels', unit: '', write: whole, read: one('perceived_cancels') },
  { id: 'wait', word: 'measure.new_courier', unit: '', write: clockSpan, read: one('new_courier_p50_s') },
  { id: 'done', word: 'measure.delivered', unit: '', write: whole, read: one('delivered') },
  { id: 'lost', word: 'measure.dropouts', unit: '', write: whole, read: one('losses') },
  { id: 'open', word: 'measure.open_cases', unit: '', write: whole, read: one('open_cases') },
];

export const P95 = 'new_courier_p95_s';

/** Policies in the order in which they are compared. */
export const POLICIES = ['passive', 'reping', 'no_cancels', 'recourse'];

const DAY_S = 86_400;

export type Point = [seconds: number, value: number];

/** Seconds of the city's day that go on counting past midnight. */
export function dayCounter(): (at: string | number) => number {
  let last = -1;
  let days = 0;
  return (at) => {
    let seconds = secondsOfDay(at) + days * DAY_S;
    // A clock that is set back an hour is not yet tomorrow.
    if (seconds < last - DAY_S / 2) {
      days += 1;
      seconds += DAY_S;
    }
    last = seconds;
    return seconds;
  };
}

/** A measure of a reference day against seconds of the day. */
export function pointsOf(reference: Reference, measure: Measure): Point[] {
  const second = dayCounter();
  const points: Point[] = [];
  reference.times.forEach((time, i) => {
    const x = second(time);
    const counted = Object.fromEntries(Object.entries(reference.series).map(([k, v]) => [k, v[i]]));
    const y = measure.read(counted);
    if (y !== null) points.push([x, y]);
  });
  return points;
}

/** The value at a time, on the straight line between its neighbours; null outside the series. */
export function valueAt(points: Point[], seconds: number): number | null {
  const after = points.findIndex((p) => p[0] >= seconds);
  if (after < 0) return points.at(-1)?.[1] ?? null;
  const [x1, y1] = points[after]!;
  const before = points[after - 1];
  if (!before) return x1 === seconds ? y1 : null;
  const [x0, y0] = before;
  return y0 + ((y1 - y0) * (seconds - x0)) / Math.max(1, x1 - x0);
}
