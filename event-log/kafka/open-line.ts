import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory, Kafka } from 'kafkajs'
import { makeKafka } from './make-kafka.ts'
import type { ClientSignals, KafkaConnection } from './make-kafka.ts'

const KEEP_ALIVE_MS = 30_000

/** A client of the cluster whose connections can be ended at once, whatever kafkajs waits for. */
export type Line = {
  readonly kafka: Kafka
  /**
   * Everything under way rejects, and no new connection is made: kafkajs itself never closes one
   * that has gone silent, and its retries reconnect behind the back of a `disconnect`.
   */
  readonly cut: (why: string) => void
}

/** Retries are the caller's: every call is tried once. */
export function openLine(connection: KafkaConnection, signals: ClientSignals): Line {
  const sockets = new Set<Socket>()
  let whyCut: string | undefined
  const socketFactory: ISocketFactory = (args) => {
    if (whyCut !== undefined) throw new Error(whyCut)
    const socket = connectSocket(args)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  // kafkajs asks the first one first: a broker that is away may not cost every new line its wait.
  const at = Math.floor(Math.random() * connection.brokers.length)
  const brokers = [...connection.brokers.slice(at), ...connection.brokers.slice(0, at)]
  return {
    kafka: makeKafka({ ...connection, brokers }, signals, { retries: 0, socketFactory }),
    cut: (why) => {
      whyCut ??= why
      for (const socket of sockets) socket.destroy(new Error(why))
    },
  }
}

/** As kafkajs does it, without Nagle's algorithm: an answer may hang on the last bytes of a request. */
const connectSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // kafkajs hands over what its configuration says: false, true or options.
  const tls: unknown = ssl
  const options = typeof tls === 'object' && tls !== null ? tls : {}
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const socket =
    tls === false || tls === undefined || tls === null
      ? connectTcp({ host, port }, onConnect)
      : connectTls({ host, port, ...servername, ...options }, onConnect)
  return socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true)
}
