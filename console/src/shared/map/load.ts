/** This file knows how MapLibre is brought in: late, with its worker, and only where there is a map. */

import type { LngLatBoundsLike, Map as GlMap, PaddingOptions } from 'maplibre-gl';

import { cityStyle } from './style';

export type Gl = typeof import('maplibre-gl');

/** Fetch the map library; its worker is a file of ours, found by the bundler. */
export async function loadGl(): Promise<Gl> {
  const [gl, worker] = await Promise.all([
    import('maplibre-gl'),
    import('maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'),
    import('maplibre-gl/dist/maplibre-gl.css'),
    // Labels are drawn with this font; a label drawn before it is there would keep the wrong one.
    document.fonts.load('500 16px "Inter Variable"').catch(() => []),
  ]);
  gl.setWorkerUrl(worker.default);
  return gl;
}

type Wanted = { container: HTMLElement; attribution: string; bounds: LngLatBoundsLike; padding: PaddingOptions | number };

/** A map of the city that shows the given bounds. */
export function cityMap(gl: Gl, wanted: Wanted): GlMap {
  const map = new gl.Map({
    container: wanted.container,
    style: cityStyle(location.origin, wanted.attribution),
    bounds: wanted.bounds,
    fitBoundsOptions: { padding: wanted.padding },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxZoom: 18,
    minZoom: 8,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new gl.AttributionControl({ compact: false }), 'bottom-right');
  return map;
}
