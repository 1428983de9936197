/** JSON in light colours, of text nodes only. */
import { jsonTokens } from './json-text.js';

/** More would make thousands of nodes. */
export const COLOURED_CHARACTERS_MAX = 30_000;

export function ColouredJson({ text }: { readonly text: string }) {
  if (text.length > COLOURED_CHARACTERS_MAX) return <>{text}</>;
  return (
    <>
      {jsonTokens(text).map(({ kind, text: part }, index) =>
        kind === 'space' || kind === 'sign' ? (
          part
        ) : (
          <span key={index} class={`token-${kind}`}>
            {part}
          </span>
        ),
      )}
    </>
  );
}
