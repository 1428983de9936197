/**
 * Series of line protocol: a measurement with its tags. A source that was made for one keeps its key, the text of the
 * protocol with the tags in order of their keys, such as `cpu,host=a,region=eu`. Commas and spaces of a measurement,
 * and equals signs too in tags, stand behind a backslash there; any other backslash is itself. So a series has one key.
 */
import { createHash } from 'node:crypto';
import { NAME_CHARACTERS_MAX } from '../limits.js';

export interface Series {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
}

const HASH_CHARACTERS = 16;

export function parseSeries(key: string): Series {
  const [measurement, ...tags] = key.split(/(?<!\\),/);
  return {
    measurement: unescapeMeasurement(measurement),
    // fromEntries defines members, where an assignment to `__proto__` would not.
    tags: Object.fromEntries(
      tags.map(tag => {
        const equals = tag.search(/(?<!\\)=/);
        return [unescapeName(tag.slice(0, equals)), unescapeName(tag.slice(equals + 1))];
      }),
    ),
  };
}

function unescapeMeasurement(text: string): string {
  return text.replace(/\\([, ])/g, '$1');
}

/** Of a tag key, a tag value, or a field key. */
export function unescapeName(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,= ])/g, '$1') : text;
}

/**
 * What the source of a series is called: its key, or as much of it as a name may have, and a hash of the whole.
 * Names are made again when the log is replayed: another way to make them needs another kind of change.
 */
export function nameOfSeries(key: string): string {
  if (key.length <= NAME_CHARACTERS_MAX) return key;
  const characters = [...key];
  if (characters.length <= NAME_CHARACTERS_MAX) return key;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_CHARACTERS);
  return `${characters.slice(0, NAME_CHARACTERS_MAX - HASH_CHARACTERS - 1).join('')}~${hash}`;
}
