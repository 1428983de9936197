/** Another store that does the same work: what has to be known of it. */
import { spawnSync } from 'node:child_process';
import type { SourceAnswer } from '../answer.js';
import type { RawAnswer } from '../connection.js';
import type { Question } from '../questions.js';
import type { Readings } from '../reference.js';
import type { PreparedBatch } from '../sender.js';

/** A piece of work by its name, which tables and databases are named after: `cpu`, `sensor`. */
export interface PeerWork {
  readonly name: string;
  readonly readings: readonly Readings[];
  readonly startTime: number;
  /** After the last reading. */
  readonly endTime: number;
}

/** One way in which points come in. */
export interface PeerPath {
  /** `json`, `line`, `columnar`, or its own name. */
  readonly name: string;
  /** Requests made beforehand. */
  encode(work: PeerWork): PreparedBatch[];
}

export interface PeerQuery {
  readonly request: Buffer;
  /** @throws Error where the answer is not one */
  decode(answer: RawAnswer): Map<number, SourceAnswer>;
}

export interface Launch {
  readonly flags: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Peer {
  readonly name: string;
  readonly title: string;
  readonly program: string;
  /** How it is installed. */
  readonly origin: string;
  /** Undefined where it is not installed. */
  version(): string | undefined;
  /**
   * How it is started, with its data in a directory of its own and on ports of its own.
   * @param atRest it shall bring its files into the form in which they stay
   */
  launch(directory: string, port: number, secondPort: number, atRest: boolean): Launch;
  /** Answers 2xx as soon as it takes requests. */
  readonly readyPath: string;
  /** What has to be there before the points. */
  prepare?(work: PeerWork): Buffer[];
  readonly paths: readonly PeerPath[];
  /** How many values it has, by its own count. */
  count(work: PeerWork): { readonly request: Buffer; decode(answer: RawAnswer): number };
  query(work: PeerWork, question: Question): PeerQuery;
  /** Sent after the points, where they would be found only seconds later. */
  readonly show?: Buffer;
  /** Sent before sizes are taken. */
  readonly flush?: Buffer;
  /** Whether it has to be started once more to come to rest. */
  readonly restsAfterRestart?: boolean;
  /** Where the bytes are that count, in its directory; all of it where absent. */
  storedIn?(directory: string): readonly string[];
}

/** Of a peer that is a package of Debian. */
export function ofDebian(name: string): Pick<Peer, 'origin' | 'version'> {
  return { origin: `apt-get install ${name}`, version: () => debianVersion(name) };
}

function debianVersion(name: string): string | undefined {
  const { status, stdout } = spawnSync('dpkg-query', ['--status', name]);
  if (status !== 0 || !/^Status: install ok installed$/m.test(stdout.toString())) return undefined;
  return /^Version: (\S+)$/m.exec(stdout.toString())?.[1];
}

/** @throws Error with the answer's text */
export function checkOk({ status, body }: RawAnswer): void {
  if (status < 200 || status > 299) throw new Error(`${status} ${body.toString('utf8', 0, 500)}`);
}

/** A series of `metric values by time` as Prometheus and its kin answer with → columns by source. */
export class AnswerBuilder {
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #answers = new Map<number, { timestamps: Float64Array; fields: Map<string, Float64Array> }>();

  constructor({ readings }: PeerWork) {
    this.#indexes = new Map(readings.map(({ source }, index) => [source, index]));
  }

  /** @throws Error where the source is unknown, or its fields have other times */
  add(source: string, field: string, timestamps: Float64Array, values: Float64Array): void {
    const index = this.#indexes.get(source);
    if (index === undefined) throw new Error(`There is a source ${source} that nobody asked for`);
    const answer = this.#answers.get(index);
    if (answer === undefined) this.#answers.set(index, { timestamps, fields: new Map([[field, values]]) });
    else {
      if (timestamps.some((time, row) => time !== answer.timestamps[row])) {
        throw new Error(`Fields of ${source} have different times`);
      }
      answer.fields.set(field, values);
    }
  }

  finish(): Map<number, SourceAnswer> {
    return this.#answers;
  }
}

export function formRequest(
  path: string,
  form: Readonly<Record<string, string>>,
): {
  readonly path: string;
  readonly body: Buffer;
  readonly contentType: string;
} {
  return {
    path,
    body: Buffer.from(String(new URLSearchParams(form))),
    contentType: 'application/x-www-form-urlencoded',
  };
}
