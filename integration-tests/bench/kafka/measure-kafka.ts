import { openPlainKafkajs } from '../../../event-log/kafka/plain-kafkajs.fixture.ts'
import { startChild, type Child } from '../child.ts'
import {
  makeSend,
  measureReceiver,
  mustHaveKept,
  type Generator,
} from '../deliveries/measure-receiver.ts'
import { openReceivers, type Receiver, type Variant } from '../deliveries/open-receivers.ts'
import type { Run } from '../deliveries/render-deliveries.ts'
import { openBenchStores } from '../open-bench-stores.ts'
import { makePlainBest } from './make-plain-best.ts'
import type { PlainSend, PlainSent } from './plain-sender.ts'
import { renderKafka } from './render-kafka.ts'

type Options = {
  readonly rounds: number
  /** Deliveries, or events, to each in a round. */
  readonly count: number
  readonly warmUp: number
  readonly profileDir?: string
  readonly tell: (line: string) => void
}

const connections = 200

const variants: readonly Variant[] = [
  {
    name: 'gateway on Kafka and PostgreSQL',
    kind: 'gateway on Kafka',
    path: '/webhooks/outreach',
    isDurable: false, // as far as it can tell itself: Kafka is asked below
  },
  {
    name: 'gateway on the embedded log',
    kind: 'product',
    path: '/webhooks/outreach',
    isDurable: true,
  },
]

/** Acknowledged deliveries on Kafka, beside the embedded log and beside kafkajs alone, in the same rounds. */
export async function measureKafka(options: Options): Promise<string> {
  const { rounds, count, warmUp, tell } = options
  await using stores = await openBenchStores(tell)
  await using generator: Generator = await startChild({
    file: new URL('../deliveries/load-generator.ts', import.meta.url),
  })
  const settings = await stores.makeSettings()
  await using opened = await openReceivers(variants, { ...options, settings })
  await using plain: Child<PlainSend, PlainSent> = await startChild({
    file: new URL('./plain-sender.ts', import.meta.url),
    args: [stores.kafka],
  })
  const send = makeSend(generator, connections)
  for (const receiver of opened.receivers) {
    tell(`warming up: ${receiver.variant.name}`)
    for (let left = warmUp; left > 0; left -= count) await send(receiver, Math.min(left, count))
  }
  tell('warming up and tuning: kafkajs alone')
  const best = await makePlainBest(plain, count)
  const runs = new Map<Receiver, Run[]>(opened.receivers.map((receiver) => [receiver, []]))
  const plainRuns: PlainSent[] = []
  for (let round = 0; round < rounds; round++) {
    tell(`round ${round + 1} of ${rounds}`)
    const turns = [
      ...[...runs].map(([receiver, those]) => async () => {
        those.push(await measureReceiver(receiver, send, count))
      }),
      async () => {
        plainRuns.push(await best.send())
      },
    ]
    // Another one begins each time: whoever always came first would have the quieter machine.
    for (let at = 0; at < turns.length; at++) await turns[(at + round) % turns.length]?.()
  }
  const sent = warmUp + rounds * count
  for (const receiver of opened.receivers) await mustHaveKept(receiver, sent)
  await mustBeInKafka(`${settings.KAFKA_PREFIX}outreach.account`, { address: stores.kafka, sent })
  return renderKafka({
    runs: [...runs].map(([{ variant }, those]) => ({ name: variant.name, runs: those })),
    plain: plainRuns,
    tuning: best.tuning,
    ...{ rounds, count, connections },
  })
}

/** At least once: what was tried again may be there twice. */
async function mustBeInKafka(
  topic: string,
  { address, sent }: { readonly address: string; readonly sent: number },
): Promise<void> {
  await using kafka = await openPlainKafkajs(address)
  const kept = await kafka.count(topic)
  if (kept < sent) throw new Error(`Kafka has ${kept} events of ${sent}`)
}
