/** The whole flow at the press of a button, from a bucket to its analytics. */
import { useSignal } from '@preact/signals';
import { Confirm } from '../../base/dialog.js';
import { Failure } from '../../base/failure.js';
import { millisecondsText } from '../../base/format.js';
import { Icon } from '../../base/icon.js';
import { currentKey, keepKey, keyType } from '../../base/keys.js';
import { notice } from '../../base/notices.js';
import { openKeys } from '../key-box.js';
import { keptKeys } from '../key-ring.js';
import { Method } from '../navigation.js';
import { changeForm, operationAt } from '../state.js';
import { DayCharts } from './day-charts.js';
import { deleteTourBucket, runTour, type ShownStep, stopTour, tour } from './run.js';

export function TourView() {
  const { state, steps, day } = tour.value;
  return (
    <article class="tour">
      <header class="head">
        <h1>The whole tour</h1>
        <p class="muted description">
          From a bucket to its analytics: a simulated sensor sends a day of readings, which are queried,
          watched and drawn. Each request is sent as its form would send it, and opens there.
        </p>
      </header>
      <Controls />
      <ol class="tour-steps">
        {steps.map((shown, index) => (
          <StepItem key={index} shown={shown} number={index + 1} />
        ))}
      </ol>
      <div class="result">
        {day === undefined ? <p class="to-come muted">The day is drawn here</p> : <DayCharts day={day} />}
        {state !== 'runs' && <Left />}
      </div>
    </article>
  );
}

function Controls() {
  const { state } = tour.value;
  if (state === 'runs') {
    return (
      <div class="actions">
        <button type="button" class="button" onClick={stopTour}>
          <Icon name="close" /> Stop
        </button>
      </div>
    );
  }
  if (keyType(currentKey.value) !== 'admin') return <NoAdminKey />;
  return (
    <div class="actions">
      <button type="button" class="button primary" onClick={() => runTour(currentKey.value)}>
        <Icon name="play" /> {state === 'idle' ? 'Run the tour' : 'Run it again'}
      </button>
      <span class="muted small" role="status">
        {state === 'idle' && 'It makes a bucket of its own, and touches no other.'}
        {state === 'stopped' && 'Stopped.'}
        {state === 'failed' && 'A request was refused: open it to see why.'}
      </span>
    </div>
  );
}

function NoAdminKey() {
  const admin = keptKeys.value.find(({ key }) => keyType(key) === 'admin');
  return (
    <div class="actions">
      <span class="badge warn">
        <Icon name="key" /> needs an Admin key
      </span>
      {admin === undefined ? (
        <button type="button" class="button primary" onClick={openKeys}>
          Enter an Admin key
        </button>
      ) : (
        <button type="button" class="button primary" onClick={() => keepKey(admin.key)}>
          Use {admin.name}
        </button>
      )}
    </div>
  );
}

function StepItem({ shown, number }: { readonly shown: ShownStep; readonly number: number }) {
  const { step, state, answer, note, typed } = shown;
  const [method, path] = step.route.split(' ');
  const operation = operationAt(step.route);
  const open = () => {
    if (operation !== undefined && typed !== undefined) changeForm(operation.id, typed);
  };
  return (
    <li class={`tour-step ${state}`} aria-current={state === 'runs' ? 'step' : undefined}>
      <span class="order">{state === 'done' ? <Icon name="check" /> : number}</span>
      <span class="what">
        <span>
          {step.text}
          {note !== undefined && <span class="muted">: {note}</span>}
        </span>
        <a class="small" href={`#${operation?.id}`} onClick={open}>
          <Method name={method} /> <code>{path}</code>
        </a>
      </span>
      <span class="figures small">
        {answer !== undefined && (
          <>
            <span class={state === 'done' ? 'good' : 'bad'}>
              {answer.status === 0 ? 'no answer' : `${answer.status} ${answer.statusText}`}
            </span>
            <span class="muted">{millisecondsText(answer.milliseconds)}</span>
          </>
        )}
      </span>
    </li>
  );
}

/** What the tour leaves behind, and how to be rid of it. */
function Left() {
  const asks = useSignal(false);
  const error = useSignal<unknown>(undefined);
  const { bucket } = tour.value;
  if (bucket === undefined) return null;
  const remove = async () => {
    asks.value = false;
    try {
      await deleteTourBucket(adminKey());
      notice(`${bucket.name} deleted`);
    } catch (reason) {
      error.value = reason;
    }
  };
  return (
    <div class="tour-left">
      <p>
        The bucket <strong>{bucket.name}</strong> is there now, and fills the forms.
      </p>
      <button
        type="button"
        class="button danger"
        onClick={() => {
          asks.value = true;
        }}
      >
        <Icon name="trash" /> Delete it
      </button>
      {error.value !== undefined && <Failure error={error.value} />}
      {asks.value && (
        <Confirm
          title="Delete the bucket of the tour?"
          text={`${bucket.name} goes with its keys, its data source, its points and its rule.`}
          action="Delete"
          onConfirm={remove}
          onClose={() => {
            asks.value = false;
          }}
        />
      )}
    </div>
  );
}

function adminKey(): string {
  const isAdmin = (key: string) => keyType(key) === 'admin';
  return isAdmin(currentKey.value)
    ? currentKey.value
    : (keptKeys.value.find(({ key }) => isAdmin(key))?.key ?? '');
}
