import { lookup } from "node:dns";
import { BlockList, type LookupFunction, isIP } from "node:net";
import { FramepoolError } from "../../errors.js";

const ipv4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  // Shared address space of carriers.
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Link-local: the metadata services of clouds among them.
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  // Multicast and reserved.
  ["224.0.0.0", 3],
];

/** Only what is assigned as global unicast is public; parts of that hold IPv4 addresses, or are for documentation. */
const ipv6: readonly (readonly [string, number])[] = [
  ["::", 3],
  ["4000::", 2],
  ["8000::", 1],
  // Teredo, ORCHID, benchmarks.
  ["2001::", 23],
  ["2001:db8::", 32],
  // 6to4.
  ["2002::", 16],
];

// Two lists: in one, the IPv6 networks would also hold IPv4 addresses, as those that IPv6 maps them to.
const privateIPv4 = new BlockList();
for (const [net, prefix] of ipv4) privateIPv4.addSubnet(net, prefix, "ipv4");
const privateIPv6 = new BlockList();
for (const [net, prefix] of ipv6) privateIPv6.addSubnet(net, prefix, "ipv6");

/** An address that is not on the public internet: loopback, private, link-local, reserved; also as IPv6 writes it. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 6) return privateIPv6.check(address, "ipv6");
  return family === 0 || privateIPv4.check(address);
}

/** A URL that names its host by number is never looked up. */
export function checkLiteralAddress({ hostname }: URL): void {
  const literal = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(literal) !== 0 && isPrivateAddress(literal)) throw refusal(hostname, literal);
}

/**
 * Finds a host's addresses at the very moment of connecting, so that a name that meant something else a moment ago cannot
 * lead inside. One private address among others refuses the host.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, [], 0);
      return;
    }
    const refused = addresses.find(({ address }) => isPrivateAddress(address));
    const [first] = addresses;
    if (refused !== undefined) callback(refusal(hostname, refused.address), [], 0);
    else if (options.all === true || first === undefined) callback(null, addresses, 0);
    else callback(null, first.address, first.family);
  });
};

function refusal(hostname: string, address: string): FramepoolError {
  const shown = hostname.includes(address) ? hostname : `${hostname} (${address})`;
  return new FramepoolError("E_ACCESS", `${shown} is not a public address, and private ones are refused`);
}
