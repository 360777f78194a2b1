/** This file knows how the living things are drawn over the map: couriers, parcels, rings, stops. */

import type { Map as GlMap } from 'maplibre-gl';

import type { Site, Stop } from '../shared/api';
import { stateColour } from './colours';
import type { Fleet, Seen } from './fleet';

type Ring = { lon: number; lat: number; colour: string; since: number };
type Arc = { lon: number; lat: number; courierId: string; since: number };

const RING_MS = 4_200;
const ARC_MS = 7_000;
const CALM = matchMedia('(prefers-reduced-motion: reduce)').matches;
const FONT = '"Inter Variable", "Noto Sans CJK SC", sans-serif';
/** States in which a courier can carry nothing: drawn as a ring without a heart. */
const OUT = new Set(['unavailable', 'signal_lost', 'sos']);

export class Scene {
  sites: Site[] = [];
  /** Where parcels lie that nobody carries. */
  parcels: { lon: number; lat: number }[] = [];
  stops: Stop[] = [];
  selected = '';
  hovered = '';
  /** Only couriers in this state are drawn in full; empty means all. */
  only = '';
  private rings: Ring[] = [];
  private arcs: Arc[] = [];
  private readonly pen: CanvasRenderingContext2D;
  private frame = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly map: GlMap,
    private readonly fleet: Fleet,
  ) {
    this.pen = canvas.getContext('2d')!;
  }

  start(): void {
    let last = 0;
    const loop = (now: number): void => {
      // Thirty pictures a second are smooth enough, and leave the machine half its breath.
      if (now - last > 30) {
        last = now;
        this.draw(now);
      }
      this.frame = requestAnimationFrame(loop);
    };
    this.frame = requestAnimationFrame(loop);
    this.map.on('move', () => this.draw(performance.now()));
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
  }

  ring(lon: number, lat: number, colour: string): void {
    this.rings = [...this.rings.slice(-40), { lon, lat, colour, since: performance.now() }];
  }

  arc(lon: number, lat: number, courierId: string): void {
    this.arcs = [...this.arcs.slice(-24), { lon, lat, courierId, since: performance.now() }];
  }

  /** The courier under a point of the canvas, if any. */
  at(x: number, y: number): Seen | null {
    let best: Seen | null = null;
    let nearest = 14;
    const now = performance.now();
    for (const seen of this.fleet.couriers.values()) {
      if (seen.state === 'offline') continue;
      const p = this.map.project(this.fleet.place(seen, now));
      const gap = Math.hypot(p.x - x, p.y - y);
      if (gap < nearest) {
        nearest = gap;
        best = seen;
      }
    }
    return best;
  }

  private draw(now: number): void {
    const { canvas, pen } = this;
    const scale = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    const size = Math.max(0.75, Math.min(1.5, (this.map.getZoom() - 9) / 4));
    this.drawSites(size);
    this.drawParcels(now, size);
    this.drawTrails(now, size);
    this.drawArcs(now);
    this.drawCouriers(now, size);
    this.drawStops();
    this.drawRings(now);
  }

  private drawSites(size: number): void {
    const { pen } = this;
    for (const site of this.sites) {
      const { x, y } = this.map.project([site.place.lon, site.place.lat]);
      const r = (site.kind === 'station' ? 6 : 3.6) * size;
      pen.lineWidth = 1.4;
      if (site.kind === 'station') {
        pen.beginPath();
        pen.roundRect(x - r, y - r, 2 * r, 2 * r, 2.5);
        pen.fillStyle = '#17293d';
        pen.strokeStyle = '#8fd3ff';
        pen.fill();
        pen.stroke();
        pen.beginPath();
        pen.moveTo(x - r * 0.45, y + r * 0.45);
        pen.lineTo(x - r * 0.45, y - r * 0.05);
        pen.lineTo(x, y - r * 0.5);
        pen.lineTo(x + r * 0.45, y - r * 0.05);
        pen.lineTo(x + r * 0.45, y + r * 0.45);
        pen.stroke();
      } else {
        pen.beginPath();
        pen.moveTo(x, y - r);
        pen.lineTo(x + r, y);
        pen.lineTo(x, y + r);
        pen.lineTo(x - r, y);
        pen.closePath();
        pen.fillStyle = '#1c2a3c';
        pen.strokeStyle = '#7fa8d0';
        pen.lineWidth = 1.1;
        pen.fill();
        pen.stroke();
      }
    }
  }

  private drawParcels(now: number, size: number): void {
    const { pen } = this;
    const r = 4.4 * size;
    const beat = CALM ? 1 : 0.65 + 0.35 * Math.sin(now / 260);
    for (const place of this.parcels) {
      const { x, y } = this.map.project([place.lon, place.lat]);
      pen.globalAlpha = 0.25 * beat;
      pen.fillStyle = '#ff7b72';
      pen.beginPath();
      pen.arc(x, y, r * 2.6, 0, 7);
      pen.fill();
      pen.globalAlpha = 1;
      pen.fillStyle = '#2a1718';
      pen.strokeStyle = '#ff8f86';
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.roundRect(x - r, y - r, 2 * r, 2 * r, 1.5);
      pen.fill();
      pen.stroke();
      pen.beginPath();
      pen.moveTo(x, y - r);
      pen.lineTo(x, y - r * 0.1);
      pen.stroke();
    }
  }

  private drawTrails(now: number, size: number): void {
    const { pen } = this;
    pen.lineCap = 'round';
    for (const seen of this.fleet.couriers.values()) {
      if (seen.trail.length < 4 || OUT.has(seen.state) || !this.isFull(seen)) continue;
      const colour = stateColour(seen.state);
      const points: [number, number][] = [];
      for (let i = 0; i < seen.trail.length; i += 2) {
        const p = this.map.project([seen.trail[i]!, seen.trail[i + 1]!]);
        points.push([p.x, p.y]);
      }
      const head = this.map.project(this.fleet.place(seen, now));
      points.push([head.x, head.y]);
      pen.strokeStyle = colour;
      for (let i = 1; i < points.length; i += 1) {
        const share = i / points.length;
        pen.globalAlpha = 0.5 * share * share;
        pen.lineWidth = (0.6 + 2.2 * share) * size;
        pen.beginPath();
        pen.moveTo(...points[i - 1]!);
        pen.lineTo(...points[i]!);
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
  }

  private drawArcs(now: number): void {
    const { pen } = this;
    this.arcs = this.arcs.filter((arc) => now - arc.since < ARC_MS);
    for (const arc of this.arcs) {
      const seen = this.fleet.couriers.get(arc.courierId);
      if (!seen) continue;
      const from = this.map.project(this.fleet.place(seen, now));
      const to = this.map.project([arc.lon, arc.lat]);
      const age = (now - arc.since) / ARC_MS;
      const bend = Math.min(90, Math.hypot(to.x - from.x, to.y - from.y) * 0.28);
      pen.globalAlpha = age < 0.7 ? 0.95 : (1 - age) / 0.3;
      pen.strokeStyle = '#ffd479';
      pen.lineWidth = 1.6;
      pen.setLineDash([5, 5]);
      pen.lineDashOffset = CALM ? 0 : -now / 40;
      pen.beginPath();
      pen.moveTo(from.x, from.y);
      pen.quadraticCurveTo((from.x + to.x) / 2, (from.y + to.y) / 2 - bend, to.x, to.y);
      pen.stroke();
      pen.setLineDash([]);
      pen.fillStyle = '#ffd479';
      pen.beginPath();
      pen.arc(to.x, to.y, 3.2, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  private drawCouriers(now: number, size: number): void {
    for (const seen of this.fleet.couriers.values()) {
      if (seen.state === 'offline' || seen.id === this.selected) continue;
      this.drawCourier(seen, now, size);
    }
    const chosen = this.fleet.couriers.get(this.selected);
    if (chosen) this.drawCourier(chosen, now, size * 1.25);
  }

  private drawCourier(seen: Seen, now: number, size: number): void {
    const { pen } = this;
    const { x, y } = this.map.project(this.fleet.place(seen, now));
    if (x < -20 || y < -20 || x > this.canvas.clientWidth + 20 || y > this.canvas.clientHeight + 20) return;
    const colour = stateColour(seen.state);
    const isChosen = seen.id === this.selected;
    const isOut = OUT.has(seen.state);
    const r = (seen.state === 'idle' ? 3.4 : 4.6) * size;
    pen.globalAlpha = this.isFull(seen) || isChosen ? 1 : 0.18;
    if (seen.state === 'sos' && !CALM) {
      pen.strokeStyle = colour;
      pen.lineWidth = 2;
      const wave = (now / 900) % 1;
      pen.globalAlpha *= 1 - wave;
      pen.beginPath();
      pen.arc(x, y, r + 16 * wave, 0, 7);
      pen.stroke();
      pen.globalAlpha = this.isFull(seen) || isChosen ? 1 : 0.18;
    }
    if (!isOut && seen.state !== 'idle') {
      const glow = pen.createRadialGradient(x, y, r * 0.6, x, y, r * 2.8);
      glow.addColorStop(0, `${colour}66`);
      glow.addColorStop(1, `${colour}00`);
      pen.fillStyle = glow;
      pen.beginPath();
      pen.arc(x, y, r * 2.8, 0, 7);
      pen.fill();
    }
    pen.beginPath();
    pen.arc(x, y, r, 0, 7);
    pen.fillStyle = isOut ? '#1a1116' : colour;
    pen.strokeStyle = isOut ? colour : '#0a0f16';
    pen.lineWidth = isOut ? 2 : 1.4;
    pen.fill();
    pen.stroke();
    if (isOut) {
      const k = r * 0.42;
      pen.beginPath();
      pen.moveTo(x - k, y - k);
      pen.lineTo(x + k, y + k);
      pen.moveTo(x + k, y - k);
      pen.lineTo(x - k, y + k);
      pen.lineWidth = 1.6;
      pen.stroke();
    }
    if (isChosen || seen.id === this.hovered) {
      pen.strokeStyle = '#ffffff';
      pen.lineWidth = 1.8;
      pen.beginPath();
      pen.arc(x, y, r + 3.4, 0, 7);
      pen.stroke();
      this.label(seen.name, x, y - r - 9);
    }
    pen.globalAlpha = 1;
  }

  private label(text: string, x: number, y: number): void {
    const { pen } = this;
    pen.font = `600 12px ${FONT}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'bottom';
    const half = pen.measureText(text).width / 2 + 7;
    pen.fillStyle = '#0b1119e6';
    pen.strokeStyle = '#2b3b50';
    pen.lineWidth = 1;
    pen.beginPath();
    pen.roundRect(x - half, y - 17, 2 * half, 20, 6);
    pen.fill();
    pen.stroke();
    pen.fillStyle = '#f2f6fb';
    pen.fillText(text, x, y);
  }

  private drawStops(): void {
    const { pen } = this;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    for (let i = this.stops.length - 1; i >= 0; i -= 1) {
      const stop = this.stops[i]!;
      const { x, y } = this.map.project([stop.place.lon, stop.place.lat]);
      const isDoor = stop.kind === 'dropoff' || stop.kind === 'point';
      pen.beginPath();
      pen.arc(x, y, 9, 0, 7);
      pen.fillStyle = isDoor ? '#f4f8fc' : '#0e1a28';
      pen.strokeStyle = isDoor ? '#0a0f16' : '#f4f8fc';
      pen.lineWidth = 1.6;
      pen.fill();
      pen.stroke();
      pen.fillStyle = isDoor ? '#0a0f16' : '#f4f8fc';
      pen.font = `700 10.5px ${FONT}`;
      pen.fillText(String(i + 1), x, y + 0.5);
    }
  }

  private drawRings(now: number): void {
    const { pen } = this;
    this.rings = this.rings.filter((ring) => now - ring.since < RING_MS);
    for (const ring of this.rings) {
      const { x, y } = this.map.project([ring.lon, ring.lat]);
      pen.strokeStyle = ring.colour;
      for (const delay of CALM ? [0] : [0, 0.16, 0.32]) {
        const age = (now - ring.since) / RING_MS - delay;
        if (age < 0 || age > 0.68) continue;
        const share = CALM ? 0.4 : age / 0.68;
        pen.globalAlpha = (1 - share) ** 1.5;
        pen.lineWidth = 3 * (1 - share) + 0.6;
        pen.beginPath();
        pen.arc(x, y, 6 + 56 * (1 - (1 - share) ** 2.2), 0, 7);
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
  }

  private isFull(seen: Seen): boolean {
    return !this.only || seen.state === this.only;
  }
}
