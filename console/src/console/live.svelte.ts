/** This file knows what the platform says now: the first picture, the stream after it, and how old it is. */

import { api, Refusal, type CaseRow, type City, type EventLine, type Place, type Reference, type Site, type Tick } from '../shared/api';
import { zone } from '../shared/format.svelte';
import { Fleet, type Seen } from './fleet';
import type { Counted } from './measures';
import { COUNTED, Tally } from './tally';

export type Link = 'connecting' | 'live' | 'reconnecting';
export type Sample = { at: number; counted: Counted };

const STALE_MS = 5_000;
const EVENTS_KEPT = 200;
const REFRESH_MS = 15_000;
const LOG_MS = 1_500;
const SAMPLE_MS = 5 * 60_000;
const MAX_PLACES_ASKED = 12;
const MAX_STORIES_ASKED = 6;
/** Too frequent, or told by another event already: counted, but not shown as news. */
const QUIET = new Set([
  'order.moved', 'custody.passed', 'route.changed', 'stop.reached', 'stop.completed', 'courier.moved',
  'case.moved', 'outcome.learned', 'assignment.offered', 'site.registered', 'courier.registered',
  'order.admitted', 'offer.made', 'disruption.recognised', 'ledger.posted', 'assignment.ended',
  'bonus.weighed', 'bonus.ended',
]);

/** What the map is told about, besides positions. */
export type Watcher = {
  dropped?: (row: CaseRow) => void;
  takenOver?: (row: CaseRow) => void;
};

export class Live {
  readonly fleet = new Fleet();
  city = $state.raw<City | null>(null);
  failure = $state<string | null>(null);
  link = $state<Link>('connecting');
  isSimulated = $state(false);
  at = $state<string | null>(null);
  /** City seconds that pass in one second; null until two reports have been compared. */
  speed = $state<number | null>(null);
  silentMs = $state(0);
  counted = $state.raw<Counted>({});
  samples = $state.raw<Sample[]>([]);
  references = $state.raw<Record<string, Reference>>({});
  sites = $state.raw<Site[]>([]);
  openCases = $state.raw<CaseRow[]>([]);
  closedCases = $state.raw<CaseRow[]>([]);
  couriers = $state.raw<Seen[]>([]);
  events = $state.raw<EventLine[]>([]);
  /** Where the parcels of open cases lie, by order, as far as it is known yet. */
  pickups = $state.raw<Record<string, Place>>({});
  watcher: Watcher = {};

  private readonly tally = new Tally();
  private source: EventSource | null = null;
  private heardMs = 0;
  private firstTick: { wall: number; city: number } | null = null;
  private timers: ReturnType<typeof setTimeout>[] = [];
  private knowsCases = false;
  private retryMs = 1_000;
  private asked = new Set<string>();
  private isOver = false;

  readonly isStale = $derived(this.link !== 'connecting' && this.silentMs > STALE_MS);
  readonly cases = $derived([...this.openCases, ...this.closedCases]);

  async start(): Promise<void> {
    this.failure = null;
    try {
      const city = await api.city();
      zone.name = city.zone;
      await this.refresh();
      this.city = city;
    } catch (error) {
      this.failure = error instanceof Refusal ? error.message : String(error);
      return;
    }
    this.listen();
    this.timers.push(
      setInterval(() => {
        this.silentMs = performance.now() - this.heardMs;
      }, 500),
      setInterval(() => void this.refresh().catch(() => undefined), REFRESH_MS),
    );
    await this.readMorning().catch(() => undefined);
    void this.readOn();
  }

  stop(): void {
    this.isOver = true;
    this.source?.close();
    this.timers.forEach(clearInterval);
  }

  name(courierId: string): string {
    return this.fleet.couriers.get(courierId)?.name ?? courierId;
  }

  /** Where the parcel of a case is now, if that is known. */
  parcel(row: CaseRow): { lon: number; lat: number } | null {
    if (row.held_by) return this.fleet.couriers.get(row.held_by) ?? null;
    return this.pickups[row.order_id] ?? null;
  }

  private async refresh(): Promise<void> {
    const state = await api.state();
    this.isSimulated = state.is_simulated;
    zone.name = state.zone;
    this.references = state.references;
    this.sites = state.sites;
    for (const row of state.couriers) this.fleet.put(row);
    this.couriers = [...this.fleet.couriers.values()];
    this.hear(state.at);
    this.take(state.cases);
  }

  /** Fold what happened before this page was opened. */
  private async readMorning(): Promise<void> {
    const pages = [];
    for (const name of COUNTED) pages.push(await api.events(0, name));
    const morning = pages.flat().toSorted((a, b) => a.number - b.number);
    const begins = Date.parse(morning[0]?.at ?? '');
    const samples: Sample[] = [];
    let from = 0;
    for (let until = begins + SAMPLE_MS; from < morning.length; until += SAMPLE_MS) {
      let to = from;
      while (to < morning.length && Date.parse(morning[to]!.at) <= until) to += 1;
      this.tally.add(morning.slice(from, to));
      from = to;
      samples.push({ at: until, counted: { ...this.tally.at(until) } });
    }
    this.samples = samples;
    this.closedCases = (await api.closedCases()).toReversed();
    this.show(morning.slice(-EVENTS_KEPT));
    this.count();
  }

