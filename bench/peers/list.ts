import { clickhouse } from './clickhouse.js';
import { duckdb } from './duckdb.js';
import { influxdb } from './influxdb.js';
import type { Peer } from './peer.js';
import { prometheus } from './prometheus.js';
import { victoriaMetrics } from './victoria-metrics.js';

const PEERS: readonly Peer[] = [victoriaMetrics, influxdb, prometheus, clickhouse, duckdb];

/** @param names separated by commas @throws Error that names those there are */
export function peersOf(names: string): Peer[] {
  return names.split(',').map(name => {
    const peer = PEERS.find(peer => peer.name === name.trim());
    if (peer === undefined) {
      throw new Error(`There is no peer ${name}: they are ${PEERS.map(peer => peer.name).join(', ')}`);
    }
    return peer;
  });
}
