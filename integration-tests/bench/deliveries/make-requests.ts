import { createHmac, createSecretKey } from 'node:crypto'

export const benchSecret = 'a-secret-for-the-bench-only'

const key = createSecretKey(benchSecret, 'utf8')
const description =
  'Makers of measuring instruments for laboratories, foundries and ship yards. Family-owned, four sites, one of them abroad; buys twice a year, in spring and in autumn, after the budget round. '

/** An Outreach delivery of about 1.5 kB; no two numbers give the same body. */
export function toDeliveryBody(number: number): string {
  const id = 4_000 + (number % 5_000)
  const name = `Larkfield Instruments ${number} Ltd`
  const second = String(number % 60).padStart(2, '0')
  return JSON.stringify({
    data: {
      type: 'account',
      id,
      attributes: {
        updatedAt: `2026-03-02T09:22:${second}.000Z`,
        name,
        naturalName: name,
        domain: `larkfield-${number}.example`,
        websiteUrl: `https://larkfield-${number}.example/about`,
        description: description.repeat(2),
        industry: 'Industrial machinery & equipment',
        locality: 'Reading, Berkshire, United Kingdom',
        companyType: 'private company',
        numberOfEmployees: 180 + (number % 97),
        custom7: 'Tier B',
        custom12: 'Renewal in Q3',
      },
      relationships: { owner: { type: 'owner', id: 44 } },
    },
    beforeUpdate: {
      attributes: {
        updatedAt: '2026-03-02T09:21:40.000Z',
        name: `Larkfield Instruments ${number}`,
        naturalName: `Larkfield ${number}`,
        domain: null,
        websiteUrl: null,
        description: 'Makers of measuring instruments.',
        industry: 'Machinery',
        locality: 'Reading',
        companyType: null,
        numberOfEmployees: 150,
        custom7: 'Tier C',
        custom12: null,
      },
      relationships: { owner: { type: 'owner', id: 31 } },
    },
    meta: {
      deliveredAt: `2026-03-02T01:22:${second}.220-08:00`,
      eventName: 'account.updated',
      jobId: `9d0c3c5e-2c57-4a0e-9d55-${String(number).padStart(12, '0')}`,
    },
  })
}

/** One whole HTTP request, as Outreach sends it but for keeping its connection. */
function toRequest(path: string, number: number): string {
  const body = toDeliveryBody(number)
  const signature = createHmac('sha256', key).update(body).digest('hex')
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: Ruby',
    'Accept: */*',
    'Content-Type: application/vnd.api+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Outreach-Org-Id: 7c9e6679-7425-40de-944b-e07fc1f90ae7',
    'Outreach-Webhook-Id: 71',
    `Outreach-Webhook-Event-Id: 0f1c7a52-8a8e-4f43-9f0a-${String(number).padStart(12, '0')}`,
    `Outreach-Webhook-Signature: ${signature}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

const mostBytes = 3_000

/** Requests number `first` and on, all different, ready to be sent. */
export function makeRequests(path: string, first: number, count: number): readonly Buffer[] {
  const store = Buffer.allocUnsafe(count * mostBytes)
  let at = 0
  return Array.from({ length: count }, (_, index) => {
    const from = at
    at += store.write(toRequest(path, first + index), at, 'latin1')
    return store.subarray(from, at)
  })
}

export const bodyBytes = toDeliveryBody(1_000_000).length
