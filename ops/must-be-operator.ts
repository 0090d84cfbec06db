import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import { answerProblem } from './problem.ts'
import type { Verdict } from './verify-token.ts'
import type { Scope } from './verb.ts'

type Deps = {
  readonly verify: (authorization: string | undefined) => Verdict
  readonly failuresPerMinute: number
}

export type Operator = { readonly sub: string }

/** Lets pass who shows a token, with the scope where one is named; who keeps failing gets 429, a good token never does. */
export function makeMustBeOperator({ verify, failuresPerMinute }: Deps) {
  const countFailure = rateLimit({
    windowMs: 60_000,
    limit: failuresPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Its checks are advice for proxies; we count by the address that connects.
    validate: false,
    handler: (_, response) =>
      answerProblem(response, 429, 'Too many requests without a valid token: wait a minute'),
  })
  return (scope?: Scope): RequestHandler =>
    (request: Request, response: Response, next: NextFunction) => {
      const verdict = verify(request.headers.authorization)
      if (verdict.kind === 'stranger') {
        const refuse = () => {
          const error = request.headers.authorization === undefined ? '' : ', error="invalid_token"'
          response.set('WWW-Authenticate', `Bearer realm="ops"${error}`)
          answerProblem(response, 401, `The token ${verdict.why}`)
        }
        void countFailure(request, response, refuse)
        return
      }
      if (scope !== undefined && !verdict.scopes.has(scope)) {
        const error = `Bearer realm="ops", error="insufficient_scope", scope="${scope}"`
        response.set('WWW-Authenticate', error)
        answerProblem(response, 403, `The token has not the scope ${scope}`)
        return
      }
      const operator: Operator = { sub: verdict.sub }
      response.locals['operator'] = operator
      next()
    }
}

/** Who was let pass, for the handlers behind. */
export function operatorOf(response: Response): string {
  const operator: unknown = response.locals['operator']
  // Only the handler above puts it there, and no verb is reached but through it.
  return (operator as Operator).sub
}
