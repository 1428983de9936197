import { useState } from 'preact/hooks';
import { Failure } from '../../base/failure.js';
import { FormDialog } from '../../base/form.js';
import { Icon } from '../../base/icon.js';
import { notice } from '../../base/notices.js';
import type { AlertRule, DataSource } from '../../base/types.js';
import { viewHash } from '../../board/location.js';
import { Ago, Button } from '../parts.js';
import { bucketPath, type ExploreProps, mayWrite } from '../props.js';
import { Deliveries } from './deliveries.js';
import { History } from './history.js';
import { RuleDialog } from './rule-form.js';
import { stateWords } from './rule-words.js';

export interface RuleProps extends ExploreProps {
  readonly rule: AlertRule;
  readonly source: DataSource | undefined;
  readonly sources: readonly DataSource[];
  readonly hasSourceName: boolean;
  readonly onRules: (secret?: string) => void;
}

export function Rule(props: RuleProps) {
  const { rule, source, hasSourceName, timezone } = props;
  const [isOpen, setOpen] = useState(false);
  const words = stateWords(rule.state);
  return (
    <li>
      <button type="button" class="rule" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span class={`badge ${words.kind}`}>
          <Icon name={words.icon} />
          {words.text}
        </span>
        <span class="rule-name">
          <strong>{rule.name}</strong>
          <span class="muted">{rule.condition}</span>
        </span>
        <span class="muted small rule-last">
          {rule.lastTriggeredAt === null ? (
            'has not fired'
          ) : (
            <>
              fired <Ago time={rule.lastTriggeredAt} timezone={timezone} />
            </>
          )}
        </span>
        <Icon name="chevron" />
      </button>
      {hasSourceName && source !== undefined && (
        <p class="rule-source small">
          on <a href={viewHash('source', source._id)}>{source.name}</a>
        </p>
      )}
      {isOpen && <Details {...props} />}
    </li>
  );
}

function Details(props: RuleProps) {
  const { api, rule, onRules } = props;
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const [error, setError] = useState<unknown>();
  const close = () => setOpen(undefined);
  const path = bucketPath(props, `/alerts/${rule._id}`);
  const isPaused = rule.status === 'paused';
  const toggle = () => {
    setError(undefined);
    const status = isPaused ? 'active' : 'paused';
    api.patch(path, { status }).then(() => onRules(), setError);
  };
  const remove = async () => {
    await api.delete(path);
    notice(`${rule.name} deleted`);
    onRules();
  };
  return (
    <div class="rule-details">
      {mayWrite(props) && (
        <div class="actions">
          <Button icon="edit" onClick={() => setOpen('edit')}>
            Edit
          </Button>
          <Button icon={isPaused ? 'play' : 'clock'} onClick={toggle}>
            {isPaused ? 'Resume' : 'Pause'}
          </Button>
          <Button icon="trash" kind="danger" onClick={() => setOpen('delete')}>
            Delete
          </Button>
        </div>
      )}
      {error !== undefined && <Failure error={error} />}
      <p class="muted small">
        After it has fired, it is silent for {rule.cooldownMinutes} min.
        {rule.webhookUrl === null && ' What it does is recorded, and sent nowhere.'}
      </p>
      <History {...props} />
      {rule.webhookUrl !== null && <Deliveries {...props} />}
      {open === 'edit' && <RuleDialog {...props} onClose={close} onSaved={onRules} />}
      {open === 'delete' && (
        <FormDialog title="Delete this rule?" action="Delete" isDanger onSubmit={remove} onClose={close}>
          <p>
            <strong>{rule.name}</strong> and its history are gone for good. A rule that is paused keeps both.
          </p>
        </FormDialog>
      )}
    </div>
  );
}
