/** This file knows what a courier's page shows: the courier, the route, open offers, prompts. */

import { api, Refusal, type Courier, type Message, type Neighbour, type Order, type Route } from '../shared/api';
import { Outbox } from './outbox.svelte';

export type Offer = { id: string; orderIds: string[]; made: number; deadline: number; overtimeS: number; payCents: number; bonusCents: number };

const POLL_MS = 2_500;
/** Changes of the route that the courier did not make. */
const NEWS = new Set(['bring back', 'handed over', 'order canceled', 'order recovered', 'road event', 'wave planned']);
/** How far back in the feed an offer may still be open. */
const LOOK_BACK = 1_500;

export class Desk {
  courier = $state.raw<Courier | null>(null);
  route = $state.raw<Route | null>(null);
  offers = $state.raw<Offer[]>([]);
  orders = $state.raw<Record<string, Order>>({});
  /** Who may take parcels of the stop at hand. */
  neighbours = $state.raw<Neighbour[]>([]);
  /** Why the route was changed last; empty when it was read. */
  change = $state('');
  prompt = $state('');
  failure = $state('');
  isOnline = $state(true);
  readonly outbox: Outbox;
  private next = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;

  constructor(readonly id: string) {
    this.outbox = new Outbox(id);
    this.outbox.heardRoute = (route) => this.lay(route);
    this.outbox.delivered = () => void this.reload().catch(() => undefined);
  }

  async start(): Promise<void> {
    this.failure = '';
    try {
      await this.reload();
      this.next = Math.max(0, (await api.state()).next - LOOK_BACK);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) {
        this.failure = error.message;
        return;
      }
      this.isOnline = false;
    }
    void this.poll();
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.outbox.close();
  }

  private async poll(): Promise<void> {
    try {
      const feed = await api.messages(this.next);
      this.next = feed.next;
      const mine = feed.messages.filter((message) => message.to === `courier:${this.id}`);
      for (const message of mine) this.read(message);
      if (mine.some((message) => message.kind === 'route' || message.kind === 'offer_over') || !this.isOnline) {
        await this.reload();
      }
      await this.ring();
      this.isOnline = true;
    } catch {
      this.isOnline = false;
    }
    if (!this.isOver) this.timer = setTimeout(() => void this.poll(), POLL_MS);
  }

  private async reload(): Promise<void> {
    const [courier, route] = await Promise.all([api.courier(this.id), api.route(this.id)]);
    this.courier = courier;
    this.lay(route);
  }

  private lay(route: Route): void {
    if (this.route && route.version < this.route.version) return;
    this.route = route;
    for (const stop of route.stops.slice(0, 3)) this.learn(stop.order_ids.slice(0, 8));
  }

  /** Ask at a door whom its customers named next door: they may do so while the courier waits. */
  private async ring(): Promise<void> {
    const stop = this.route?.stops[0];
    if (!stop || stop.kind !== 'dropoff' || stop.status !== 'started') {
      this.neighbours = [];
      return;
    }
    try {
      this.neighbours = (await api.neighbours(this.id, stop.id)).neighbours;
    } catch (error) {
      // The stop may be over by now; anything else is told by the poll.
      if (!(error instanceof Refusal && error.status === 404)) throw error;
      this.neighbours = [];
    }
  }

  /** Ask what is in the parcels, once each. */
  private learn(orderIds: string[]): void {
    for (const orderId of orderIds) {
      if (this.orders[orderId]) continue;
      api.order(orderId).then(
        (order) => (this.orders = { ...this.orders, [orderId]: order }),
        () => undefined,
      );
    }
  }

  private read(message: Message): void {
    const data = message.data;
    const text = (name: string): string => (typeof data[name] === 'string' ? data[name] : '');
    switch (message.kind) {
      case 'offer': {
        const offer: Offer = {
          id: text('offer_id'),
          orderIds: data['order_ids'] as string[],
          made: Date.parse(message.at),
          deadline: Date.parse(text('deadline_at')),
          overtimeS: Number(data['overtime_s'] ?? 0),
          payCents: Number(data['pay_cents'] ?? 0),
          bonusCents: Number(data['bonus_cents'] ?? 0),
        };
        this.offers = [...this.offers.filter((one) => one.id !== offer.id), offer];
        this.learn(offer.orderIds);
        navigator.vibrate?.([120, 60, 120]);
        break;
      }
      case 'offer_over':
        this.forget(text('offer_id'));
        break;
      case 'route':
        if (NEWS.has(text('why'))) this.change = text('why');
        break;
      case 'prompt':
        this.prompt = text('text') || 'all right';
        break;
    }
  }

  forget(offerId: string): void {
    this.offers = this.offers.filter((one) => one.id !== offerId);
  }
}
