export type Way =
  /** Carried out, and then the connection breaks before a byte of the answer. */
  | 'reset-after-commit'
  /** Carried out, and the answer breaks off in the middle. */
  | 'half-reply'
  /** Carried out, and somebody in between answers 502. */
  | '502-after-commit'
  /** It left, but never arrived. */
  | 'lost-on-the-way'
  /** A list that does not show yet what was just made. */
  | 'empty-list'

export type SeenRequest = {
  readonly method: string
  readonly path: string
  readonly body: string
}

export type Fault = {
  readonly on: (request: SeenRequest) => boolean
  readonly how: Way
  readonly count?: number
}

/** Which request is meant; Workbooks is asked by POST for everything, and a form says what it is. */
export const requests = {
  outreachCreate: ({ method, path }: SeenRequest) =>
    method === 'POST' && path === '/api/v2/accounts',
  outreachSearch: ({ method, path }: SeenRequest) =>
    method === 'GET' && /^\/api\/v2\/accounts\?.*filter%5B(name|customId)%5D/.test(path),
  workbooksCreate: ({ path, body }: SeenRequest) =>
    path.startsWith('/crm/organisations.api') && body.includes('__method%5B%5D=POST'),
  workbooksUpdate: ({ path, body }: SeenRequest) =>
    path.startsWith('/crm/organisations.api') && body.includes('__method%5B%5D=PUT'),
  workbooksSearch: ({ path, body }: SeenRequest) =>
    path.startsWith('/crm/organisations.api') &&
    body.startsWith('_method=GET') &&
    body.includes('_ff%5B%5D=cf_organisation_outreach_id'),
} as const

/** A network between the product and both systems that loses answers on demand, and remembers what passed. */
export function makeUnreliableNetwork() {
  const faults: { readonly fault: Fault; left: number }[] = []
  const seen: SeenRequest[] = []
  let isCut = false

  const lossyFetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const request: SeenRequest = {
      method: init?.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      body: toBodyText(init?.body),
    }
    seen.push(request)
    if (isCut) throw toBroken()
    const found = faults.find(({ fault, left }) => left > 0 && fault.on(request))
    if (found === undefined) return fetch(input, init)
    found.left -= 1
    return applyFault(found.fault.how, () => fetch(input, init))
  }

  return {
    fetch: lossyFetch,
    fail: (fault: Fault): void => {
      faults.push({ fault, left: fault.count ?? 1 })
    },
    /** From now on nothing passes, until it is mended. */
    cut: (): void => {
      isCut = true
    },
    mend: (): void => {
      isCut = false
      faults.length = 0
    },
    count: (on: Fault['on']): number => seen.filter(on).length,
    faultsLeft: (): number => faults.reduce((sum, { left }) => sum + left, 0),
  }
}

async function applyFault(how: Way, pass: () => Promise<Response>): Promise<Response> {
  if (how === 'lost-on-the-way') throw toBroken()
  const response = await pass()
  const text = await response.text()
  const { status, headers } = response
  switch (how) {
    case 'reset-after-commit':
      throw toBroken()
    case 'half-reply':
      return new Response(toBrokenStream(text.slice(0, text.length / 2)), { status, headers })
    case '502-after-commit':
      return new Response('<html><body>502 Bad Gateway</body></html>', {
        status: 502,
        headers: { 'content-type': 'text/html' },
      })
    case 'empty-list':
      return new Response(JSON.stringify({ data: [], success: true, total: 0 }), {
        status,
        headers,
      })
    default:
      return how satisfies never
  }
}

/** As undici tells of a connection that broke after the request had left. */
function toBroken(): Error {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
  return new TypeError('fetch failed', { cause })
}

function toBrokenStream(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text))
    },
    pull(controller) {
      controller.error(toBroken())
    },
  })
}

function toBodyText(body: unknown): string {
  if (typeof body === 'string') return body
  return body instanceof URLSearchParams ? body.toString() : ''
}