  /** Go on reading the log for as long as the page is open. */
  private async readOn(): Promise<void> {
    while (!this.isOver) {
      await new Promise((resolve) => this.timers.push(setTimeout(resolve, LOG_MS)));
      const news = await api.events(this.tally.number).catch(() => []);
      if (news.length === 0) continue;
      this.tally.add(news);
      this.show(news);
      this.count();
    }
  }

  private show(news: EventLine[]): void {
    const loud = news.filter((event) => !QUIET.has(event.name));
    if (loud.length > 0) this.events = [...loud.toReversed(), ...this.events].slice(0, EVENTS_KEPT);
  }

  private count(): void {
    if (!this.at) return;
    const now = Date.parse(this.at);
    this.counted = { ...this.tally.at(now), open_cases: this.openCases.length };
    const last = this.samples.at(-1);
    if (!last || now - last.at >= SAMPLE_MS) this.samples = [...this.samples, { at: now, counted: this.counted }];
  }

  private listen(): void {
    if (this.isOver) return;
    this.source?.close();
    const source = new EventSource('/v1/live');
    this.source = source;
    source.addEventListener('tick', (event: MessageEvent<string>) => {
      this.retryMs = 1_000;
      if (this.link === 'reconnecting') void this.refresh().catch(() => undefined);
      this.link = 'live';
      this.tick(JSON.parse(event.data) as Tick);
    });
    source.addEventListener('error', () => {
      this.link = 'reconnecting';
      this.firstTick = null;
      source.close();
      this.timers.push(setTimeout(() => this.listen(), this.retryMs));
      this.retryMs = Math.min(15_000, this.retryMs * 1.7);
    });
  }

  private tick(tick: Tick): void {
    this.fleet.report();
    let unknown = false;
    for (const [id, lon, lat, state, nStops] of tick.couriers) {
      unknown = !this.fleet.move(id, lon, lat, state, nStops) || unknown;
    }
    if (unknown) void this.refresh().catch(() => undefined);
    this.couriers = [...this.fleet.couriers.values()];
    this.hear(tick.at);
    this.gauge(tick.at);
    this.take(tick.cases);
  }

  private hear(at: string): void {
    this.heardMs = performance.now();
    this.silentMs = 0;
    this.at = at;
  }

  private gauge(at: string): void {
    const wall = performance.now();
    const city = Date.parse(at);
    if (!this.firstTick || wall - this.firstTick.wall > 20_000) this.firstTick = { wall, city };
    const span = wall - this.firstTick.wall;
    if (span > 2_500) this.speed = (city - this.firstTick.city) / span;
  }

  /** Compare with what was known, so that the map can show what is new. */
  private take(rows: CaseRow[]): void {
    const before = new Map(this.openCases.map((row) => [row.id, row]));
    const now = new Set(rows.map((row) => row.id));
    this.openCases = rows.toSorted(
      (a, b) =>
        Number(b.status === 'human') - Number(a.status === 'human') || Date.parse(b.opened_at) - Date.parse(a.opened_at),
    );
    this.locate(rows);
    if (this.knowsCases) {
      const shown = new Set<string>();
      for (const row of rows) {
        const was = before.get(row.id);
        // One courier who drops out is one thing that happened, however many orders it broke.
        if (!was && !shown.has(row.disruption_id)) this.watcher.dropped?.(row);
        if (!was) shown.add(row.disruption_id);
        if (row.new_courier_at && !was?.new_courier_at) this.watcher.takenOver?.(row);
      }
      this.lay([...before.keys()].filter((id) => !now.has(id)));
    }
    this.knowsCases = true;
  }

  /** Lay closed cases to the others: each by itself, or all anew when there are many. */
  private lay(closed: string[]): void {
    if (closed.length > MAX_STORIES_ASKED) {
      api.closedCases().then((rows) => (this.closedCases = rows.toReversed()), () => undefined);
      return;
    }
    for (const caseId of closed) {
      api.story(caseId).then(
        (row) => (this.closedCases = [row, ...this.closedCases.filter((one) => one.id !== caseId)]),
        () => undefined,
      );
    }
  }

  /** Ask where parcels lie that nobody has in hands. */
  private locate(rows: CaseRow[]): void {
    const wanted = rows.filter((row) => !row.held_by && !row.new_courier_at && !this.asked.has(row.order_id));
    for (const row of wanted.slice(0, MAX_PLACES_ASKED)) {
      this.asked.add(row.order_id);
      api.order(row.order_id).then(
        (order) => (this.pickups = { ...this.pickups, [row.order_id]: order.pickup }),
        () => this.asked.delete(row.order_id),
      );
    }
  }
}
