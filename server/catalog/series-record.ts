/**
 * New sources of series, as a record of the log carries them. Whoever begins to send lines brings a hundred thousand
 * at once: what they have in common stands in the record once, which makes it a tenth of what as many changes would be.
 */
import { assert } from '../../engine/base/assert.js';
import type { DataSource, FieldDeclaration } from './model.js';
import { nameOfSeries } from './series.js';

export interface PackedSeries {
  readonly kind: 'series';
  readonly bucketId: string;
  readonly createdAt: number;
  /** Of the first; those that follow have those that follow. */
  readonly ordinal: number;
  readonly fieldLists: readonly (readonly FieldDeclaration[])[];
  /** Of each source in turn: id, key, index of its list of fields. */
  readonly members: readonly (string | number)[];
}

const MEMBERS_PER_SOURCE = 3;
const SERIES_TYPE = 'influx';

/** What a source of a series is, but for what is its own. */
export function seriesSource(
  own: Pick<DataSource, 'id' | 'ordinal' | 'bucketId' | 'fields' | 'createdAt'>,
  series: string,
): DataSource {
  return {
    id: own.id,
    ordinal: own.ordinal,
    bucketId: own.bucketId,
    name: nameOfSeries(series),
    type: SERIES_TYPE,
    description: null,
    fields: own.fields,
    downsampling: true,
    status: 'active',
    createdAt: own.createdAt,
    updatedAt: own.createdAt,
    series,
  };
}

/** @param sources as `seriesSource` makes them, of one bucket and time, with ordinals one after another */
export function packSeries(sources: readonly DataSource[]): PackedSeries {
  const [{ bucketId, createdAt, ordinal }] = sources;
  const lists = new Map<readonly FieldDeclaration[], number>();
  const members: (string | number)[] = [];
  for (const [index, source] of sources.entries()) {
    assert(source.ordinal === ordinal + index, 'ordinals follow one another');
    assert(source.bucketId === bucketId && source.createdAt === createdAt, 'they come about together');
    let list = lists.get(source.fields);
    if (list === undefined) {
      list = lists.size;
      lists.set(source.fields, list);
    }
    members.push(source.id, source.series as string, list);
  }
  return { kind: 'series', bucketId, createdAt, ordinal, fieldLists: [...lists.keys()], members };
}

export function unpackSeries(packed: PackedSeries): DataSource[] {
  const { bucketId, createdAt, fieldLists, members } = packed;
  const sources: DataSource[] = [];
  for (let at = 0; at < members.length; at += MEMBERS_PER_SOURCE) {
    const [id, key, list] = members.slice(at, at + MEMBERS_PER_SOURCE) as [string, string, number];
    const ordinal = packed.ordinal + sources.length;
    sources.push(seriesSource({ id, ordinal, bucketId, fields: fieldLists[list], createdAt }, key));
  }
  return sources;
}
