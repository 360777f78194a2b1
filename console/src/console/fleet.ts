/** This file knows where every courier is drawn: between the last two reports, and where they came from. */

export type Seen = {
  id: string;
  name: string;
  vehicle: string;
  state: string;
  nStops: number;
  /** Position now reported, and the one it is drawn from; degrees. */
  lon: number;
  lat: number;
  fromLon: number;
  fromLat: number;
  /** When the report came, in ms of `performance.now()`. */
  since: number;
  /** Earlier positions, oldest first: lon, lat, lon, lat, … */
  trail: number[];
};

const TRAIL_POINTS = 14;
/** A jump further than this (degrees) is shown as a jump, not as a flight over the city. */
const JUMP_DEG = 0.03;

export class Fleet {
  readonly couriers = new Map<string, Seen>();
  /** How long one report takes to be followed by the next, in ms, smoothed. */
  private interval = 500;
  private lastReport = 0;

  put(row: { id: string; name: string; vehicle: string; state: string; lon: number | null; lat: number | null; n_stops: number }): void {
    const seen = this.couriers.get(row.id);
    if (seen) {
      seen.name = row.name;
      seen.vehicle = row.vehicle;
      this.move(row.id, row.lon ?? seen.lon, row.lat ?? seen.lat, row.state, row.n_stops);
      return;
    }
    if (row.lon === null || row.lat === null) return;
    const { lon, lat } = row;
    this.couriers.set(row.id, {
      id: row.id, name: row.name, vehicle: row.vehicle, state: row.state, nStops: row.n_stops,
      lon, lat, fromLon: lon, fromLat: lat, since: performance.now(), trail: [lon, lat],
    });
  }

  move(id: string, lon: number, lat: number, state: string, nStops: number): boolean {
    const seen = this.couriers.get(id);
    if (!seen) return false;
    const now = performance.now();
    if (lon !== seen.lon || lat !== seen.lat) {
      const [drawnLon, drawnLat] = this.place(seen, now);
      const jumps = Math.abs(lon - drawnLon) > JUMP_DEG || Math.abs(lat - drawnLat) > JUMP_DEG;
      seen.fromLon = jumps ? lon : drawnLon;
      seen.fromLat = jumps ? lat : drawnLat;
      seen.lon = lon;
      seen.lat = lat;
      seen.since = now;
      if (jumps) seen.trail = [];
      seen.trail.push(seen.fromLon, seen.fromLat);
      if (seen.trail.length > TRAIL_POINTS * 2) seen.trail.splice(0, seen.trail.length - TRAIL_POINTS * 2);
    } else if (seen.trail.length > 2) {
      seen.trail.splice(0, 2);
    }
    seen.state = state;
    seen.nStops = nStops;
    return true;
  }

  /** A report has come in: learn how often they come. */
  report(): void {
    const now = performance.now();
    if (this.lastReport) {
      const gap = Math.min(3000, now - this.lastReport);
      this.interval += 0.2 * (gap - this.interval);
    }
    this.lastReport = now;
  }

  /** Where a courier is drawn at a moment; it arrives a little after the next report is due. */
  place(seen: Seen, now: number): [lon: number, lat: number] {
    const share = Math.min(1, (now - seen.since) / (this.interval * 1.15));
    return [
      seen.fromLon + (seen.lon - seen.fromLon) * share,
      seen.fromLat + (seen.lat - seen.fromLat) * share,
    ];
  }
}
