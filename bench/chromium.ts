/** The browser that pages are looked at with: Debian's Chromium. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = process.env.DAKKIO_CHROMIUM ?? PLACES.find(path => existsSync(path));

/** Why there is no browser here; undefined where there is one. */
export const noChromium =
  executablePath === undefined
    ? 'Chromium is not installed: apt-get install -y chromium, or DAKKIO_CHROMIUM=path'
    : undefined;

/** @throws (rejects) where there is none. */
export async function launchChromium(): Promise<Browser> {
  if (noChromium !== undefined) throw new Error(noChromium);
  return chromium.launch({ executablePath, args: ['--disable-dev-shm-usage'] });
}
