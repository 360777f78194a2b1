/** This file knows the platform's HTTP API: every address, every shape, and the one shape of a refusal. */

// ---- shapes -------------------------------------------------------------------------------------

export type Place = { lon: number; lat: number; address?: string };
export type Site = { id: string; kind: 'station' | 'merchant' | 'point'; name: string; place: Place };
export type Window = { earliest_at: string; latest_at: string };

export type City = {
  name: string;
  zone: string;
  bbox: [west: number, south: number, east: number, north: number];
  attribution: string;
  generated: boolean;
  /** What time it is there. */
  at: string;
  is_simulated: boolean;
};

export type CourierRow = {
  id: string;
  name: string;
  vehicle: string;
  state: string;
  lon: number;
  lat: number;
  n_stops: number;
  delay_s: number;
  p_drop: number;
};

export type Option = {
  way: string;
  courier_id: string;
  site_id: string;
  arrival_at: string | null;
  late_s: number;
  cost_cents: number;
};

export type Decision = { order_id: string; option: Option };

/** A way that lost, with the reason in words. */
export type Lost = { way: string; loss: string; courier_id: string; amount: number; en: string; zh: string };

export type CaseRow = {
  id: string;
  disruption_id: string;
  order_id: string;
  from_courier_id: string;
  to_courier_id: string;
  status: string;
  cause: string;
  way: string | null;
  opened_at: string;
  promised_by: string;
  closed_at: string | null;
  new_courier_at: string | null;
  arrival_at: string | null;
  held_by: string;
  outcome: string;
};

/** A closed case comes whole, with the decision it ended on. */
type CaseWhole = Omit<CaseRow, 'way' | 'to_courier_id' | 'arrival_at'> & { decision: Decision | null };

export type EventLine = { number: number; name: string; at: string; data: Record<string, unknown> };

/** One thing done outside, and what is known of it. */
export type Errand = {
  id: string;
  kind: 'notice' | 'payout';
  peer: string;
  what: string;
  state: 'waiting' | 'done' | 'refused' | 'unknown' | 'dropped';
  made_at: string;
  n_tries: number;
  detail: string;
};

export type CaseStory = CaseRow & {
  decision: Decision | null;
  reasons: Lost[];
  errands: Errand[];
  log: EventLine[];
};

export type Order = {
  id: string;
  kind: string;
  status: string;
  pickup: Place;
  dropoff: Place;
  currency: string;
  customer: { name: string };
  weight_g: number;
};

export type Reference = { times: string[]; series: Record<string, (number | null)[]> };

export type State = {
  at: string;
  zone: string;
  is_simulated: boolean;
  couriers: CourierRow[];
  sites: Site[];
  cases: CaseRow[];
  references: Record<string, Reference>;
  next: number;
};

export type Tick = {
  at: string;
  couriers: [id: string, lon: number, lat: number, state: string, nStops: number][];
  cases: CaseRow[];
};

export type Stop = {
  id: string;
  kind: string;
  order_ids: string[];
  place: Place;
  earliest_at: string;
  latest_at: string;
  arrival_at: string;
  service_s: number;
  status: string;
  from_courier_id: string;
  site_id: string;
};

export type Route = { courier_id: string; version: number; stops: Stop[] };
export type Path = { geometry: { type: 'LineString'; coordinates: [number, number][] } };

export type Courier = {
  id: string;
  name: string;
  vehicle: string;
  contract: string;
  state: string;
  shift_start_at: string;
  shift_end_at: string;
  duty_since_at: string | null;
};

export type Message = { number: number; to: string; kind: string; data: Record<string, unknown>; at: string };

export type Choice = {
  way: string;
  site: {
    id: string;
    name: string;
    place: Place;
    opens_s: number;
    closes_s: number;
    /** Room left; null where it is not counted. */
    n_free: number | null;
    distance_m: number;
  } | null;
  /** The window of a later slot; null for every other way. */
  slot: { earliest_at: string; latest_at: string } | null;
  /** When they would have it, about; null for a refund. */
  arrival_at: string | null;
  /** What it costs them more, and what they get back; minor units. */
  price_cents: number;
  gets_cents: number;
  currency: string;
  /** Why it cannot be taken now: closed or full; empty if it can. */
  trouble: string;
};

/** Who next door may take a parcel; `may` while one can still be named. */
export type NextDoor = {
  may: boolean;
  /** Null once the promise is past and nobody is on the way. */
  arrival_at: string | null;
  price_cents: number;
  currency: string;
  name: string;
  door: string;
  has_it: boolean;
};

/** What a courier needs to ring next door. */
export type Neighbour = { order_id: string; id: string; name: string; door: string };

export type Tracked = {
  /** With which a browser asks for messages; empty where none are sent. */
  push_key: string;
  order_id: string;
  zone: string;
  is_simulated: boolean;
  locale: string;
  status: string;
  step: string | null;
  promise: Window;
  first_promise: Window;
  dropoff: Place;
  courier: {
    name: string;
    vehicle: string;
    arrival_at: string | null;
    position: { lon: number; lat: number } | null;
  } | null;
  notices: { kind: string; text: string; at: string }[];
  /** Null where nothing is left next door. */
  neighbour: NextDoor | null;
  choices: Choice[];
  slots: Choice[];
  /** Every status the order took. */
  steps: { at: string; status: string }[];
};

// ---- refusals -----------------------------------------------------------------------------------

