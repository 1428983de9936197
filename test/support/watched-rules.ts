/** Rules at work over the reference storage, a log in memory and a clock in the hands of the test. */

import { Alerts } from '../../server/alerts/alerts.js';
import type { Condition } from '../../server/alerts/condition.js';
import type { Notification } from '../../server/alerts/notification.js';
import { Catalog } from '../../server/catalog/catalog.js';
import type { AlertRule, Bucket, DataSource } from '../../server/catalog/model.js';
import { type Point, sourceBatchOf } from './columns.js';
import { FakeDisk } from './fake-disk.js';
import { MemoryLog } from './memory-log.js';
import { ReferenceStorage } from './reference-storage.js';

export interface RuleOptions {
  readonly condition: Condition;
  readonly source?: DataSource;
  readonly cooldownMinutes?: number;
  readonly name?: string;
  readonly hasWebhook?: boolean;
}

export const START = Date.UTC(2024, 0, 15);

export class WatchedRules {
  readonly log = new MemoryLog();
  storage = new ReferenceStorage();
  readonly errors: object[] = [];
  readonly #told: Notification[] = [];
  now = START;
  bucket!: Bucket;
  source!: DataSource;
  catalog!: Catalog;
  alerts!: Alerts;
  readonly #disk = new FakeDisk();

  static async open(): Promise<WatchedRules> {
    const rules = new WatchedRules();
    rules.#disk.put('/data/keep', new Uint8Array(1));
    await rules.restart();
    await rules.catalog.bootstrap();
    rules.bucket = await rules.catalog.createBucket({ name: 'b', description: null, retentionDays: null });
    rules.source = await rules.newSource('attic');
    return rules;
  }

  /** As after a crash: all that is not in the log or a snapshot is gone. */
  async restart(): Promise<void> {
    this.commit();
    const clock = { now: () => this.now };
    // Whoever listened before listens no more.
    this.storage = this.storage.withoutListeners();
    const files = { disk: this.#disk, directory: '/data', clock };
    this.catalog = await Catalog.open(files);
    const logger = { error: (context: object) => this.errors.push(context) };
    this.alerts = await Alerts.open({ ...files, catalog: this.catalog, storage: this.storage, logger });
    this.log.replayTo(this.catalog.participant);
    this.log.replayTo(this.alerts.participant);
    this.catalog.start(this.log);
    this.alerts.start(this.log, {
      put: async notifications => {
        this.#told.push(...notifications);
      },
    });
    await this.alerts.caughtUp();
  }

  newSource(name: string): Promise<DataSource> {
    const source = { name, type: 'sensor', description: null, fields: [], downsampling: true };
    return this.catalog.createSource(this.bucket.id, source);
  }

  async newRule(options: RuleOptions): Promise<AlertRule> {
    const {
      condition,
      source = this.source,
      cooldownMinutes = 0,
      name = 'rule',
      hasWebhook = true,
    } = options;
    const rule = this.catalog.createRule(this.bucket.id, {
      sourceId: source.id,
      name,
      condition: JSON.stringify(condition),
      parsedCondition: condition,
      webhook: hasWebhook ? { url: 'https://example.com/', secret: 'whsec_eA==' } : null,
      cooldownMinutes,
    });
    this.alerts.refresh(source.ordinal);
    await this.alerts.caughtUp();
    return rule;
  }

  /** A batch of one source. */
  async store(points: readonly Point[], source = this.source): Promise<void> {
    await this.storage.append({ sources: [sourceBatchOf(source.ordinal, points)] });
  }

  /** What rules tell waits a moment for more. */
  commit(): void {
    this.alerts?.record('');
  }

  /** What was told, in order, the same more than once where it was. */
  get told(): readonly Notification[] {
    this.commit();
    return this.#told;
  }

  /** What was told of a rule, in short: `T` and `R` with the value, as `T31 R29`. */
  toldOf(rule: AlertRule): string {
    return this.told
      .filter(({ ruleId }) => ruleId === rule.id)
      .map(({ event, data }) => `${event === 'alert.triggered' ? 'T' : 'R'}${data.currentValue ?? ''}`)
      .join(' ');
  }

  phaseOf(rule: AlertRule): string | undefined {
    return this.alerts.record(rule.id)?.machine.phase;
  }

  /** Passes time, a second at a time, as the timer would. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.now += 1_000;
      this.alerts.tick();
    }
  }
}
