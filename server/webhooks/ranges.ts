/** Ranges of addresses, written as in CIDR. */
import { BlockList, isIP } from 'node:net';

/** Prefixes below which an IPv6 address is one of IPv4: mapped (RFC 4291) and translated (NAT64, RFC 6052). */
export const IPV4_IN_IPV6 = ['::ffff:', '64:ff9b::'] as const;

/** Bits of IPv6 before the address of IPv4. */
export const IPV4_PREFIX_BITS = 96;

interface Range {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefixBits: number;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. Undefined where it is neither. */
function parseRange(text: string): Range | undefined {
  const [, address = '', prefix] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefixBits = prefix === undefined ? bits : Number(prefix);
  if (prefixBits > bits) return undefined;
  return { address, family: version === 4 ? 'ipv4' : 'ipv6', prefixBits };
}

export function isRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** Set of addresses: those of IPv4 in each of their forms. */
export class Ranges {
  readonly #list = new BlockList();

  constructor(ranges: readonly string[]) {
    for (const text of ranges) this.#add(text);
  }

  /** @param address of IPv4 or IPv6, without a zone */
  has(address: string): boolean {
    return this.#list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }

  #add(text: string): void {
    const range = parseRange(text);
    if (range === undefined) throw new Error(`${text} is not a range of addresses`);
    const { address, family, prefixBits } = range;
    this.#list.addSubnet(address, prefixBits, family);
    if (family === 'ipv6') return;
    for (const prefix of IPV4_IN_IPV6) {
      this.#list.addSubnet(prefix + address, IPV4_PREFIX_BITS + prefixBits, 'ipv6');
    }
  }
}
