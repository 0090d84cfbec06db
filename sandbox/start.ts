import { parseArgs } from 'node:util'
import { openSandbox, sandboxSecrets } from './open-sandbox.ts'

// The simulated systems on their own, for a product that runs in another process:
//   node sandbox/start.ts --gateway http://127.0.0.1:3000 --dir ./data/sandbox
const { values } = parseArgs({
  options: {
    gateway: { type: 'string', default: 'http://127.0.0.1:3000' },
    dir: { type: 'string', default: './data/sandbox' },
    outreach: { type: 'string', default: '3010' },
    workbooks: { type: 'string', default: '3011' },
  },
})

const sandbox = await openSandbox({
  dir: values.dir,
  gatewayUrl: values.gateway,
  ports: { outreach: Number(values.outreach), workbooks: Number(values.workbooks) },
})

process.stdout.write(
  `${JSON.stringify({
    outreach: sandbox.outreach.url,
    workbooks: sandbox.workbooks.url,
    workbooksApiKey: sandbox.workbooks.apiKey,
    ...sandboxSecrets,
  })}\n`,
)

const stop = () => void sandbox[Symbol.asyncDispose]()
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
