/** This file knows how the city looks: a night map drawn from the platform's own tiles. */

import type { ExpressionSpecification, StyleSpecification } from 'maplibre-gl';

// Without a `glyphs` address MapLibre draws every letter itself, so that no font file is asked for.
const FONT = ['Inter Variable', 'Noto Sans CJK SC', 'sans-serif'];
const LAND = '#121922';
const WATER = '#0b2236';
const SHORE = '#16415c';

const grow = (...stops: number[]): ExpressionSpecification =>
  ['interpolate', ['exponential', 1.6], ['zoom'], ...stops] as unknown as ExpressionSpecification;
const roadClass = (from: number, to: number): ExpressionSpecification =>
  ['all', ['>=', ['get', 'c'], from], ['<=', ['get', 'c'], to]] as ExpressionSpecification;

/** The style of the map; `origin` is the only host it ever asks. */
export function cityStyle(origin: string, attribution: string): StyleSpecification {
  const from = (layer: string) => ({ source: 'city', 'source-layer': layer }) as const;
  return {
    version: 8,
    sources: {
      city: {
        type: 'vector',
        tiles: [`${origin}/tiles/{z}/{x}/{y}.mvt`],
        minzoom: 6,
        maxzoom: 15,
        attribution,
      },
    },
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': LAND } },
      {
        id: 'quarter', type: 'fill', ...from('landuse'),
        filter: ['in', ['get', 'kind'], ['literal', ['industrial', 'commercial', 'retail', 'school', 'hospital', 'university', 'railway']]],
        paint: { 'fill-color': '#17212c' },
      },
      {
        id: 'beach', type: 'fill', ...from('landuse'),
        filter: ['in', ['get', 'kind'], ['literal', ['beach', 'sand']]],
        paint: { 'fill-color': '#26261f' },
      },
      {
        id: 'green', type: 'fill', ...from('landuse'), filter: ['==', ['get', 'kind'], 'green'],
        paint: { 'fill-color': '#15291f' },
      },
      {
        id: 'water', type: 'fill', ...from('water'), filter: ['==', ['get', 'kind'], 'area'],
        paint: { 'fill-color': WATER, 'fill-outline-color': SHORE },
      },
      { id: 'sea', type: 'fill', ...from('earth'), paint: { 'fill-color': WATER } },
      {
        id: 'shore', type: 'line', ...from('earth'),
        paint: { 'line-color': SHORE, 'line-width': grow(10, 0.6, 15, 2), 'line-opacity': 0.7 },
      },
      {
        id: 'stream', type: 'line', ...from('water'), filter: ['==', ['get', 'kind'], 'line'],
        paint: { 'line-color': '#12344e', 'line-width': grow(11, 0.5, 16, 4) },
      },
      {
        id: 'building', type: 'fill', ...from('building'), minzoom: 13,
        paint: {
          'fill-color': '#1e2936', 'fill-outline-color': '#263444',
          'fill-opacity': ['interpolate', ['linear'], ['zoom'], 13, 0.15, 14.5, 0.9],
        },
      },
      {
        id: 'path', type: 'line', ...from('road'), minzoom: 14, filter: ['>=', ['get', 'c'], 7],
        paint: { 'line-color': '#2a3745', 'line-width': 0.8, 'line-dasharray': [2, 2] },
      },
      {
        id: 'rail', type: 'line', ...from('rail'), minzoom: 11,
        paint: { 'line-color': '#2e3a48', 'line-width': grow(11, 0.5, 15, 1.4), 'line-dasharray': [4, 3] },
      },
      {
        id: 'lane', type: 'line', ...from('road'), filter: roadClass(5, 6),
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': '#273443', 'line-width': grow(11, 0.35, 14, 1.5, 17, 9) },
      },
      {
        id: 'street-case', type: 'line', ...from('road'), minzoom: 12, filter: roadClass(1, 4),
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': '#0d141c', 'line-width': grow(12, 2, 14, 5, 17, 17) },
      },
      {
        id: 'street', type: 'line', ...from('road'), filter: roadClass(3, 4),
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': '#364659', 'line-width': grow(10, 0.5, 14, 2.6, 17, 12) },
      },
      {
        id: 'artery', type: 'line', ...from('road'), filter: roadClass(1, 2),
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': '#4b5f78', 'line-width': grow(8, 0.7, 14, 3.4, 17, 15) },
      },
      {
        id: 'street-name', type: 'symbol', ...from('road'), minzoom: 13.5,
        filter: ['all', ['has', 'name'], ['<=', ['get', 'c'], 5]],
        layout: {
          'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': FONT,
          'text-size': ['interpolate', ['linear'], ['zoom'], 13, 10, 17, 13], 'symbol-spacing': 320,
        },
        paint: { 'text-color': '#8093aa', 'text-halo-color': '#0d141c', 'text-halo-width': 1.4 },
      },
      {
        id: 'poi-name', type: 'symbol', ...from('poi'), minzoom: 16,
        layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 10.5, 'text-max-width': 8 },
        paint: { 'text-color': '#7f93a8', 'text-halo-color': '#0d141c', 'text-halo-width': 1.2 },
      },
      {
        id: 'place-name', type: 'symbol', ...from('place'), maxzoom: 15.5,
        layout: {
          'text-field': ['get', 'name'], 'text-font': FONT, 'text-transform': 'uppercase',
          'text-letter-spacing': 0.14, 'text-max-width': 8, 'text-padding': 8,
          'text-size': ['interpolate', ['linear'], ['zoom'], 10, 9.5, 14, 13],
        },
        paint: {
          'text-color': '#a4b4c6', 'text-opacity': 0.85,
          'text-halo-color': '#0b1118', 'text-halo-width': 1.6,
        },
      },
    ],
  };
}
