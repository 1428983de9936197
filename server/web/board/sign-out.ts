import { batch } from '@preact/signals';
import { forgetKeys } from '../base/keys.js';
import { stopSimulation } from '../live/simulator.js';
import { savedDashboard } from './saved.js';
import { openBucket, session } from './session.js';

/** Nothing is left for whoever comes next: neither keys, nor what was looked at, nor what goes on by itself. */
export function signOut(): void {
  stopSimulation();
  batch(() => {
    forgetKeys();
    session.value = undefined;
    savedDashboard.value = undefined;
    openBucket(undefined);
  });
}
