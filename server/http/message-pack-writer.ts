/**
 * MessagePack, written as the bytes it is sent as. The library packs objects, and none of them is -0; as maps, which it
 * needs where names are any names, 86,400 rows took it ten times as long.
 */
import { startAnswer, withRoom } from './answer-bytes.js';

const FIXED_TEXT_BYTES_MAX = 31;

/** Its methods throw ANSWER_TOO_LARGE where there is no more room. */
export class MessagePackWriter {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  /** @param expected bytes of the answer, about */
  constructor(expected = 0) {
    this.#bytes = startAnswer(expected);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What was written. Nothing may be written after it. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A map of so many members: names and values are to follow in turn. */
  map(size: number): void {
    if (size < 16) this.#byte(0x80 | size);
    else this.#header(0xdf, size);
  }

  /** An array of so many items, which are to follow. */
  array(length: number): void {
    if (length < 16) this.#byte(0x90 | length);
    else this.#header(0xdd, length);
  }

  /** Members of an object, whatever their names. */
  members<Member>(
    members: readonly (readonly [string, Member])[],
    writeMember: (member: Member) => void,
  ): void {
    this.map(members.length);
    for (const [name, member] of members) {
      this.text(name);
      writeMember(member);
    }
  }

  text(text: string): void {
    if (text.length <= FIXED_TEXT_BYTES_MAX && this.#shortText(text)) return;
    const byteLength = Buffer.byteLength(text);
    this.#header(0xdb, byteLength);
    this.#reserve(byteLength);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Whole numbers of 32 bits as such, all others, -0 among them, as float64. */
  number(value: number): void {
    if (value >>> 0 === value && !Object.is(value, -0)) {
      if (value < 0x80) this.#byte(value);
      else this.#header(0xce, value);
      return;
    }
    this.#reserve(9);
    if ((value | 0) === value && value < 0) {
      this.#bytes[this.#length] = 0xd2;
      this.#view.setInt32(this.#length + 1, value);
      this.#length += 5;
      return;
    }
    this.#bytes[this.#length] = 0xcb;
    this.#view.setFloat64(this.#length + 1, value);
    this.#length += 9;
  }

  binary(bytes: Uint8Array): void {
    this.#header(0xc6, bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Anything that JSON can say. */
  value(value: unknown): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (value === null) this.#byte(0xc0);
    else if (Array.isArray(value)) {
      this.array(value.length);
      for (const item of value) this.value(item);
    } else this.#object(value as Record<string, unknown>);
  }

  #object(object: Record<string, unknown>): void {
    const names = Object.keys(object);
    this.map(names.length);
    for (const name of names) {
      this.text(name);
      this.value(object[name]);
    }
  }

  /** False, with nothing written, where it is not ASCII. */
  #shortText(text: string): boolean {
    const { length } = text;
    this.#reserve(length + 1);
    const start = this.#length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      this.#bytes[start + 1 + index] = code;
    }
    this.#bytes[start] = 0xa0 | length;
    this.#length = start + 1 + length;
    return true;
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  #header(code: number, size: number): void {
    this.#reserve(5);
    this.#bytes[this.#length] = code;
    this.#view.setUint32(this.#length + 1, size);
    this.#length += 5;
  }

  #reserve(byteCount: number): void {
    const bytes = withRoom(this.#bytes, this.#length, byteCount);
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
