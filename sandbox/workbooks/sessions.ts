import { failureAnswer, json, redirect, unsuitableAnswer } from './answer.ts'
import type { Answer, FailureReason } from './answer.ts'
import type { Parameters } from './parameters.ts'
import type { Author, User } from './row.ts'

export type Session = {
  /** The newest last; the one before it still opens, for requests that are under way. */
  readonly ids: string[]
  readonly token: string
  readonly login: Parameters
  readonly application: string
  usedAt: number
  answers: number
}

export type Incoming = {
  readonly parameters: Parameters
  readonly cookie: string | undefined
  readonly userAgent: string
  readonly isWrite: boolean
}

export type Admission =
  | { readonly kind: 'admitted'; readonly author: Author; readonly session: Session | undefined }
  | { readonly kind: 'turned-away'; readonly answer: Answer }

export type Sessions = {
  readonly login: (incoming: Incoming, refused: FailureReason | undefined) => LoginAnswer
  readonly logout: (cookie: string | undefined) => Answer
  readonly admit: (incoming: Incoming) => Admission
  /** The session's id for the cookie of this answer, a new one now and then. */
  readonly rotate: (session: Session) => string
  readonly endAll: () => void
}

type LoginAnswer = { readonly answer: Answer; readonly session: Session | undefined }

type Deps = {
  readonly user: User
  readonly apiKeys: readonly string[]
  readonly password: string
  /** Epoch ms. */
  readonly now: () => number
  readonly newHex: (length: number) => string
  readonly rotateEvery: number
  readonly myQueues: () => Readonly<Record<string, number>>
  readonly logicalDatabaseId: number
  readonly databaseInstanceId: number
}

const idleLimit = 8 * 3600 * 1000

const firstWord = (userAgent: string): string => /^[^\s/]+/.exec(userAgent)?.[0] ?? 'api'

const applicationOf = ({ parameters, userAgent }: Incoming): string =>
  parameters.first('_application_name') ??
  parameters.first('application_name') ??
  firstWord(userAgent)

export const makeSessions = (deps: Deps): Sessions => {
  const sessions = new Map<string, Session>()

  const find = (id: string | undefined): Session | undefined => {
    const session = id === undefined ? undefined : sessions.get(id)
    if (!session || deps.now() - session.usedAt > idleLimit) return undefined
    session.usedAt = deps.now()
    return session
  }

  const authorOf = (application: string): Author => ({
    userId: deps.user.id,
    application,
    door: 'api',
  })

  const databases = {
    databases: [
      { id: deps.logicalDatabaseId, name: 'Sandbox', created_at: 'Tue Feb 04 10:25:56 UTC 2014' },
    ],
    default_database_id: deps.logicalDatabaseId,
  }

  const credentialProblem = ({ parameters }: Incoming): FailureReason | undefined => {
    const key = parameters.first('api_key')
    if (key !== undefined && key !== '')
      return deps.apiKeys.includes(key) ? undefined : 'unrecognised_name_or_password'
    if (parameters.first('username') !== deps.user.loginName) return 'unrecognised_name_or_password'
    if (parameters.first('password') === deps.password) return undefined
    return find(parameters.first('session_id')) ? undefined : 'no_session_found'
  }

  const loginProblem = (incoming: Incoming): FailureReason | undefined => {
    // `client=api` is mandatory at login; what its absence gives is a guess.
    if (incoming.parameters.first('client') !== 'api') return 'no_permission_for_api'
    const wanted = incoming.parameters.first('logical_database_id')
    const isOther = (wanted ?? '') !== '' && wanted !== String(deps.logicalDatabaseId)
    return credentialProblem(incoming) ?? (isOther ? 'requested_database_not_available' : undefined)
  }

  const login: Sessions['login'] = (incoming, refused) => {
    const problem = refused ?? loginProblem(incoming)
    if (problem !== undefined) {
      const more = problem === 'no_database_selection_made' ? databases : {}
      return { answer: failureAnswer(problem, more), session: undefined }
    }
    const id = deps.newHex(32)
    const session: Session = {
      ids: [id],
      token: deps.newHex(40),
      login: incoming.parameters,
      application: applicationOf(incoming),
      usedAt: deps.now(),
      answers: 0,
    }
    sessions.set(id, session)
    const details = {
      timezone: 'London (GMT+00:00)',
      database_name: 'Sandbox',
      ...databases,
      my_queues: deps.myQueues(),
    }
    const answer = json({
      session_id: id,
      authenticity_token: session.token,
      api_version: 1,
      version: 'A.40.45 (simulated)',
      user_id: deps.user.id,
      login_name: deps.user.loginName,
      person_name: deps.user.personName,
      logical_database_id: deps.logicalDatabaseId,
      database_instance_id: deps.databaseInstanceId,
      ...(incoming.parameters.isOn('_fast_login') ? {} : details),
    })
    return { answer, session }
  }

  const admitSession = (incoming: Incoming, id: string): Admission => {
    const session = find(id)
    // Only a redirect tells a client that its session is dead (workbooks-api 2.5).
    if (!session) return { kind: 'turned-away', answer: redirect('/login') }
    const token = incoming.parameters.first('_authenticity_token')
    if (incoming.isWrite && token !== session.token)
      return { kind: 'turned-away', answer: unsuitableAnswer('the _authenticity_token is wrong') }
    return { kind: 'admitted', author: authorOf(session.application), session }
  }

  const admit: Sessions['admit'] = (incoming) => {
    const key = incoming.parameters.first('api_key')
    if (key !== undefined && deps.apiKeys.includes(key))
      return { kind: 'admitted', author: authorOf(applicationOf(incoming)), session: undefined }
    // Which reason a bad key gives is a guess (workbooks-api 2.4).
    if (key !== undefined)
      return { kind: 'turned-away', answer: failureAnswer('unrecognised_name_or_password') }
    return incoming.cookie === undefined
      ? { kind: 'turned-away', answer: failureAnswer('no_session') }
      : admitSession(incoming, incoming.cookie)
  }

  return {
    login,
    admit,
    logout: (cookie) => {
      for (const id of (cookie === undefined ? undefined : sessions.get(cookie))?.ids ?? [])
        sessions.delete(id)
      return redirect('/login')
    },
    rotate: (session) => {
      session.answers += 1
      if (session.answers % deps.rotateEvery === 0) {
        const id = deps.newHex(32)
        session.ids.push(id)
        sessions.set(id, session)
        for (const old of session.ids.splice(0, session.ids.length - 2)) sessions.delete(old)
      }
      return session.ids.at(-1) ?? ''
    },
    endAll: () => sessions.clear(),
  }
}
