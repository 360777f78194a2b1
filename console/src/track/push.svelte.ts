/** This file knows whether this browser takes messages about an order, and how to ask for it. */

import { api, newKey } from '../shared/api';

const WORKER = '/track/worker.js';

/** Bytes of a key in base64url. */
function bytes(key: string): Uint8Array<ArrayBuffer> {
  const plain = atob(key.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export type PushState = 'absent' | 'off' | 'on' | 'blocked';

export class Push {
  state = $state<PushState>('absent');
  isBusy = $state(false);
  #orderId = '';
  #key = '';

  /** Look whether messages can be taken, and whether they are; `key` is empty where none are sent. */
  async look(orderId: string, key: string): Promise<void> {
    if (!key || this.#key === key || !('serviceWorker' in navigator) || !('PushManager' in window)) return;
    this.#orderId = orderId;
    this.#key = key;
    const known = await navigator.serviceWorker.getRegistration(location.pathname);
    const taken = await known?.pushManager?.getSubscription();
    this.state = Notification.permission === 'denied' ? 'blocked' : taken ? 'on' : 'off';
  }

  /** Take messages from now on, if the person agrees. */
  async turnOn(): Promise<void> {
    await this.#while(async () => {
      if ((await Notification.requestPermission()) !== 'granted') {
        this.state = Notification.permission === 'denied' ? 'blocked' : 'off';
        return;
      }
      const worker = await navigator.serviceWorker.register(WORKER, { scope: location.pathname });
      const wanted = { userVisibleOnly: true, applicationServerKey: bytes(this.#key) };
      const { endpoint, keys } = (await worker.pushManager.subscribe(wanted)).toJSON();
      await api.push(this.#orderId, { endpoint: endpoint!, p256dh: keys!.p256dh!, auth: keys!.auth! }, newKey());
      this.state = 'on';
    });
  }

  /** Take no more messages. */
  async turnOff(): Promise<void> {
    await this.#while(async () => {
      const known = await navigator.serviceWorker.getRegistration(location.pathname);
      const taken = await known?.pushManager.getSubscription();
      if (taken) {
        await api.endPush(this.#orderId, { endpoint: taken.endpoint }, newKey());
        await taken.unsubscribe();
      }
      this.state = 'off';
    });
  }

  async #while(work: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    try {
      await work();
    } finally {
      this.isBusy = false;
    }
  }
}
