/** This file knows the languages: which one is spoken, and how a word is found. */

import en from './words/en.json';
import zh from './words/zh.json';

export type Locale = 'en' | 'zh';
export type Word = keyof typeof en;

const TABLES: Record<Locale, Record<Word, string>> = { en, zh };
const REMEMBERED = 'recourse.locale';

function first(): Locale {
  const kept = localStorage.getItem(REMEMBERED);
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

class Tongue {
  locale = $state<Locale>(first());

  /** Speak this language from now on, also next time. */
  speak(locale: Locale): void {
    this.locale = locale;
    localStorage.setItem(REMEMBERED, locale);
    document.documentElement.lang = locale === 'zh' ? 'zh-Hans' : 'en';
  }

  /** BCP 47 tag for dates and numbers. */
  get tag(): string {
    return this.locale === 'zh' ? 'zh-CN' : 'en-GB';
  }
}

export const tongue = new Tongue();
tongue.speak(tongue.locale);

/** The text of a word, with `{name}` filled in. */
export function t(word: Word, facts: Record<string, string | number> = {}): string {
  return TABLES[tongue.locale][word].replace(/\{(\w+)\}/g, (all, name: string) =>
    name in facts ? String(facts[name]) : all,
  );
}

/** Whether there are words for a code that the platform sent. */
export const has = (kind: string, value: string): boolean => `${kind}.${value}` in en;

/** The text of a code that the platform sent; an unknown code is shown as it is. */
export function code(kind: string, value: string): string {
  const word = `${kind}.${value}`;
  return word in en ? t(word as Word) : value.replaceAll('_', ' ');
}
