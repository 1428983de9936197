/**
 * The documented bodies of points, straight from their bytes into columns. Any surprise (an escape, a member that is not
 * documented, a mistake) ends the reading: the whole body then goes through `JSON.parse` and the schema, which alone
 * refuse anything, so that the two ways can never disagree about what is accepted.
 */
import { VALUE_CHARACTERS_MAX } from '../limits.js';
import { parseTimestamp } from '../schemas/timestamp.js';
import { IsoTimes } from './iso-times.js';
import { idBetween, idEnd, memberAt, memberToken, usualName } from './json-members.js';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  decodeText,
  latin1,
  OPEN_BRACE,
  OPEN_BRACKET,
  objectEnd,
  plainStringEnd,
  QUOTE,
  skipSpace,
} from './json-text.js';
import { numberEnd, POWERS, parseNumber } from './numbers.js';
import { type Path, Paths, type ValueKind } from './paths.js';
import { storedMetadata } from './points.js';
import type { RowSource } from './row-source.js';
import { Rows } from './rows.js';
import type { ScannedPoints } from './scanned.js';
import type { SourceIndex } from './source-index.js';
import { Token } from './token.js';

/** Metadata texts kept to be known again: those of points that say the same each time. */
const METADATA_KEPT_MAX = 1_024;
const METADATA_KEPT_CHARACTERS_MAX = 1_024;

const encoder = new TextEncoder();
const BUCKET_ID = memberToken('bucketId');
const DATA_POINTS = memberToken('dataPoints');
const SOURCE_ID = memberToken('dataSourceId');
const TIMESTAMP = memberToken('timestamp');
const VALUES = memberToken('values');
const METADATA = memberToken('metadata');
const MEMBERS = [SOURCE_ID, TIMESTAMP, VALUES, METADATA];
const MEMBERS_WITH_BUCKET = [...MEMBERS, BUCKET_ID];
const TRUE = new Token(encoder.encode('true'));
const FALSE = new Token(encoder.encode('false'));
const NULL = new Token(encoder.encode('null'));

export class JsonPoints {
  readonly #index: SourceIndex;
  readonly #rows = new Rows();
  readonly #paths = new Paths();
  readonly #times = new IsoTimes();
  readonly #metadataTexts = new Map<string, string>();
  #root: Path = this.#paths.root;
  #now = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #bucketId: string | undefined;
  /** The member that each place of a point had last. */
  readonly #order = [...MEMBERS_WITH_BUCKET];
  /** Where the value of the last member begins, and what is behind it. */
  #valueAt = 0;
  #valueEnd = 0;
  /** The last value of a field that is no number. */
  #cell = 0;

  constructor(index: SourceIndex) {
    this.#index = index;
  }

