/** What is done with dashboards. None of it pulls anybody back who has gone elsewhere while the server took its time. */
import { signal } from '@preact/signals';
import { ApiFailure, messageOf } from '../base/api.js';
import { notice } from '../base/notices.js';
import { boardBody, openDashboard, panels } from './board.js';
import { place } from './navigation.js';
import {
  createDashboard,
  type Dashboard,
  deleteDashboard,
  loadDashboard,
  savedDashboard,
  updateDashboard,
} from './saved.js';
import { currentBucket } from './session.js';

/** What has to be asked, or told, before anything else is done. */
export type Question = 'save-as' | 'rename' | 'delete' | 'conflict';

/** @param name that is wanted, where it is not the one that it has */
export type Ask = (question: Question | undefined, name?: string) => void;

/** Two at once would conflict with each other. */
export const isSaving = signal(false);

let newestWish = 0;

/** @param id undefined for the Overview */
export async function open(id: string | undefined): Promise<void> {
  const wish = ++newestWish;
  const isStillThere = stay();
  try {
    const found = id === undefined ? undefined : await loadDashboard(id);
    if (wish === newestWish && isStillThere()) openDashboard(found);
  } catch (error) {
    if (wish === newestWish && isStillThere()) notice(messageOf(error));
  }
}

export async function save(ask: Ask): Promise<void> {
  const saved = savedDashboard.peek();
  if (saved === undefined) return ask('save-as');
  if (isSaving.peek()) return;
  const isStillThere = stay();
  const body = boardBody(saved.name);
  try {
    const answer = await alone(() => updateDashboard(saved, { ...body, revision: saved.revision }));
    if (isStillThere()) takeOver(answer, body.panels);
    notice('Saved');
  } catch (error) {
    if (!isStillThere()) return notice(`${saved.name} was not saved: ${messageOf(error)}`);
    if (isConflict(error)) return ask('conflict');
    if (!isGone(error)) return notice(messageOf(error));
    notice(`Somebody has deleted ${saved.name} meanwhile. Yours can be kept under a name.`);
    ask('save-as');
  }
}

/** @throws (rejects) ApiFailure */
export async function saveAs(bucketId: string, name: string): Promise<void> {
  await replaceBy(() => createDashboard(bucketId, boardBody(name)));
  notice('Saved');
}

/** @throws (rejects) ApiFailure, but for that of a conflict, which is a question */
export async function rename(saved: Dashboard, name: string, ask: Ask): Promise<void> {
  try {
    // Without its revision the next Save would replace what another has saved since, and nobody would know.
    const answer = await alone(() => updateDashboard(saved, { name, revision: saved.revision }));
    if (savedDashboard.peek()?._id === answer._id) savedDashboard.value = answer;
    ask(undefined);
  } catch (error) {
    if (!isConflict(error)) throw error;
    ask('conflict', name);
  }
}

/** Whatever it has become meanwhile. @throws (rejects) ApiFailure */
export async function replaceTheirs(saved: Dashboard, name: string): Promise<void> {
  await replaceBy(() => updateDashboard(saved, boardBody(name)));
  notice('Saved');
}

/** @throws (rejects) ApiFailure */
export async function openTheirs({ _id }: Dashboard): Promise<void> {
  await replaceBy(() => loadDashboard(_id));
  notice('Opened as it is saved');
}

export async function remove(saved: Dashboard): Promise<void> {
  const isStillThere = stay();
  try {
    await deleteDashboard(saved);
  } catch (error) {
    if (!isGone(error)) return notice(messageOf(error));
  }
  if (isStillThere()) openDashboard(undefined);
  notice('Deleted');
}

/** @returns whether nobody has gone to another dashboard since */
function stay(): () => boolean {
  const { dashboardId } = place.peek();
  const bucketId = currentBucket.peek()?._id;
  return () => place.peek().dashboardId === dashboardId && currentBucket.peek()?._id === bucketId;
}

async function alone(write: () => Promise<Dashboard>): Promise<Dashboard> {
  isSaving.value = true;
  try {
    return await write();
  } finally {
    isSaving.value = false;
  }
}

async function replaceBy(act: () => Promise<Dashboard>): Promise<void> {
  const isStillThere = stay();
  const dashboard = await alone(act);
  if (isStillThere()) openDashboard(dashboard);
}

/** Panels that were changed again meanwhile are changes of what is saved now. */
function takeOver(answer: Dashboard, sent: Dashboard['panels']): void {
  if (JSON.stringify(panels.peek()) === JSON.stringify(sent)) openDashboard(answer);
  else savedDashboard.value = answer;
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 409;
}

function isGone(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 404;
}
