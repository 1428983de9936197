/** Sentences about what does not come: "no data for 30 minutes". */
import { readDuration } from './durations.js';
import type { Sentence } from './sentence.js';
import type { Token } from './tokens.js';
import {
  ABSENCES,
  ARRIVALS,
  COPULAS,
  DATA,
  FOR,
  MISSING,
  NOTHING,
  SILENCES,
  SILENT_ONES,
  STOPS,
  VERBS,
  WITHIN,
} from './vocabulary.js';

/** Position after what says so; undefined where a sentence speaks of something else. */
export function silenceAt(tokens: readonly Token[], at: number): number | undefined {
  const absence = ABSENCES.at(tokens, at);
  const absent = absence && DATA.at(tokens, absence.end);
  const none = absent ?? NOTHING.at(tokens, at);
  if (none !== undefined) return ARRIVALS.skip(tokens, none.end);
  const data = DATA.at(tokens, at);
  if (data !== undefined) return MISSING.at(tokens, verbsAfter(tokens, data.end))?.end;
  const start = SILENT_ONES.at(tokens, at)?.end ?? at;
  return STOPS.at(tokens, start)?.end ?? SILENCES.at(tokens, verbsAfter(tokens, start))?.end;
}

function verbsAfter(tokens: readonly Token[], at: number): number {
  let end = at;
  for (let last = -1; last !== end; ) {
    last = end;
    end = VERBS.skip(tokens, COPULAS.skip(tokens, end));
  }
  return end;
}

/** Reads for how long. @throws ConditionError */
export function readSilence(sentence: Sentence, end: number): number {
  const from = sentence.at;
  sentence.at = end;
  const lasting = FOR.at(sentence.tokens, end) ?? WITHIN.at(sentence.tokens, end);
  if (lasting === undefined) {
    const what = sentence.quote(from, end);
    sentence.fail(
      `${what} for how long? Go on with a time such as "for 30 minutes", not with ${sentence.quote(end)}`,
    );
  }
  sentence.at = lasting.end;
  return readDuration(sentence);
}
