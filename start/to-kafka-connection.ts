import type { KafkaConnection } from '../event-log/kafka/make-kafka.ts'
import type { Settings } from '../runtime/settings.ts'

type Given = Pick<
  Settings,
  | 'kafkaBrokers'
  | 'kafkaUrl'
  | 'kafkaSsl'
  | 'kafkaTrustedCert'
  | 'kafkaClientCert'
  | 'kafkaClientCertKey'
  | 'kafkaPrefix'
  | 'kafkaSaslMechanism'
  | 'kafkaSaslUsername'
  | 'kafkaSaslPassword'
>

/** How the brokers are reached, from the settings; Heroku's own certificates and host names included. */
export function toKafkaConnection(given: Given): KafkaConnection {
  return {
    clientId: 'workbooks-outreach-gateway',
    brokers: given.kafkaBrokers,
    prefix: given.kafkaPrefix ?? '',
    ssl: toSsl(given),
    ...toSasl(given),
  }
}

function toSsl(given: Given): NonNullable<KafkaConnection['ssl']> {
  const { kafkaTrustedCert: ca, kafkaClientCert: cert, kafkaClientCertKey: key } = given
  const isAsked = given.kafkaSsl || [ca, cert, key].some((pem) => pem !== undefined)
  if (!isAsked) return false
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    // Heroku's brokers have certificates of their own authority, with other host names (infrastructure 5).
    skipHostCheck: ca !== undefined && given.kafkaBrokers === given.kafkaUrl?.brokers,
  }
}

function toSasl(given: Given): Pick<KafkaConnection, 'sasl'> {
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: username } = given
  const { kafkaSaslPassword: password } = given
  if (mechanism === undefined || username === undefined || password === undefined) return {}
  return { sasl: { mechanism, username, password } }
}
