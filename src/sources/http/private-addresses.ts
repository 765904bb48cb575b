import { lookup } from "node:dns";
import { type LookupFunction, isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { FramepoolError } from "../../errors.js";

/** Of IPv6 only this is assigned to the public internet; the rest is unicast by the letter. */
const assigned = ipaddr.parse("2000::");

/** An address that is not on the public internet: loopback, private, link-local, reserved; also as IPv6 writes it. */
export function isPrivateAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return true;
  // As the address that is meant where IPv6 writes an IPv4 one.
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return true;
  return address instanceof ipaddr.IPv6 && !address.match(assigned, 3);
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
