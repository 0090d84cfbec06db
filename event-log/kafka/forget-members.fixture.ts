import { Kafka, logLevel } from 'kafkajs'
import { makeInnerCluster, type InnerBroker } from './inner-cluster.ts'

type Leaving = InnerBroker & {
  readonly leaveGroup: (request: {
    readonly groupId: string
    readonly memberId: string
  }) => Promise<unknown>
}

/**
 * Has the broker forget every member of the group (named with its prefix), as it forgets by itself, ten
 * seconds later, one that was killed. Those that live learn of it with their next heartbeat and join again.
 */
export async function forgetMembers(address: string, groupId: string): Promise<void> {
  const kafka = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { retries: 10 },
  })
  const admin = kafka.admin()
  const cluster = makeInnerCluster(kafka)
  await Promise.all([admin.connect(), cluster.connect()])
  try {
    const { groups } = await admin.describeGroups([groupId])
    const coordinator = (await cluster.findGroupCoordinator({ groupId })) as Leaving // kafkajs' own broker
    for (const { memberId } of groups.flatMap(({ members }) => members)) {
      // It may have left meanwhile.
      await coordinator.leaveGroup({ groupId, memberId }).catch(() => undefined)
    }
  } finally {
    await Promise.all([admin.disconnect(), cluster.disconnect()])
  }
}
