/** This file knows how a courier's confirmations survive a dead spot: kept in order, each sent once. */

import { api, newKey, Refusal, type Route } from '../shared/api';

/** One thing the courier has said and the platform may not have heard yet. */
export type Letter = {
  key: string;
  path: string;
  body: unknown;
  /** What it is, for the list on the page; `stopId` ties it to a stop. */
  what: string;
  stopId: string;
  saidAt: number;
};

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 20_000;

export class Outbox {
  letters = $state.raw<Letter[]>([]);
  /** Why the last attempt did not get through; empty while all is well. */
  trouble = $state('');
  /** What the platform refused for good; shown until it is read. */
  refused = $state.raw<{ what: string; why: string } | null>(null);
  heardRoute: (route: Route) => void = () => undefined;
  delivered: () => void = () => undefined;

  private readonly place: string;
  private isSending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private retryMs = FIRST_RETRY_MS;

  constructor(courierId: string) {
    this.place = `recourse.outbox.${courierId}`;
    try {
      this.letters = JSON.parse(localStorage.getItem(this.place) ?? '[]') as Letter[];
    } catch {
      this.letters = [];
    }
    addEventListener('online', this.wake);
    void this.flush();
  }

  close(): void {
    removeEventListener('online', this.wake);
    clearTimeout(this.timer);
  }

  /** Say something: it is kept first, then sent, again and again until it is heard. */
  say(path: string, what: string, body: unknown = null, { stopId = '', isUrgent = false } = {}): void {
    const letter = { key: newKey(), path, body, what, stopId, saidAt: Date.now() };
    this.keep(isUrgent ? [letter, ...this.letters] : [...this.letters, letter]);
    this.retryMs = FIRST_RETRY_MS;
    void this.flush();
  }

  has(stopId: string, what: string): boolean {
    return this.letters.some((letter) => letter.stopId === stopId && letter.what === what);
  }

  private readonly wake = (): void => {
    this.retryMs = FIRST_RETRY_MS;
    void this.flush();
  };

  private keep(letters: Letter[]): void {
    this.letters = letters;
    localStorage.setItem(this.place, JSON.stringify(letters));
  }

  private async flush(): Promise<void> {
    if (this.isSending) return;
    clearTimeout(this.timer);
    this.isSending = true;
    while (this.letters.length > 0) {
      const letter = this.letters[0]!;
      try {
        const answer = await api.confirm(letter.path, letter.body, letter.key);
        this.drop(letter);
        if (answer?.route) this.heardRoute(answer.route);
        else this.delivered();
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal(0, 'unreachable', String(error));
        if (refusal.isPassing) {
          this.trouble = refusal.message;
          this.timer = setTimeout(() => void this.flush(), this.retryMs);
          this.retryMs = Math.min(LAST_RETRY_MS, this.retryMs * 1.6);
          break;
        }
        this.drop(letter);
        this.refused = { what: letter.what, why: refusal.message };
        this.delivered();
      }
    }
    this.isSending = false;
  }

  private drop(letter: Letter): void {
    this.trouble = '';
    this.retryMs = FIRST_RETRY_MS;
    this.keep(this.letters.filter((one) => one.key !== letter.key));
  }
}
