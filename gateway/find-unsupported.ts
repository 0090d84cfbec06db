import type { IncomingHttpHeaders } from 'node:http'

const jsonType = /^application\/(json|[a-z0-9.!#$&^_-]+\+json)$/

/** Why a body with these headers is not taken; undefined where it is. Any charset: bytes are bytes. */
export function findUnsupported(headers: IncomingHttpHeaders): string | undefined {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!jsonType.test(type)) {
    const found = type === '' ? 'none' : type.slice(0, 100)
    return `Content-Type is ${found}; send application/json, application/vnd.api+json or another +json type.`
  }
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding !== 'identity' && encoding !== '') {
    return `Content-Encoding is ${encoding.slice(0, 100)}; send the body as it is.`
  }
  return undefined
}
