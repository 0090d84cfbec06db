import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What was tried and works (infrastructure 4): the server carries no logging backend of its own. */
const kafkaVersion = '4.1.1'
const log4jVersion = '2.25.1'

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
 <groupId>local</groupId><artifactId>kafka-jars</artifactId><version>1</version><packaging>pom</packaging>
 <dependencies>
  <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
  <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${log4jVersion}</version></dependency>
  <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${log4jVersion}</version></dependency>
 </dependencies></project>
`

const tenMinutes = 600_000

export type Jars =
  | { readonly kind: 'here'; readonly dir: string }
  /** A sentence: what this machine lacks. */
  | { readonly kind: 'missing'; readonly why: string }

/** Kafka's jars, fetched once from Maven Central and kept between runs, outside of the repository. */
export async function findKafkaJars(): Promise<Jars> {
  const java = await whyNot('java', ['-version'])
  if (java !== undefined) {
    return { kind: 'missing', why: `Java 17 or later is needed to run Apache Kafka: ${java}` }
  }
  const cache = join(homedir(), '.cache', 'workbooks-outreach-gateway')
  const dir = join(cache, `kafka-${kafkaVersion}`)
  if (existsSync(dir)) return { kind: 'here', dir }
  try {
    await mkdir(cache, { recursive: true })
    const temporary = await mkdtemp(join(cache, 'fetching-'))
    try {
      await writeFile(join(temporary, 'pom.xml'), pom)
      const to = join(temporary, 'libs')
      await run(
        'mvn',
        [
          ...['-q', '-B', 'dependency:copy-dependencies'],
          ...['-DincludeScope=runtime', `-DoutputDirectory=${to}`],
        ],
        { cwd: temporary, timeout: tenMinutes },
      )
      // In one step, so that nobody ever finds half of them; another run may have been quicker.
      await rename(to, dir).catch((error: unknown) => {
        if (!existsSync(dir)) throw error
      })
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
    return { kind: 'here', dir }
  } catch (error) {
    const why = `Maven could not fetch Apache Kafka's jars: ${firstLine(error)}`
    return { kind: 'missing', why }
  }
}

async function whyNot(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await run(command, args)
    return undefined
  } catch (error) {
    return firstLine(error)
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : 'unknown').split('\n')[0] ?? ''
}
