import { answerApi } from './answer-api.ts'
import { failureAnswer, html, redirect } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Calls, LoggedCall } from './calls.ts'
import type { DelayRedirects } from './delay-redirects.ts'
import type { Fault, Faults } from './faults.ts'
import { readPreferences } from './preferences.ts'
import type { Received } from './receive-request.ts'
import type { Session, Sessions } from './sessions.ts'
import type { World } from './world.ts'

export type Served =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly session: Session | undefined }
  | { readonly kind: 'dropped' }

type Deps = {
  readonly world: World
  readonly sessions: Sessions
  readonly faults: Faults
  readonly calls: Calls
  readonly delays: DelayRedirects
  readonly wait: (ms: number) => Promise<void>
}

const answered = (answer: Answer, session?: Session): Served => ({
  kind: 'answer',
  answer,
  session,
})

const defaultDelayMs = 50

/** What a fault answers at once; the others are no answers. */
const refusals: Readonly<Partial<Record<Fault['how'], Answer>>> = {
  '401': failureAnswer('session_expired'),
  '403': failureAnswer('database_being_migrated'),
  '403-rights': failureAnswer('no_permission_for_api'),
  '404': html(404, 'Not found'),
  '500': html(500, 'Something went wrong: exception reference 4711'),
  'dead-session': redirect('/login'),
}

type Outcome = {
  readonly answer: Answer
  readonly session: Session | undefined
  readonly rows: number
  readonly changed: number
}

const plain = (answer: Answer, session?: Session): Outcome => ({
  answer,
  session,
  rows: 0,
  changed: 0,
})

const kindOf = ({ path, method }: Received): LoggedCall['kind'] => {
  if (path === 'login' || path === 'logout') return path
  return method === 'GET' ? 'read' : 'write'
}

const toFaultRequest = ({ path, method, parameters }: Received) => ({
  path,
  isWrite: method !== 'GET',
  asked: () => parameters.entries.map((entry) => entry.join('=')).join('&'),
})

/** The whole API but for the socket: faults first, then who is calling, then the database. */
export const makeServeApi = (deps: Deps): ((received: Received) => Promise<Served>) => {
  const { world, sessions, faults, calls, delays, wait } = deps

  const faultAnswer = async (fault: Fault, received: Received): Promise<Answer | undefined> => {
    const ms = fault.ms ?? defaultDelayMs
    const loop = { hops: fault.hops ?? 1, ms }
    if (fault.how === 'delay') return delays.start(received, { ...loop, keepsBody: true })
    if (fault.how === 'delay-dropping-body')
      return delays.start(received, { ...loop, keepsBody: false })
    if (fault.how === 'slow') await wait(ms)
    return refusals[fault.how]
  }

  const serveDatabase = (received: Received): Outcome => {
    const { parameters } = received
    const incoming = { ...received, isWrite: received.method !== 'GET' }
    if (received.path === 'login') {
      const refused = faults.get().refuseLogins ?? undefined
      const { answer, session } = sessions.login(incoming, refused)
      return plain(answer, session)
    }
    if (received.path === 'logout') return plain(sessions.logout(received.cookie))
    const admission = sessions.admit(incoming)
    if (admission.kind === 'turned-away') return plain(admission.answer)
    const { author, session } = admission
    const preferences = readPreferences(parameters, session?.login)
    const { path, method } = received
    const outcome = answerApi(world, { path, method, parameters, preferences, author })
    return { ...outcome, session }
  }

  const record = (received: Received, status: number | 'dropped', outcome?: Outcome): void =>
    calls.record({
      at: world.now(),
      kind: kindOf(received),
      path: received.path,
      status,
      rows: outcome?.rows ?? 0,
      changed: outcome?.changed ?? 0,
    })

  const serveFaulty = async (received: Received, fault: Fault | undefined): Promise<Served> => {
    if (fault?.how === 'reset-before') {
      record(received, 'dropped')
      return { kind: 'dropped' }
    }
    const refusal = fault && (await faultAnswer(fault, received))
    if (refusal === undefined && kindOf(received) === 'write') faults.arrive(received)
    const outcome = refusal ? plain(refusal) : serveDatabase(received)
    const isDropped = fault?.how === 'reset-after-commit'
    record(received, isDropped ? 'dropped' : outcome.answer.status, outcome)
    return isDropped ? { kind: 'dropped' } : answered(outcome.answer, outcome.session)
  }

  /** A caller who comes back from a delay without a body is remembered, unless the delay drops bodies. */
  const afterDelay = (
    received: Received,
    kept: ({ readonly parameters: Received['parameters'] } & Pick<Received, 'method'>) | undefined,
  ): Received =>
    kept && !received.hasBody
      ? { ...received, method: kept.method, parameters: kept.parameters }
      : received

  return async (received) => {
    if (received.userAgent === '') return answered(failureAnswer('user_agent_required'))
    if (received.pathname === '/login') return answered(html(200, 'Log in to Workbooks'))
    const delayed = delays.follow(received.pathname)
    if (delayed) {
      await wait(delayed.ms)
      return answered(delayed.answer)
    }
    const { latencyMs } = faults.get()
    if (latencyMs > 0) await wait(latencyMs)
    const returned = delays.returned(received.parameters.first('_delayed'))
    return returned
      ? serveFaulty(afterDelay(received, returned.kept), undefined)
      : serveFaulty(received, faults.take(toFaultRequest(received)))
  }
}
