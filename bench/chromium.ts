/** Where the browser is that pages are looked at with: Debian's Chromium. */
import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Undefined where there is none. */
export const chromiumPath = process.env.DAKKIO_CHROMIUM ?? PLACES.find(path => existsSync(path));
