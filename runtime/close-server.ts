import type { Server } from 'node:http'

const lookEveryMs = 20

/** Resolves once every connection is closed: idle ones now, busy ones after their answer or `graceMs`. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A kept-alive connection becomes idle only after its answer, and nobody tells us then.
  const looking = setInterval(() => server.closeIdleConnections(), lookEveryMs)
  const grace = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(looking)
  clearTimeout(grace)
}
