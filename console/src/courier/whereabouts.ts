/** This file knows where the phone is, and tells the platform while its courier is on duty. */

import { api } from '../shared/api';

const EVERY_MS = 10_000;
const MAX_KEPT = 500;

type Ping = { lon: number; lat: number; at: string };

let last: Ping | null = null;

/** Last position the phone measured, as a place; null when it is not known or not allowed. */
export const lastPlace = (): { lon: number; lat: number } | null => (last ? { lon: last.lon, lat: last.lat } : null);

/** Measure and send positions until the returned function is called; kept while there is no signal. */
export function watchPlace(courierId: string): () => void {
  if (!('geolocation' in navigator)) return () => undefined;
  let kept: Ping[] = [];
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      last = { lon: coords.longitude, lat: coords.latitude, at: new Date(timestamp).toISOString() };
      kept = [...kept, last].slice(-MAX_KEPT);
    },
    () => undefined,
    { enableHighAccuracy: true, maximumAge: 5_000 },
  );
  const timer = setInterval(() => {
    const batch = kept;
    if (batch.length === 0) return;
    kept = [];
    const body = {
      courier_ids: batch.map(() => courierId),
      lons: batch.map((ping) => ping.lon),
      lats: batch.map((ping) => ping.lat),
      pinged_ats: batch.map((ping) => ping.at),
    };
    api.ping(body).catch(() => (kept = [...batch, ...kept].slice(-MAX_KEPT)));
  }, EVERY_MS);
  return () => {
    navigator.geolocation.clearWatch(watch);
    clearInterval(timer);
  };
}
