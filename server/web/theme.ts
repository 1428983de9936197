/** Runs before the first picture of a page, so that none is drawn in the wrong colours. */
import { storedTheme } from './base/stored-theme.js';

const theme = storedTheme();
if (theme !== undefined) document.documentElement.dataset.theme = theme;
