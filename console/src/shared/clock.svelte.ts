/** This file knows what time it is in the city, for pages that do not listen to the stream. */

import { api } from './api';
import { zone } from './format.svelte';

const SYNC_MS = 20_000;
const STEP_MS = 1_000;

export class CityClock {
  /** City time in ms; null before the platform was heard. */
  now = $state<number | null>(null);
  isSimulated = $state(false);
  private base: { wall: number; city: number } | null = null;
  private speed = 1;
  private timers: ReturnType<typeof setInterval>[] = [];

  async start(): Promise<void> {
    this.timers.push(
      setInterval(() => void this.sync().catch(() => undefined), SYNC_MS),
      setInterval(() => this.step(), STEP_MS),
    );
    await this.sync();
    // A second look soon after tells how fast the city's clock runs.
    this.timers.push(setTimeout(() => void this.sync().catch(() => undefined), 2_000));
  }

  stop(): void {
    this.timers.forEach(clearInterval);
  }

  private async sync(): Promise<void> {
    const city = await api.city();
    zone.name = city.zone;
    this.isSimulated = city.is_simulated;
    const [wall, at] = [performance.now(), Date.parse(city.at)];
    if (this.base && wall > this.base.wall) this.speed = Math.max(0, (at - this.base.city) / (wall - this.base.wall));
    this.base = { wall, city: at };
    this.step();
  }

  private step(): void {
    if (this.base) this.now = this.base.city + (performance.now() - this.base.wall) * this.speed;
  }
}
