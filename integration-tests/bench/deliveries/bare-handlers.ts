import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import express from 'express'

/*
 * What the product is measured against: the least that a receiver must do (read, verify, parse, answer),
 * with none of the product's code, and keeping nothing.
 */

/** Answers without looking: as fast as the load generator can be. */
export function makeEmptyServer(): Server {
  return createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-length': 2 })
    response.end('{}')
  })
}

export function makeBareHttpServer(secret: string): Server {
  const judge = makeJudge(secret)
  return createServer((request, response) => {
    read(request, (body) => {
      const { status, text } = judge(request, body)
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': text.length,
      })
      response.end(text)
    })
  })
}

/** With the header settings that the product uses as well; else as people write it. */
export function makeBareExpressServer(secret: string): Server {
  const judge = makeJudge(secret)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.post('/webhooks/outreach', (request, response) => {
    read(request, (body) => {
      const { status, text } = judge(request, body)
      response.status(status).type('json').send(text)
    })
  })
  return createServer(app)
}

function read(request: IncomingMessage, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => then(Buffer.concat(chunks)))
}

function makeJudge(secret: string) {
  const key = createSecretKey(secret, 'utf8')
  return ({ headers }: IncomingMessage, body: Buffer) => {
    const given = Buffer.from(String(headers['outreach-webhook-signature']), 'hex')
    const expected = createHmac('sha256', key).update(body).digest()
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return { status: 401, text: '{}' }
    }
    const parsed: unknown = JSON.parse(body.toString())
    const isKnown = typeof parsed === 'object' && parsed !== null && 'data' in parsed
    return isKnown
      ? { status: 200, text: '{"accepted":1,"quarantined":0}' }
      : { status: 200, text: '{"accepted":0,"quarantined":1}' }
  }
}
