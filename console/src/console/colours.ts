/** This file knows which colour a courier's state and a case's status have. */

const STATE: Record<string, string> = {
  active: '#4fd6c4',
  idle: '#8fa6c2',
  delayed: '#ffb65c',
  fatigue_warning: '#e8d06a',
  rest_required: '#e8d06a',
  on_break: '#6f8db3',
  unavailable: '#ff7b72',
  signal_lost: '#c3a6ff',
  sos: '#ff4d5e',
  offline: '#71839a',
};

/** Order in which states are listed: what needs a look comes first. */
export const STATES = [
  'sos', 'unavailable', 'signal_lost', 'delayed', 'rest_required', 'fatigue_warning',
  'active', 'idle', 'on_break', 'offline',
];

export const stateColour = (state: string): string => STATE[state] ?? '#8fa6c2';

const STATUS: Record<string, string> = {
  deciding: '#ff7b72',
  offering: '#ffb65c',
  awaiting_customer: '#c3a6ff',
  waiting: '#8fd3ff',
  human: '#ff4d5e',
  carried: '#4fd6c4',
  closed: '#7d93ad',
};

export const statusColour = (status: string): string => STATUS[status] ?? '#8fa6c2';

const ERRAND: Record<string, string> = {
  waiting: '#8fd3ff',
  done: '#4fd6c4',
  refused: '#ff7b72',
  unknown: '#ff4d5e',
  dropped: '#7d93ad',
};

export const errandColour = (state: string): string => ERRAND[state] ?? '#8fa6c2';

const POLICY: Record<string, string> = {
  live: '#4fd6c4',
  recourse: '#2f8f86',
  passive: '#ff7b72',
  reping: '#ffb65c',
  no_cancels: '#8fa6c2',
};

export const policyColour = (policy: string): string => POLICY[policy] ?? '#c3a6ff';
