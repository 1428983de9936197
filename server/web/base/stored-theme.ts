/** What was chosen on this machine; undefined where the system decides. */
export type Theme = 'light' | 'dark';

const NAME = 'dakkio.theme';

export function storedTheme(): Theme | undefined {
  const stored = localStorage.getItem(NAME);
  return stored === 'light' || stored === 'dark' ? stored : undefined;
}

export function storeTheme(theme: Theme): void {
  localStorage.setItem(NAME, theme);
}
