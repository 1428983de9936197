/** A data source as readers of bytes know it: found again without a look-up by text. */
import type { Layout } from '../../engine/batch.js';
import type { DataSource } from '../catalog/model.js';

export class RowSource {
  /** As the catalog has it; another record of the same source replaces this whole object. */
  readonly source: DataSource;
  readonly ordinal: number;
  /** The source that followed it last: most likely the next one. */
  next: this | undefined;
  /** The batch it was in last, and where. */
  batch = 0;
  index = 0;
  /** The layout whose types are known to be those of the source's fields. */
  checked: Layout | undefined;

  constructor(source: DataSource) {
    this.source = source;
    this.ordinal = source.ordinal;
  }
}
