import { isTraceparent } from './is-traceparent.ts'

type Deps = { readonly randomBytes: (size: number) => Buffer }

const bytesPerId = 24
const idsPerDraw = 128

/** Takes the sender's W3C trace context where it is valid, else begins a trace. */
export function makeTraceparents({ randomBytes }: Deps): (given: unknown) => string {
  // Randomness is drawn for many at a time: one draw costs as much as a hundred.
  let drawn = ''
  let next = 0

  return (given) => {
    if (isTraceparent(given)) return given
    if (next >= drawn.length) {
      drawn = randomBytes(bytesPerId * idsPerDraw).toString('hex')
      next = 0
    }
    const id = drawn.slice(next, next + bytesPerId * 2)
    next += bytesPerId * 2
    return `00-${id.slice(0, 32)}-${id.slice(32)}-01`
  }
}
