/** This file knows how an event is told in one line, and how loudly. */

import type { EventLine } from '../shared/api';
import { hourMinute, money, short } from '../shared/format.svelte';
import { code, t } from '../shared/words.svelte';
import type { Live } from './live.svelte';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The event in words; in the story of an order itself the order needs no name. */
export function tell(event: EventLine, live: Live, isOwnStory = false): string {
  const data = event.data;
  const disruption = (data['disruption'] ?? {}) as Record<string, unknown>;
  const decision = (data['decision'] ?? {}) as { option?: { way?: string } };
  const promise = (data['promise'] ?? {}) as { latest_at?: string };
  const facts: Record<string, string> = {
    courier: live.name(text(data['courier_id']) || text(disruption['courier_id'])),
    order: short(text(data['order_id'])),
    cause: code('cause', text(data['cause']) || text(data['code']) || text(disruption['cause'])),
    way: code('way', text(data['way']) || (decision.option?.way ?? '')),
    status: code('status', text(data['now'])),
    state: code('state', text(data['now'])),
    outcome: code('outcome', text(data['outcome'])),
    answer: code('answer', text(data['answer'])),
    bonus: code('bonus', text(data['state'])),
    ended: code('order', text(data['status'])),
    amount: money(Number(data['amount_cents'] ?? 0), text(data['currency']) || 'CNY'),
    n: String(data['n_orders'] ?? ''),
    time: promise.latest_at ? hourMinute(promise.latest_at) : '',
  };
  const isNobodys = disruption['courier_id'] === '';
  const words = isNobodys ? t('event.no_supply') : code('event', event.name);
  const told = isOwnStory ? words.replace(/(order|订单) \{order\}/, t('case.this')) : words;
  return told.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '');
}

const LOUD: [RegExp, string][] = [
  [/^(disruption|courier\.withdrew|courier\.went_silent)/, 'var(--bad)'],
  [/^(case\.opened|arrival|risk|road)/, 'var(--warn)'],
  [/^(case\.decided|offer|bonus|customer|consent|remedy)/, 'var(--gold)'],
  [/^(assignment\.began|case\.closed|order\.ended|courier\.came)/, 'var(--good)'],
  [/^notice/, 'var(--odd)'],
];

/** The colour of the event's dot. */
export const loudness = (event: EventLine): string =>
  LOUD.find(([pattern]) => pattern.test(event.name))?.[1] ?? 'var(--calm)';