  /** A body of `POST /api/data/batch`; undefined where it is to be read by others. */
  readBatch(bytes: Uint8Array, now: number, pointsMax: number): ScannedPoints | undefined {
    this.#begin(bytes, now);
    let at = skipSpace(bytes, 0);
    if (bytes[at] !== OPEN_BRACE) return undefined;
    let hasPoints = false;
    do {
      at = skipSpace(bytes, at + 1);
      const id = memberAt(bytes, this.#view, at, BUCKET_ID);
      if (id >= 0) at = this.#bucket(id);
      else {
        at = memberAt(bytes, this.#view, at, DATA_POINTS);
        if (at < 0 || hasPoints) return undefined;
        hasPoints = true;
        at = this.#points(at, pointsMax);
      }
      if (at < 0) return undefined;
      at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    return hasPoints ? this.#finish(at) : undefined;
  }

  /** A body of `POST /api/data`; undefined where it is to be read by others. */
  readPoint(bytes: Uint8Array, now: number): ScannedPoints | undefined {
    this.#begin(bytes, now);
    const end = this.#point(skipSpace(bytes, 0), true);
    return end < 0 ? undefined : this.#finish(end - 1);
  }

  /** Takes the memory of what was read back, once it is stored. */
  release({ batch }: ScannedPoints): void {
    this.#rows.release(batch);
  }

  #begin(bytes: Uint8Array, now: number): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#now = now;
    this.#root = this.#paths.root;
    this.#bucketId = undefined;
    this.#rows.begin();
    this.#times.begin();
  }

  /** @param at of the last brace */
  #finish(at: number): ScannedPoints | undefined {
    const bytes = this.#bytes;
    const isWhole = bytes[at] === CLOSE_BRACE && skipSpace(bytes, at + 1) === bytes.length;
    const bucketId = this.#bucketId;
    if (!isWhole || bucketId === undefined) return undefined;
    const batch = this.#rows.finish();
    if (this.#rows.hasConflict) return undefined;
    return { bucketId, batch, sources: this.#rows.sources, count: this.#rows.rowCount };
  }

  /** Which member of a point begins at `at`: its value is at `#valueAt`. */
  #memberOf(at: number, position: number, hasBucketId: boolean): Token | undefined {
    const expected = this.#order[position];
    this.#valueAt = memberAt(this.#bytes, this.#view, at, expected);
    if (this.#valueAt >= 0 && (expected !== BUCKET_ID || hasBucketId)) return expected;
    for (const token of hasBucketId ? MEMBERS_WITH_BUCKET : MEMBERS) {
      this.#valueAt = memberAt(this.#bytes, this.#view, at, token);
      if (this.#valueAt < 0) continue;
      this.#order[position] = token;
      return token;
    }
    return undefined;
  }

  #bucket(at: number): number {
    const end = idEnd(this.#bytes, at);
    if (end < 0 || this.#bucketId !== undefined) return -1;
    this.#bucketId = idBetween(this.#bytes, at, end);
    return this.#bucketId === undefined ? -1 : end;
  }

  #points(at: number, pointsMax: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OPEN_BRACKET) return -1;
    do {
      at = this.#point(skipSpace(bytes, at + 1), false);
      if (at < 0 || this.#rows.rowCount > pointsMax) return -1;
      at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    return bytes[at] === CLOSE_BRACKET ? at + 1 : -1;
  }

  #point(at: number, hasBucketId: boolean): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OPEN_BRACE) return -1;
    let source: RowSource | undefined;
    let time = Number.NaN;
    let path: Path | undefined;
    let metadata = -1;
    let hasMetadata = false;
    let position = 0;
    do {
      at = skipSpace(bytes, at + 1);
      if (position === MEMBERS_WITH_BUCKET.length) return -1;
      const member = this.#memberOf(at, position++, hasBucketId);
      at = this.#valueAt;
      if (member === VALUES) {
        if (path !== undefined) return -1;
        path = this.#values(at);
        if (path === undefined) return -1;
      } else if (member === SOURCE_ID) {
        if (source !== undefined) return -1;
        source = this.#source(at);
        if (source === undefined) return -1;
      } else if (member === TIMESTAMP) {
        if (!Number.isNaN(time)) return -1;
        time = this.#time(at);
        if (Number.isNaN(time)) return -1;
      } else if (member === METADATA) {
        if (hasMetadata) return -1;
        hasMetadata = true;
        metadata = this.#metadata(at);
      } else if (member === BUCKET_ID) this.#valueEnd = this.#bucket(at);
      else return -1;
      at = this.#valueEnd;
      if (at < 0) return -1;
      if (bytes[at] !== COMMA) at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    if (bytes[at] !== CLOSE_BRACE || source === undefined || path === undefined) return -1;
    this.#rows.add(source, Number.isNaN(time) ? this.#now : time, path, metadata);
    return at + 1;
  }

  #source(at: number): RowSource | undefined {
    const end = idEnd(this.#bytes, at);
    if (end < 0) return undefined;
    this.#valueEnd = end;
    const { predicted } = this.#index;
    if (predicted?.key.isAt(this.#view, at + 1)) {
      this.#index.follow(predicted);
      return predicted;
    }
    const id = idBetween(this.#bytes, at, end);
    return id === undefined ? undefined : this.#index.find(id);
  }

  #time(at: number): number {
    if (this.#bytes[at] === QUOTE) {
      const time = this.#times.parse(this.#bytes, this.#view, at);
      this.#valueEnd = this.#times.end;
      return time;
    }
    const time = parseTimestamp(parseNumber(this.#bytes, at));
    this.#valueEnd = numberEnd;
    return typeof time === 'number' ? time : Number.NaN;
  }

  /** The number of the text that the metadata is kept as, −1 for none; `#valueEnd` is −1 for a surprise. */
  #metadata(at: number): number {
    const bytes = this.#bytes;
    if (NULL.isAt(this.#view, at)) {
      this.#valueEnd = at + NULL.length;
      return -1;
    }
    const end = objectEnd(bytes, at);
    const text = end < 0 ? undefined : this.#metadataText(at, end);
    this.#valueEnd = text === undefined ? -1 : end;
    return text === undefined ? -1 : this.#rows.textIndex(text);
  }

  #metadataText(from: number, to: number): string | undefined {
    const isKept = to - from <= METADATA_KEPT_CHARACTERS_MAX;
    const key = isKept ? latin1(this.#bytes, from, to) : '';
    const known = isKept ? this.#metadataTexts.get(key) : undefined;
    if (known !== undefined) return known;
    const text = metadataOf(decodeText(this.#bytes, from, to));
    if (text === undefined || !isKept) return text;
    if (this.#metadataTexts.size >= METADATA_KEPT_MAX) this.#metadataTexts.clear();
    this.#metadataTexts.set(key, text);
    return text;
  }

  /** The path of the members of `values`, whose cells are in place; `#valueEnd` is behind them. */
  #values(at: number): Path | undefined {
    const bytes = this.#bytes;
    const view = this.#view;
    const rows = this.#rows;
    let { cells } = rows;
    let cell = rows.cellCount;
    let path = this.#root;
    if (bytes[at] !== OPEN_BRACE) return undefined;
    do {
      at = skipSpace(bytes, at + 1);
      let step = path.next;
      const start = at;
      let nameEnd = -1;
      if (step?.token.isAt(view, at)) at += step.token.length;
      else {
        step = undefined;
        nameEnd = plainStringEnd(bytes, at);
        if (nameEnd < 0) return undefined;
        at = skipSpace(bytes, nameEnd + 1);
        if (bytes[at] !== COLON) return undefined;
        at++;
      }
      let byte = bytes[at];
      if (byte <= 0x20) {
        at = skipSpace(bytes, at);
        byte = bytes[at];
      }
      let kind: ValueKind;
      let value: number;
      if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
        kind = 'number';
        // Short ones are read here, in whole numbers of 32 bits: a call for each would cost as much as they do.
        const first = at;
        let digits = 0;
        let digit = byte - 0x30;
        while (digit >= 0 && digit <= 9) {
          digits = (digits * 10 + digit) | 0;
          digit = bytes[++at] - 0x30;
        }
        const wholeCount = at - first;
        let fractionCount = 0;
        if (digit === -2) {
          digit = bytes[++at] - 0x30;
          while (digit >= 0 && digit <= 9) {
            digits = (digits * 10 + digit) | 0;
            digit = bytes[++at] - 0x30;
            fractionCount++;
          }
          // A point without digits is none.
          if (fractionCount === 0) return undefined;
        }
        const isShort = wholeCount > 0 && wholeCount + fractionCount < 10 && digit !== 0x15 && digit !== 0x35;
        if (isShort && (wholeCount === 1 || byte !== 0x30)) {
          value = fractionCount === 0 ? digits : digits / POWERS[fractionCount];
        } else {
          value = parseNumber(bytes, first);
          if (Number.isNaN(value)) return undefined;
          at = numberEnd;
        }
      } else {
        const other = this.#otherValue(at);
        if (other === undefined) return undefined;
        kind = other;
        value = this.#cell;
        at = this.#valueEnd;
      }
      if (step === undefined || step.kind !== kind) {
        step = this.#newStep(path, step?.name, start, nameEnd, kind);
        if (step === undefined) return undefined;
      }
      path = step.to;
      if (kind !== 'null') {
        if (cell === cells.length) {
          rows.reserve(cell + 1 - rows.cellCount);
          cells = rows.cells;
        }
        cells[cell++] = value;
      }
      if (bytes[at] !== COMMA) at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    if (bytes[at] !== CLOSE_BRACE || path.valueCount === 0) return undefined;
    this.#valueEnd = at + 1;
    return path;
  }

  /** A value that is no number: its cell is `#cell`, and `#valueEnd` behind it. */
  #otherValue(at: number): ValueKind | undefined {
    if (this.#bytes[at] === QUOTE) {
      const close = plainStringEnd(this.#bytes, at);
      const text = close < 0 ? undefined : decodeText(this.#bytes, at + 1, close);
      if (text === undefined || text.length > VALUE_CHARACTERS_MAX) return undefined;
      this.#cell = this.#rows.textIndex(text);
      this.#valueEnd = close + 1;
      return 'string';
    }
    if (TRUE.isAt(this.#view, at)) return this.#literal(at, TRUE, 1, 'boolean');
    if (FALSE.isAt(this.#view, at)) return this.#literal(at, FALSE, 0, 'boolean');
    return NULL.isAt(this.#view, at) ? this.#literal(at, NULL, 0, 'null') : undefined;
  }

  #literal(at: number, token: Token, cell: number, kind: ValueKind): ValueKind {
    this.#cell = cell;
    this.#valueEnd = at + token.length;
    return kind;
  }

  /**
   * @param known name where it was recognised; else it stands in quotes from `start` to `nameEnd`
   */
  #newStep(path: Path, known: string | undefined, start: number, nameEnd: number, kind: ValueKind) {
    const name = known ?? usualName(this.#bytes, start + 1, nameEnd);
    return name === undefined ? undefined : path.step(name, kind, encoder.encode(`"${name}":`));
  }
}

/** As it is stored; undefined where it is none that is taken. */
function metadataOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const stored = storedMetadata(JSON.parse(text));
    return 'text' in stored ? stored.text : undefined;
  } catch {
    return undefined;
  }
}
