/** Every ledger of a data directory. */
import { RecordType } from '../../wal/records.js';

export interface LedgerFile {
  /** The snapshot is `<name>.snapshot` in the data directory. */
  readonly name: string;
  /** The first eight bytes of the snapshot. */
  readonly magic: string;
  /** Of the records that carry its changes. */
  readonly type: RecordType;
}

export const CATALOG_FILE: LedgerFile = { name: 'catalog', magic: 'DKCATLOG', type: RecordType.catalog };
export const ALERTS_FILE: LedgerFile = { name: 'alerts', magic: 'DKALERTS', type: RecordType.alerts };
export const DELIVERIES_FILE: LedgerFile = {
  name: 'deliveries',
  magic: 'DKDELIVR',
  type: RecordType.deliveries,
};
export const USAGE_FILE: LedgerFile = { name: 'usage', magic: 'DKUSAGES', type: RecordType.usage };
/** Its changes are the marks of points. */
export const IDEMPOTENCY_FILE: LedgerFile = {
  name: 'idempotency',
  magic: 'DKIDEMPO',
  type: RecordType.markedPoints,
};

export const LEDGER_FILES: readonly LedgerFile[] = [
  CATALOG_FILE,
  ALERTS_FILE,
  DELIVERIES_FILE,
  USAGE_FILE,
  IDEMPOTENCY_FILE,
];
