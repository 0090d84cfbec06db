import type { SimulatedWorkbooks } from './simulated-workbooks.ts'

export type Entries = readonly (readonly [string, string])[]

export type Answered = {
  readonly status: number
  readonly body: Body
  readonly text: string
  readonly headers: Headers
}

type Shown = Readonly<Record<string, unknown>>

export type Body = {
  readonly success?: boolean
  readonly data?: readonly Shown[]
  readonly total?: number
  readonly affected_objects?: readonly Shown[]
  readonly affected_object_information?: readonly {
    readonly success: boolean
    readonly errors: Readonly<Record<string, readonly string[]>>
  }[]
  readonly failures?: readonly string[]
  readonly failure_reason?: string
  readonly authenticity_token?: string
}

const toAnswered = async (response: Response): Promise<Answered> => {
  const text = await response.text()
  const isJson = (response.headers.get('content-type') ?? '').includes('json')
  // The tests look at the members that they expect.
  const body = (isJson ? JSON.parse(text) : {}) as Body
  return { status: response.status, body, text, headers: response.headers }
}

/** A caller in the manner of the official bindings: everything in a form, `_method` says what is meant. */
export const makeTestCaller = (workbooks: Pick<SimulatedWorkbooks, 'url' | 'apiKey'>) => {
  const post = async (
    path: string,
    entries: Entries,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> =>
    toAnswered(
      await fetch(`${workbooks.url}/${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'user-agent': 'test-caller/1.0 (gzip)', ...headers },
        body: new URLSearchParams(entries.map(([name, value]): [string, string] => [name, value])),
      }),
    )

  const keyed = (entries: Entries): Entries => [['api_key', workbooks.apiKey], ...entries]

  const list = (controller: string, entries: Entries = []): Promise<Answered> =>
    post(`${controller}.api`, keyed([['_method', 'GET'], ...entries]))

  const put = (controller: string, entries: Entries): Promise<Answered> =>
    post(`${controller}.api`, keyed([['_method', 'PUT'], ...entries]))

  const create = (controller: string, columns: Readonly<Record<string, string>>) =>
    put(controller, [
      ['__method[]', 'POST'],
      ['id[]', '0'],
      ['lock_version[]', '0'],
      ...Object.entries(columns).map(([name, value]) => [`${name}[]`, value] as const),
    ])

  const update = (
    controller: string,
    [id, lockVersion]: readonly [unknown, unknown],
    columns: Readonly<Record<string, string>>,
  ) =>
    put(controller, [
      ...filterBy('id', 'eq', String(id)),
      ['__method[]', 'PUT'],
      ['id[]', String(id)],
      ['lock_version[]', String(lockVersion)],
      ...Object.entries(columns).map(([name, value]) => [`${name}[]`, value] as const),
    ])

  return { post, list, put, create, update }
}

export const filterBy = (field: string, type: string, criterion: string): Entries => [
  ['_ff[]', field],
  ['_ft[]', type],
  ['_fc[]', criterion],
]
