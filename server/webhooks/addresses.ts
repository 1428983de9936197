/** Which addresses webhooks may be sent to: those of the public network, and what the operator allows. */
import { isIP } from 'node:net';
import { IPV4_IN_IPV6, IPV4_PREFIX_BITS, Ranges } from './ranges.js';
import { WebhookRefusedError } from './refused.js';

/** Addresses that are not public and may be called all the same: all, none, or ranges as in CIDR. */
export type AllowedAddresses = boolean | readonly string[];

export const ALLOW_PRIVATE_VARIABLE = 'DAKKIO_WEBHOOK_ALLOW_PRIVATE';

/** What is not public, after the IANA registries of special-purpose addresses. The first that has it names it. */
const REFUSED: readonly (readonly [kind: string, ranges: Ranges])[] = [
  ['loopback', new Ranges(['127.0.0.0/8', '::1'])],
  // 0.0.0.0 and :: are this very machine to connect().
  ['unspecified', new Ranges(['0.0.0.0/8', '::'])],
  ['private', new Ranges(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'])],
  // With 169.254.169.254, where most clouds tell a machine its credentials.
  ['link-local', new Ranges(['169.254.0.0/16', 'fe80::/10'])],
  // The same of Azure, which is not in any of the registries.
  ['cloud metadata', new Ranges(['168.63.129.16'])],
  ['shared (carrier-grade NAT)', new Ranges(['100.64.0.0/10'])],
  ['multicast', new Ranges(['224.0.0.0/4', 'ff00::/8'])],
  [
    'reserved',
    new Ranges([
      ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15', '198.51.100.0/24'],
      ...['203.0.113.0/24', '240.0.0.0/4'],
      // Tunnels, 6to4 among them, lead to an address of IPv4 that only their far end sees.
      ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
    ]),
  ],
];

/** Whatever is in neither is reserved: IPv4-compatible addresses, and what has no meaning yet. */
const PUBLIC_IPV6 = new Ranges([
  '2000::/3',
  ...IPV4_IN_IPV6.map(prefix => `${prefix}0.0.0.0/${IPV4_PREFIX_BITS}`),
]);

export class AddressRules {
  readonly #allowsAll: boolean;
  readonly #allowed: Ranges;

  constructor(allowed: AllowedAddresses) {
    this.#allowsAll = allowed === true;
    this.#allowed = new Ranges(typeof allowed === 'boolean' ? [] : allowed);
  }

  /**
   * @param host as it is named in the URL
   * @param address of it
   * @throws WebhookRefusedError
   */
  check(host: string, address: string): void {
    if (this.#allowsAll) return;
    const [bare] = address.split('%');
    if (isIP(bare) !== 0 && this.#allowed.has(bare)) return;
    const kind = kindOf(bare);
    if (kind === undefined) return;
    const named = host === address ? address : `${host} is at ${address}, which`;
    throw new WebhookRefusedError(
      `${named} is ${kind}: webhooks go to public addresses, and to those that ${ALLOW_PRIVATE_VARIABLE} allows`,
    );
  }
}

/** What an address is where it is not public. */
function kindOf(address: string): string | undefined {
  const version = isIP(address);
  if (version === 0) return 'not an address';
  for (const [kind, ranges] of REFUSED) if (ranges.has(address)) return kind;
  return version === 4 || PUBLIC_IPV6.has(address) ? undefined : 'reserved';
}
