import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'vitest'

const root = join(import.meta.dirname, '..')

// From the ground up. A room may import from lower floors and from itself: never up, never sideways.
const floors = [
  ['schemas'],
  ['runtime'],
  ['state', 'event-log', 'clients'],
  ['sdk'],
  ['gateway', 'consumers', 'ops'],
  ['sandbox'],
  ['start'],
  ['start.ts'],
  ['integration-tests'],
]

// Which library may be imported where; a library that is not named here may be imported nowhere.
const libraries: Readonly<Record<string, readonly string[]>> = {
  express: ['gateway/', 'ops/', 'sandbox/'],
  'express-rate-limit': ['gateway/', 'ops/'],
  kafkajs: ['event-log/kafka'],
  ajv: ['schemas/'],
  'ajv-formats': ['schemas/'],
  jsonwebtoken: ['gateway/workbooks/', 'ops/', 'clients/outreach/', 'sandbox/'],
  winston: ['runtime/logger.ts'],
  'prom-client': ['runtime/metrics.ts'],
  pg: ['state/'],
  'node:sqlite': ['state/', 'event-log/'],
}
const testLibraries = ['vitest', 'fast-check']
/** For what senders in a test sign, and for the benchmark. */
const streetLibraries = ['autocannon', 'express', 'jsonwebtoken']

type Import = { readonly file: string; readonly target: string }

const files = globSync(
  '{*.ts,{schemas,runtime,state,event-log,clients,sdk,gateway,consumers,ops,sandbox,start,integration-tests}/**/*.ts}',
  { cwd: root },
)
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file !== 'vitest.config.ts')
  .sort()

/** Static and dynamic imports, and the files that threads are started from. */
const importing = [
  /^(?:import|export)\s+[\w*{][^'"`()=]*?\sfrom '([^']+)'/gm,
  /^import '([^']+)'/gm,
  /\bimport\('([^']+)'\)/g,
  /new URL\('([^']+\.ts)',\s*import\.meta\.url\)/g,
]

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  return importing
    .flatMap((form) => [...text.matchAll(form)])
    .map(([, target = '']) => ({ file, target: toTarget(file, target) }))
})
const ours = imports.filter(({ target }) => !isLibrary(target))
const foreign = imports.filter(({ target }) => isLibrary(target))

function toTarget(file: string, target: string): string {
  return target.startsWith('.') ? normalize(join(dirname(file), target)) : `library ${target}`
}

function isLibrary(target: string): boolean {
  return target.startsWith('library ')
}

const roomOf = (file: string) => file.split('/')[0] ?? file
const floorOf = (file: string) => floors.findIndex((rooms) => rooms.includes(roomOf(file)))
const isTest = (file: string) => /\.(test|contract|fixture)\.ts$/.test(file)

test('there is something to look at', () => {
  assert.ok(files.length > 200)
  assert.ok(ours.length > 500)
})

test('every room stands on a floor', () => {
  assert.deepEqual(
    files.filter((file) => floorOf(file) < 0),
    [],
  )
})

test('every import goes down a floor or stays in its room', () => {
  const wrong = ours
    .filter(({ file, target }) => roomOf(target) !== roomOf(file))
    .filter(({ target }) => target !== 'package.json')
    .filter(({ file, target }) => floorOf(target) < 0 || floorOf(target) >= floorOf(file))
    .map(
      ({ file, target }) =>
        `${file} must not import ${target}: imports go down a floor, or stay in the room`,
    )
  assert.deepEqual(wrong, [])
})

test('the sandbox shares nothing with the product but what the schemas say', () => {
  const wrong = ours
    .filter(({ file }) => roomOf(file) === 'sandbox')
    .filter(({ target }) => !['sandbox', 'schemas'].includes(roomOf(target)))
    .map(
      ({ file, target }) => `${file} must not import ${target}: it stands in for foreign systems`,
    )
  assert.deepEqual(wrong, [])
})

