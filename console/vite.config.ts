import { resolve } from 'node:path';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const page = (name: string): string => resolve(import.meta.dirname, name);

// The platform serves the built folder under /static/ and each HTML entry at its own address.
export default defineConfig({
  base: '/static/',
  plugins: [svelte()],
  worker: { format: 'es' },
  build: {
    outDir: '../src/recourse/web/static',
    emptyOutDir: true,
    // The platform's content policy lets in no font from a data: address.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    license: { fileName: 'licences.md' },
    rollupOptions: {
      input: {
        console: page('index.html'),
        courier: page('courier.html'),
        track: page('track.html'),
      },
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8000', '/tiles': 'http://127.0.0.1:8000' } },
});
