/** Which key an operation needs, whether the one in use will do, and the one that does. */
import { Icon } from '../base/icon.js';
import { currentKey, keepKey, keyType, maskedKey } from '../base/keys.js';
import type { Operation } from './document.js';
import type { ShownForm } from './form.js';
import { mayCall, NEEDS } from './hints.js';
import { openKeys } from './key-box.js';
import { currentKept, type KeptKey, keptKeys } from './key-ring.js';
import { operationAt } from './state.js';

export function KeyNeedLine({
  operation,
  form,
}: {
  readonly operation: Operation;
  readonly form: ShownForm;
}) {
  const need = operation.key;
  if (need === 'anyone') return <span class="badge">needs no key</span>;
  const fault = keyProblem(operation, form);
  if (fault === undefined) {
    return (
      <span class="badge good">
        <Icon name="check" />
        {NEEDS[need]}
      </span>
    );
  }
  return (
    <span class="key-need">
      <span class="badge warn">
        <Icon name="key" />
        needs {NEEDS[need]}
      </span>
      <span class="small muted">{fault}</span>
      <WayOut operation={operation} form={form} />
    </span>
  );
}

function keyProblem({ key: need }: Operation, form: ShownForm): string | undefined {
  const key = currentKey.value;
  if (key === '') return 'No key yet.';
  const type = keyType(key);
  if (!mayCall(need, type)) return `The one in use is a ${type ?? 'text that is no'} key.`;
  const bucket = currentKept.value?.bucket;
  const asked = form.values.bucketId;
  if (bucket && asked && bucket.id !== asked) return `The one in use is of ${bucket.name}.`;
  return undefined;
}

function WayOut({ operation, form }: { readonly operation: Operation; readonly form: ShownForm }) {
  const fitting = keptKeys.value.find(kept => fits(operation, form, kept));
  if (fitting !== undefined) {
    return (
      <button type="button" class="button" onClick={() => keepKey(fitting.key)}>
        Use <code>{maskedKey(fitting.key)}</code>
      </button>
    );
  }
  const maker = operationAt('POST /api/buckets/{bucketId}/keys');
  const canMake = operation.key !== 'admin' && keyType(currentKey.value) === 'admin' && maker !== undefined;
  if (canMake) {
    return (
      <a class="button" href={`#${maker.id}`}>
        Create one
      </a>
    );
  }
  return (
    <button type="button" class="button" onClick={openKeys}>
      Enter one
    </button>
  );
}

function fits({ key: need }: Operation, form: ShownForm, { key, bucket }: KeptKey): boolean {
  const asked = form.values.bucketId ?? '';
  return mayCall(need, keyType(key)) && (bucket === null || asked === '' || bucket.id === asked);
}
