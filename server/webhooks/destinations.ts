/** Where the URL of a webhook leads: its host is resolved once, checked, and connected to as it was resolved. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressRules } from './addresses.js';

/** Addresses of a name. Rejects where it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * As everything else on the machine resolves names, its hosts file included. It takes a thread of libuv until the
 * resolver answers or gives up; libuv keeps half of them free of that, for files.
 */
export const systemResolve: Resolve = async host => {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

export class Destinations {
  readonly #rules: AddressRules;
  readonly #resolve: Resolve;

  constructor(rules: AddressRules, resolve: Resolve = systemResolve) {
    this.#rules = rules;
    this.#resolve = resolve;
  }

  /**
   * The addresses to connect to, all of which may be called. A host with one that may not is refused whole: whoever
   * gives a name both kinds of address hopes that somebody takes the other.
   * @throws (rejects) WebhookRefusedError, or what the resolver says.
   */
  async addresses(url: URL): Promise<readonly string[]> {
    // The parser of URLs has written every spelling of an address in the usual form.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const addresses = await this.#addressesOf(host);
    for (const address of addresses) this.#rules.check(host, address);
    return addresses;
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    // RFC 6761: these names are this machine, whatever a resolver says.
    if (/(^|\.)localhost\.*$/.test(host)) return ['127.0.0.1', '::1'];
    const addresses = await this.#resolve(host);
    if (addresses.length === 0) throw new Error(`${host} has no address`);
    return addresses;
  }
}
