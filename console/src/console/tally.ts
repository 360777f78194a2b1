/** This file knows how the log of the day becomes its figures. The log is folded once, in order. */

import type { EventLine } from '../shared/api';

/** Names of the events that count, so that a console opened at noon can ask for the morning. */
export const COUNTED = [
  'order.admitted', 'order.ended', 'promise.made', 'notice.sent',
  'assignment.began', 'assignment.ended', 'case.opened',
];

/** After so long without anybody accountable, a customer has felt the loss (seconds). */
const SILENCE_S = 1_800;
const NO_SERVICE = new Set(['canceled', 'failed', 'lost', 'expired', 'returned']);
const GIVEN_UP = new Set(['next_day', 'refunded']);
const TAKEN = new Set(['withdrawn', 'revoked', 'lapsed']);

type File = {
  dueMs: number;
  endedMs: number;
  isDelivered: boolean;
  hasFelt: boolean;
  lostMs: number;
};

export type Figures = {
  due: number;
  kept: number;
  perceived_cancels: number;
  losses: number;
  delivered: number;
  new_courier_p50_s: number | null;
  new_courier_p95_s: number | null;
};

export class Tally {
  private readonly files = new Map<string, File>();
  private readonly waits: number[] = [];
  private readonly lossesMs: number[] = [];
  private readonly doneMs: number[] = [];
  number = 0;

  /** Take in events that come after all before; one that is known already changes nothing. */
  add(events: EventLine[]): void {
    for (const event of events) {
      if (event.number <= this.number) continue;
      this.number = event.number;
      this.fold(event.name, Date.parse(event.at), event.data);
    }
  }

  private fold(name: string, at: number, data: Record<string, unknown>): void {
    const orderId = data['order_id'];
    if (typeof orderId !== 'string') return;
    if (name === 'order.admitted') {
      const promise = data['promise'] as { latest_at: string };
      const dueMs = Date.parse(promise.latest_at);
      this.files.set(orderId, { dueMs, endedMs: Infinity, isDelivered: false, hasFelt: false, lostMs: Infinity });
      return;
    }
    const file = this.files.get(orderId);
    if (!file) return;
    const later = (latest: unknown): boolean => typeof latest === 'string' && Date.parse(latest) > file.dueMs;
    switch (name) {
      case 'order.ended':
        file.endedMs = at;
        file.isDelivered = data['status'] === 'delivered';
        if (file.isDelivered) this.doneMs.push(at);
        else if (NO_SERVICE.has(String(data['status'])) && (file.lostMs < Infinity || data['actor'] !== 'customer')) {
          file.hasFelt = true;
        }
        break;
      case 'promise.made':
        if (later((data['promise'] as { latest_at: string }).latest_at)) file.hasFelt = true;
        break;
      case 'notice.sent':
        if (GIVEN_UP.has(String(data['kind'])) || (file.lostMs < Infinity && later(data['latest_at']))) file.hasFelt = true;
        break;
      case 'case.opened':
        file.lostMs = Math.min(file.lostMs, at);
        break;
      case 'assignment.ended':
        if (TAKEN.has(String(data['status'])) && file.endedMs === Infinity) this.lossesMs.push(at);
        break;
      case 'assignment.began':
        if (file.lostMs === Infinity) break;
        this.waits.push((at - file.lostMs) / 1000);
        if (at - file.lostMs > SILENCE_S * 1000 || later(data['arrival_at'])) file.hasFelt = true;
        file.lostMs = Infinity;
        break;
    }
  }

  /** The figures as they stand at an instant (ms). */
  at(now: number): Figures {
    let [due, kept, felt] = [0, 0, 0];
    for (const file of this.files.values()) {
      if (file.dueMs > now) continue;
      due += 1;
      if (file.isDelivered && file.endedMs <= file.dueMs) kept += 1;
      const isSilent = Math.min(now, file.endedMs) - file.lostMs > SILENCE_S * 1000;
      if (file.hasFelt || isSilent) felt += 1;
    }
    const waits = this.waits.toSorted((a, b) => a - b);
    const quantile = (q: number): number | null =>
      waits[Math.max(0, Math.ceil(q * waits.length) - 1)] ?? null;
    const until = (times: number[]): number => times.filter((t) => t <= now).length;
    return {
      due,
      kept,
      perceived_cancels: felt,
      losses: until(this.lossesMs),
      delivered: until(this.doneMs),
      new_courier_p50_s: quantile(0.5),
      new_courier_p95_s: quantile(0.95),
    };
  }

  /** First instant that matters, or null when nothing was counted. */
  get beginsMs(): number | null {
    let first = Infinity;
    for (const file of this.files.values()) first = Math.min(first, file.dueMs);
    return first === Infinity ? null : first;
  }
}
