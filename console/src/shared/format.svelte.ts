/** This file knows how times, durations, money and numbers are written for people. */

import { tongue } from './words.svelte';

class Zone {
  /** IANA name of the city's time zone. */
  name = $state('UTC');
}

export const zone = new Zone();
const kept = new Map<string, Intl.DateTimeFormat>();

function form(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = tongue.tag + zone.name + JSON.stringify(options);
  let found = kept.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(tongue.tag, { timeZone: zone.name, hourCycle: 'h23', ...options });
    kept.set(key, found);
  }
  return found;
}

type Instant = string | number | Date;
const date = (at: Instant): Date => (at instanceof Date ? at : new Date(at));

/** Hours and minutes in the city. */
export const hourMinute = (at: Instant): string =>
  form({ hour: '2-digit', minute: '2-digit' }).format(date(at));

/** Hours, minutes and seconds in the city. */
export const hourMinuteSecond = (at: Instant): string =>
  form({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(date(at));

/** Weekday and day in the city. */
export const day = (at: Instant): string =>
  form({ weekday: 'short', day: 'numeric', month: 'short' }).format(date(at));

/** A window such as 12:40–13:05. */
export const window = (from: Instant, until: Instant): string =>
  `${hourMinute(from)}–${hourMinute(until)}`;

/** Seconds after local midnight. */
export function secondsOfDay(at: Instant): number {
  const parts = form({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(date(at));
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return part('hour') * 3600 + part('minute') * 60 + part('second');
}

/** A duration in the two largest units that matter. */
export function duration(seconds: number): string {
  const zh = tongue.locale === 'zh';
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return zh ? `${s} 秒` : `${s} s`;
  const m = Math.floor(s / 60);
  if (m < 10) {
    const rest = s % 60;
    if (rest === 0) return zh ? `${m} 分` : `${m} min`;
    return zh ? `${m} 分 ${rest} 秒` : `${m} min ${rest} s`;
  }
  if (m < 60) return zh ? `${m} 分` : `${m} min`;
  const h = Math.floor(m / 60);
  return zh ? `${h} 小时 ${m % 60} 分` : `${h} h ${m % 60} min`;
}

/** A duration for a narrow place: 45s, 1:14, 2h05. */
export function clockSpan(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m}:${String(s % 60).padStart(2, '0')}`;
  return `${Math.floor(m / 60)}h${String(m % 60).padStart(2, '0')}`;
}

/** The part of an id that tells one from another at a glance. */
export const short = (id: string): string => (id.length > 10 ? `…${id.slice(-5)}` : id);

/** An amount in minor units. */
export const money = (cents: number, currency = 'CNY'): string =>
  new Intl.NumberFormat(tongue.tag, { style: 'currency', currency }).format(cents / 100);

/** A share as a percentage with one digit; never rounded up to 100. */
export function percent(share: number): string {
  const tenths = share < 1 ? Math.min(999, Math.round(share * 1000)) : 1000;
  return (tenths / 10).toFixed(1);
}
