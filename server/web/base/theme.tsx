import { signal } from '@preact/signals';
import { Icon } from './icon.js';
import { storedTheme, storeTheme, type Theme } from './stored-theme.js';

const system = matchMedia('(prefers-color-scheme: dark)');

function shownTheme(): Theme {
  return storedTheme() ?? (system.matches ? 'dark' : 'light');
}

/** What is shown; drawings that are no markup look at it. */
export const theme = signal<Theme>(shownTheme());

system.addEventListener('change', () => {
  theme.value = shownTheme();
});

export function ThemeSwitch() {
  const other = theme.value === 'dark' ? 'light' : 'dark';
  const change = () => {
    storeTheme(other);
    document.documentElement.dataset.theme = other;
    theme.value = other;
  };
  return (
    <button
      type="button"
      class="icon-button"
      title={`Use ${other} colours`}
      aria-label={`Use ${other} colours`}
      onClick={change}
    >
      <Icon name={other === 'dark' ? 'moon' : 'sun'} />
    </button>
  );
}
