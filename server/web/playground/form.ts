/** A form as it is shown: what was typed, and known ids and examples where nothing was. Nothing here knows of a page. */
import type { Operation, Parameter } from './document.js';
import { fillIn, type KnownIds } from './ids.js';

/** What was typed or chosen. */
export interface Typed {
  /** By name of the parameter. */
  readonly values: Readonly<Record<string, string>>;
  /** Name of the example of the body; the first where it is not given. */
  readonly example?: string;
  /** Undefined until the body is changed. */
  readonly body?: string;
}

export const UNTOUCHED: Typed = { values: {} };

export interface ShownForm {
  /** By name of the parameter; '' where there is nothing. */
  readonly values: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Names of ids that were filled into the body. */
  readonly used: readonly string[];
  /** Names that the body still has in braces. */
  readonly missing: readonly string[];
}

export function shownForm(operation: Operation, typed: Typed, ids: KnownIds): ShownForm {
  const values = Object.fromEntries(
    operation.parameters.map(parameter => [
      parameter.name,
      typed.values[parameter.name] ?? suggestion(parameter, ids),
    ]),
  );
  if (operation.body === undefined) return { values, used: [], missing: [] };
  if (typed.body !== undefined) {
    return { values, body: typed.body, used: [], missing: fillIn(typed.body, {}).missing };
  }
  const { examples } = operation.body;
  const example = examples.find(({ name }) => name === typed.example) ?? examples[0];
  const { text, used, missing } = fillIn(example?.text ?? '', ids);
  return { values, body: text, used, missing };
}

function suggestion({ name, example }: Parameter, ids: KnownIds): string {
  const known = ids[name]?.[0];
  if (known !== undefined) return known.id;
  const { text, missing } = fillIn(example ?? '', ids);
  return missing.length === 0 ? text : '';
}

/** Why a value cannot be sent where it stands; undefined where it can. */
export function pathFault({ place }: Parameter, value: string): string | undefined {
  if (place !== 'path') return undefined;
  if (value === '') return 'Needed';
  // Browsers resolve these, however they are written: another path would be called than the one shown.
  if (/^(\.|%2e){1,2}$/i.test(value)) return 'Dots alone change the path';
  return undefined;
}