/** The platform said no (RFC 9457), or did not answer at all (status 0). */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** Which field or rule it is about; empty where none is named. */
  readonly rule: string;

  constructor(status: number, code: string, message: string, rule = '') {
    super(message);
    this.status = status;
    this.code = code;
    this.rule = rule;
  }

  /** Whether the same question may get another answer later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

async function ask<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
  } catch (error) {
    throw new Refusal(0, 'unreachable', error instanceof Error ? error.message : String(error));
  }
  const text = await answer.text();
  let said: unknown = null;
  try {
    said = text ? JSON.parse(text) : null;
  } catch {
    throw new Refusal(answer.status, 'not_json', `${answer.status} without JSON`);
  }
  if (!answer.ok) {
    const problem = (said ?? {}) as { code?: string; detail?: string; title?: string; param?: string };
    const words = problem.detail ?? problem.title ?? answer.statusText;
    throw new Refusal(answer.status, problem.code ?? 'refused', words, problem.param ?? '');
  }
  return said as T;
}

const id = encodeURIComponent;

/** A fresh key for one intended effect; keep it for every retry of that effect. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

// ---- questions ----------------------------------------------------------------------------------

const PAGE = 1_000;

const line = ({ decision, ...one }: CaseWhole): CaseRow => ({
  ...one,
  way: decision?.option.way ?? null,
  to_courier_id: decision?.option.courier_id ?? '',
  arrival_at: decision?.option.arrival_at ?? null,
});

async function events(after: number, name = ''): Promise<EventLine[]> {
  const found: EventLine[] = [];
  for (;;) {
    const only = name ? `&name=${id(name)}` : '';
    const page = await ask<{ events: EventLine[] }>('GET', `/v1/events?after=${after}&limit=${PAGE}${only}`);
    found.push(...page.events);
    if (page.events.length < PAGE) return found;
    after = page.events.at(-1)!.number;
  }
}

async function couriers(): Promise<Courier[]> {
  const found: Courier[] = [];
  for (let after = ''; ; ) {
    const said = await ask<{ couriers: Courier[]; next: string }>('GET', `/v1/couriers?after=${id(after)}`);
    found.push(...said.couriers);
    if (!said.next) return found;
    after = said.next;
  }
}

export const api = {
  city: () => ask<City>('GET', '/v1/city'),
  state: () => ask<State>('GET', '/v1/state'),
  closedCases: () =>
    ask<{ cases: CaseWhole[] }>('GET', '/v1/cases?status=closed').then((said) => said.cases.map(line)),
  story: (caseId: string) => ask<CaseStory>('GET', `/v1/cases/${id(caseId)}`),
  decide: (caseId: string, body: { way: string; courier_id?: string }, key: string) =>
    ask<CaseStory>('POST', `/v1/cases/${id(caseId)}/decide`, body, key),
  /** Everything after a number, page by page, perhaps only of one name. */
  events,
  order: (orderId: string) => ask<Order>('GET', `/v1/orders/${id(orderId)}`),
  path: (courierId: string) => ask<Path>('GET', `/v1/couriers/${id(courierId)}/path`),
  couriers,
  ping: (columns: { courier_ids: string[]; lons: number[]; lats: number[]; pinged_ats: string[] }) =>
    ask<{ accepted: number; refused: number }>('POST', '/v1/pings', columns),
  route: (courierId: string) => ask<Route>('GET', `/v1/couriers/${id(courierId)}/route`),
  courier: (courierId: string) => ask<Courier>('GET', `/v1/couriers/${id(courierId)}`),
  messages: (after: number) =>
    ask<{ messages: Message[]; next: number }>('GET', `/v1/messages?after=${after}&limit=${PAGE}`),
  /** Exchange a customer's link for a cookie; the link stays usable. */
  openLink: (token: string) => ask<{ order_id: string }>('POST', '/v1/links', { token }),
  tracked: (orderId: string) => ask<Tracked>('GET', `/v1/track/${id(orderId)}`),
  choose: (
    orderId: string,
    body: { way: string; site_id?: string; slot_at?: string; price_cents?: number; consent: true },
    key: string,
  ) => ask<Tracked>('POST', `/v1/track/${id(orderId)}/choice`, body, key),
  nameNeighbour: (orderId: string, body: { name: string; door: string; consent: true }, key: string) =>
    ask<Tracked>('POST', `/v1/track/${id(orderId)}/neighbour`, body, key),
  unnameNeighbour: (orderId: string, key: string) =>
    ask<Tracked>('POST', `/v1/track/${id(orderId)}/neighbour/end`, undefined, key),
  neighbours: (courierId: string, stopId: string) =>
    ask<{ neighbours: Neighbour[] }>('GET', `/v1/couriers/${id(courierId)}/stops/${id(stopId)}/neighbours`),
  push: (orderId: string, body: { endpoint: string; p256dh: string; auth: string }, key: string) =>
    ask<void>('POST', `/v1/track/${id(orderId)}/push`, body, key),
  endPush: (orderId: string, body: { endpoint: string }, key: string) =>
    ask<void>('POST', `/v1/track/${id(orderId)}/push/end`, body, key),
  /** Any confirmation of a courier; the address is part of what is queued in a dead spot. */
  confirm: (path: string, body: unknown, key: string) =>
    ask<{ route?: Route }>('POST', path, body ?? undefined, key),
};
