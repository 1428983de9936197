/** Pictograms of 16 × 16, drawn in the colour of the text. Beside words, or in buttons that have a name of their own. */

const PATHS = {
  add: 'M8 3v10M3 8h10',
  alert: 'M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3',
  bucket: 'M3 4.5c0-3 10-3 10 0L12 13c-.5 1-7.5 1-8 0zM3 4.5c0 2 10 2 10 0',
  check: 'm3 8.5 3.5 3.5L13 4.5',
  chevron: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.5V8l2.5 1.5',
  close: 'm4 4 8 8M12 4l-8 8',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  download: 'M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10',
  edit: 'm3 13 .7-3L10.5 3.200l2.300 2.300L6 12.300z',
  grip: 'M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01',
  history: 'M3 8a5 5 0 1 1 1.5 3.5M3 4.5V8h3.5M8 5.5V8l2 1.5',
  key: 'M6 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8 8.200 13 3.5M11 5.300l2 2',
  live: 'M8 9a1 1 0 1 0 0-2 1 1 0 0 0 0 2zM5 5a4.200 4.200 0 0 0 0 6M11 5a4.200 4.200 0 0 1 0 6M3 3a7 7 0 0 0 0 10M13 3a7 7 0 0 1 0 10',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  play: 'M5 3.5v9l7-4.5z',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3',
  share: 'M6.5 9.5l3-3M7 5l2-2a2.5 2.5 0 0 1 4 4l-2 2M9 11l-2 2a2.5 2.5 0 0 1-4-4l2-2',
  sun: 'M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9',
  upload: 'M8 11V3M4.5 6.5 8 3l3.5 3.5M3 13.5h10',
  user: 'M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3.5 13.5c0-5 9-5 9 0',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
