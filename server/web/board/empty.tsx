/** Where there is nothing yet: the one next thing to do, with its button. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Failure } from '../base/failure.js';
import { currentApi } from '../base/keys.js';
import { notice } from '../base/notices.js';
import { simulate, simulation, stopSimulation } from '../live/simulator.js';
import { openDashboard } from './board.js';
import { reload } from './loading.js';
import { NameDialog } from './name-dialog.js';
import { go, place, show } from './navigation.js';
import { type BucketName, currentBucket, mayWrite, openBucket, reloadBuckets } from './session.js';
import { whyNot } from './why-not.js';

export function NoBuckets() {
  const [isOpen, setOpen] = useState(false);
  const make = async (name: string) => {
    const { bucket } = await currentApi.peek().post<{ bucket: BucketName }>('/api/buckets', { name });
    await reloadBuckets();
    openBucket(bucket._id);
    setOpen(false);
  };
  return (
    <div class="empty">
      <h1>No buckets yet</h1>
      <p class="muted">A bucket holds sources that belong together, and has keys of its own.</p>
      <button type="button" class="button primary" onClick={() => setOpen(true)}>
        Make a bucket
      </button>
      {isOpen && (
        <NameDialog
          title="New bucket"
          name=""
          action="Make bucket"
          onName={make}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}

export function NoSuchBucket() {
  return (
    <div class="empty">
      <h1>This bucket does not open</h1>
      <p class="muted">It is not there any more, or your key is of another one.</p>
      <button type="button" class="button primary" onClick={() => openBucket(undefined)}>
        Open mine
      </button>
    </div>
  );
}

export function NoSuchDashboard() {
  const { panels } = place.value;
  return (
    <div class="empty">
      <h1>This dashboard is gone</h1>
      <p class="muted">Somebody has deleted it, or your key is of another bucket. The data is still there.</p>
      <div class="row">
        <button type="button" class="button primary" onClick={() => openDashboard(undefined)}>
          Open the overview
        </button>
        {panels !== undefined && (
          <button type="button" class="button" onClick={() => go({ dashboardId: undefined })}>
            Look at the panels in the link
          </button>
        )}
      </div>
    </div>
  );
}

/** For who cannot do the next thing. */
export function OthersFirst({ title }: { readonly title: string }) {
  return (
    <div class="empty">
      <h1>{title}</h1>
      <p class="muted">{whyNot()} Once a sensor sends to this bucket, it is here.</p>
    </div>
  );
}

export function NoSources() {
  if (!mayWrite.value) return <OthersFirst title="No sources yet" />;
  return (
    <div class="empty">
      <h1>No sources yet</h1>
      <p class="muted">
        A source is one thing that measures. Nothing at hand? A simulated sensor sends a day of temperature,
        humidity and pressure, and then a point a second while this tab is open.
      </p>
      <SimulationButtons>
        <button type="button" class="button" onClick={() => show('sources')}>
          Add a source
        </button>
      </SimulationButtons>
    </div>
  );
}

/** Starts the simulated sensor. @param children what can be done in the place of it */
export function SimulationButtons({ children }: { readonly children: ComponentChildren }) {
  const [failure, setFailure] = useState<unknown>(undefined);
  const bucketId = currentBucket.value?._id ?? '';
  const running = simulation.value;
  const begin = async () => {
    setFailure(undefined);
    try {
      await simulate(currentApi.peek(), bucketId, notice);
      // Whoever has signed out meanwhile looks at it no more.
      if (currentBucket.peek()?._id === bucketId) await reload(bucketId);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      {running === undefined ? (
        <div class="row">
          <button type="button" class="button primary" onClick={() => void begin()}>
            Start the simulated sensor
          </button>
          {children}
        </div>
      ) : (
        <div class="row">
          <progress max={1} value={running.progress} aria-label="Sending a day of points" />
          <button type="button" class="button" onClick={stopSimulation}>
            Stop
          </button>
        </div>
      )}
      {failure !== undefined && <Failure error={failure} />}
    </>
  );
}

/** As long as it sends. */
export function SimulationStrip() {
  const running = simulation.value;
  if (running === undefined || running.progress < 1) return null;
  return (
    <p class="strip">
      <span class="dot live" />
      <span>{running.name} sends a point a second</span>
      <button type="button" class="button" onClick={stopSimulation}>
        Stop
      </button>
    </p>
  );
}