test('only the start knows the sandbox', () => {
  const wrong = ours
    .filter(({ target }) => roomOf(target) === 'sandbox')
    .filter(
      ({ file }) => !['sandbox', 'start', 'start.ts', 'integration-tests'].includes(roomOf(file)),
    )
    .map(
      ({ file, target }) =>
        `${file} must not import ${target}: the product does not know who answers`,
    )
  assert.deepEqual(wrong, [])
})

test('no files import each other in a circle', () => {
  const targets = new Map<string, string[]>()
  for (const { file, target } of ours) targets.set(file, [...(targets.get(file) ?? []), target])
  const settled = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `a circle: ${[...path, file].join(' -> ')}`)
    if (settled.has(file)) return
    for (const target of targets.get(file) ?? []) visit(target, [...path, file])
    settled.add(file)
  }
  for (const file of files) visit(file, [])
})

test('no code of the product imports a test', () => {
  const wrong = ours
    .filter(({ file, target }) => isTest(target) && !isTest(file))
    .filter(({ file }) => roomOf(file) !== 'integration-tests')
    .map(({ file, target }) => `${file} must not import ${target}: it is there for tests`)
  assert.deepEqual(wrong, [])
})

test('every library is imported only where the list allows it', () => {
  const wrong = foreign
    .map(({ file, target }) => ({ file, library: toLibrary(target) }))
    .filter(({ file, library }) => !mayImport(file, library))
    .map(({ file, library }) => `${file} must not import ${library}: it is for ${whoMay(library)}`)
  assert.deepEqual(wrong, [])
})

function mayImport(file: string, library: string): boolean {
  if (testLibraries.includes(library)) return mayTest(file)
  const where = libraries[library]
  if (where === undefined) return library.startsWith('node:') || isForStreet(file, library)
  // A test may sign, or serve, what its room verifies or asks for.
  const isForRoom = isTest(file) && where.some((place) => roomOf(place) === roomOf(file))
  return isForRoom || isForStreet(file, library) || where.some((place) => file.startsWith(place))
}

function isForStreet(file: string, library: string): boolean {
  return streetLibraries.includes(library) && roomOf(file) === 'integration-tests'
}

function whoMay(library: string): string {
  if (testLibraries.includes(library)) return 'tests'
  return libraries[library]?.join(', ') ?? 'nobody: put it on the list first'
}

/** Beside a test stand what several tests share: `open-test-outreach.ts`, `test-caller.ts`, contracts. */
function mayTest(file: string): boolean {
  return isTest(file) || roomOf(file) === 'integration-tests'
}

/** `library @scope/name/sub/path.js` -> `@scope/name`; a built-in module keeps its whole name. */
function toLibrary(target: string): string {
  const name = target.slice('library '.length)
  if (name.startsWith('node:')) return name
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

test('every library in package.json is on the list, and stands in its right half', () => {
  const file = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
    devDependencies: Record<string, string>
  }
  const known = Object.keys(libraries)
  const unknown = Object.keys(file.dependencies).filter((name) => !known.includes(name))
  assert.deepEqual(unknown, [], 'add it to the list, with the place where it may be imported')
  const inProduct = new Set(
    foreign
      .filter(({ file: from }) => !mayTest(from))
      .map(({ target }) => toLibrary(target))
      .filter((name) => !name.startsWith('node:')),
  )
  const absent = [...inProduct].filter((name) => !(name in file.dependencies))
  assert.deepEqual(absent, [], 'the product imports it: it belongs to the dependencies')
  const exact = Object.entries({ ...file.dependencies, ...file.devDependencies })
  assert.deepEqual(
    exact.filter(([, version]) => !/^\d+\.\d+\.\d+(-beta\.\d+)?$/.test(version)),
    [],
    'versions are exact',
  )
})

test('only the start, and programs started on their own, read the environment or end the process', () => {
  const allowed = /^(start\.ts|sandbox\/start\.ts|integration-tests\/)/
  const wrong = files
    .filter((file) => !allowed.test(file) && !isTest(file))
    .filter((file) => /\bprocess\.(env|exit)\b/.test(readFileSync(join(root, file), 'utf8')))
    .map((file) => `${file} must leave process.env and process.exit to start.ts`)
  assert.deepEqual(wrong, [])
})
