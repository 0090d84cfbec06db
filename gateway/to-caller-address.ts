import { BlockList, isIP } from 'node:net'

// A proxy on this machine, or in the network around it.
const routers = new BlockList()
routers.addSubnet('127.0.0.0', 8, 'ipv4')
routers.addAddress('::1', 'ipv6')
routers.addSubnet('10.0.0.0', 8, 'ipv4')
routers.addSubnet('172.16.0.0', 12, 'ipv4')
routers.addSubnet('192.168.0.0', 16, 'ipv4')
routers.addSubnet('fc00::', 7, 'ipv6')

/**
 * Whom a request is from: the peer of its socket, which nobody can make up. Behind a router, whose peer
 * address is a loopback or private one, it is the last hop that the router itself wrote down.
 */
export function toCallerAddress(
  peer: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
): string | undefined {
  if (peer === undefined) return undefined
  const address = peer.replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(address) === 0 || !routers.check(address, family)) return address
  const hop = [forwardedFor ?? []].flat().join(',').split(',').at(-1)?.trim() ?? ''
  return isIP(hop) === 0 ? address : hop
}
