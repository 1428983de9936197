/** What a rule does, in words. Nothing here knows of a page. */

export interface StateWords {
  readonly text: string;
  /** Of base/icon.tsx. */
  readonly icon: 'check' | 'clock' | 'alert';
  readonly kind: 'good' | 'warn' | 'bad' | '';
}

const STATES: Readonly<Record<string, StateWords>> = {
  ok: { text: 'OK', icon: 'check', kind: 'good' },
  pending: { text: 'Pending', icon: 'clock', kind: 'warn' },
  firing: { text: 'Firing', icon: 'alert', kind: 'bad' },
  no_data: { text: 'No data', icon: 'alert', kind: 'bad' },
  cooldown: { text: 'Cooling down', icon: 'clock', kind: '' },
  paused: { text: 'Paused', icon: 'clock', kind: '' },
};

export function stateWords(state: string): StateWords {
  return STATES[state] ?? { text: state, icon: 'clock', kind: '' };
}

export interface MarkedSentence {
  readonly before: string;
  readonly word: string;
  readonly after: string;
}

const PLACE = /^At character (\d+): /;

/**
 * Where a sentence is not understood, of what the server says: `At character 8: "abvoe" is …`.
 * @returns undefined where the message names no place
 */
export function markedSentence(sentence: string, message: string): MarkedSentence | undefined {
  const match = PLACE.exec(message);
  if (match === null) return undefined;
  // The server counts characters, not their halves.
  const characters = [...sentence];
  const at = Math.min(Number(match[1]) - 1, characters.length);
  const before = characters.slice(0, at).join('');
  const rest = characters.slice(at).join('');
  const word = wordAt(rest, message.slice(match[0].length));
  return { before, word, after: rest.slice(word.length) };
}

/** The longest text that the message quotes and that stands there; else all up to the next space. */
function wordAt(rest: string, reason: string): string {
  const quotes = [...reason.matchAll(/"/g)].map(({ index }) => index);
  let word = '';
  for (const [number, from] of quotes.entries()) {
    for (const to of quotes.slice(number + 1)) {
      const text = reason.slice(from + 1, to);
      if (text.length > word.length && rest.startsWith(text)) word = text;
    }
  }
  return word || (/^\S+/.exec(rest)?.[0] ?? '');
}
