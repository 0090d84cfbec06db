import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'vitest'
import { verbs } from '../ops/verbs.ts'
import { renderSettingsTable } from '../runtime/render-settings.ts'
import { exitCodes } from '../runtime/lifecycle.ts'
import { topics } from '../schemas/topics.ts'
import { roles } from '../start/roles.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** What .gitignore leaves out. */
const isIgnored = (name: string) => /^(node_modules|data|coverage|\.git|\.env|.*\.log)$/.test(name)

/** What is committed, or about to be. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !isIgnored(name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      return entry.isDirectory() ? filesIn(path) : [path]
    })
}

const files = filesIn('')
const documents = files.filter((file) => file.endsWith('.md'))

test("README's table of settings is what the settings say of themselves", () => {
  const [, table] = /<!-- settings -->\n([\s\S]*?)<!-- \/settings -->/.exec(read('README.md')) ?? []
  const mend = 'write renderSettingsTable() between the two marks again'
  assert.equal(table?.trim(), renderSettingsTable().trim(), mend)
})

test('what is deployed knows every topic, every role, and only settings that there are', () => {
  const heroku = read('docs/heroku.md').replaceAll(/\\?\n/g, ' ')
  const [, listed = ''] = /for topic in ([\s\S]*?)do heroku/.exec(heroku) ?? []
  assert.deepEqual(listed.trim().split(/\s+/), [...topics])

  const started = [...read('Procfile').matchAll(/^\w+: node start\.ts (\w+)$/gm)].map(
    ([, role]) => role,
  )
  assert.deepEqual(started, [...roles])

  const compose = read('docker-compose.yml')
  const composed = [...compose.matchAll(/^ +command: \[(\w+)\]$/gm)].map(([, role]) => role)
  assert.deepEqual(composed, ['gateway', 'gateway', 'consumers', 'consumers', 'reconciliation'])
  const [, environment = ''] =
    /environment: &environment\n((?: +[A-Z_]+: .*\n)+)/.exec(compose) ?? []
  const names = [...environment.matchAll(/^ +([A-Z_]+):/gm)].map(([, name = '']) => name)
  assert.deepEqual(names, ['KAFKA_BROKERS', 'DATABASE_URL'])
})

test('every relative link in a document leads to a file, and to a heading of it', () => {
  const broken = documents.flatMap((file) =>
    linksOf(read(file))
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !leadsSomewhere(file, link))
      .map((link) => `${file}: ${link}`),
  )
  assert.deepEqual(broken, [])
})

function linksOf(text: string): readonly string[] {
  // What stands in code shows what to type; it is no link.
  const prose = text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
}

function leadsSomewhere(file: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const target = path === '' ? file : join(dirname(file), path)
  if (!existsSync(join(root, target))) return false
  return heading === undefined || headingsOf(read(target)).includes(heading)
}

function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('every npm script, file and verb that a document tells to use is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const known = [...verbs.map(({ name }) => name), 'help', 'token']
  const wrong = documents.flatMap((file) => {
    const text = read(file)
    const all = (form: RegExp) => [...text.matchAll(form)].map(([, word = '']) => word)
    return [
      ...all(/npm run (?:-s )?([\w:-]+)/g).filter((name) => scripts[name] === undefined),
      ...all(/\bnode (\S+\.ts)\b/g).filter((path) => !existsSync(join(root, path))),
      ...all(/(?:start\.ts ops|run -s ops --|`ops) ([a-z]+)/g).filter(
        (name) => !known.includes(name),
      ),
    ].map((word) => `${file}: ${word}`)
  })
  assert.deepEqual(wrong, [])
})

test('exit codes stand in the documents as they are', () => {
  assert.match(read('README.md'), new RegExp(`exit code ${exitCodes.configuration}`))
})

test('the glossary has every word of the sentence, once, with a meaning', () => {
  const glossary = read('docs/glossary.md')
  const rows = [...glossary.matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)].filter(
    ([, word]) => word !== 'word' && word !== '---',
  )
  const words = rows.map(([, word = '']) => word)
  assert.deepEqual(
    words.filter((word, at) => words.indexOf(word) !== at),
    [],
    'said twice',
  )
  const [sentence = ''] = /A \*delivery\*[\s\S]*?\n\n/.exec(glossary) ?? []
  const inSentence = [...sentence.matchAll(/\*([a-z]+)\*/g)].map(([, word = '']) => word)
  assert.ok(inSentence.length > 10, sentence)
  // `normalised` is what makes an event, `validated` what its schema describes.
  const known = (word: string) =>
    words.some((one) => one.startsWith(word.replace(/(s|d|ed|ies)$/, ''))) ||
    rows.some(([, , meaning = '']) => meaning.includes(word))
  assert.deepEqual(
    inSentence.filter((word) => !known(word)),
    [],
  )
})

/** Names that say nothing, and verbs that could mean anything. */
const emptyNames =
  /^((utils?|helpers?|common|shared|misc|types|index)\.|(get|do|handle|manage|perform)-)/

test('files are named in kebab-case, after what they hold', () => {
  const allowed = ['sdk/index.ts']
  const wrong = files
    .filter((file) => file.endsWith('.ts') && !allowed.includes(file))
    .filter((file) => {
      const name = basename(file)
      return !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/.test(name) || emptyNames.test(name)
    })
  assert.deepEqual(wrong, [])
})

test('no committed file names a machine: no home, no registry', () => {
  // Written in pieces, so that this file does not name them either.
  const places = ['/wo' + 'rk/', '/ho' + 'me/', '/Us' + 'ers/', 'C:' + '\\\\Users', '/ro' + 'ot/']
  const inside = new RegExp(places.join('|'))
  const wrong = files
    .filter((file) => /\.(ts|js|json|md|php|sh|yml|yaml|example)$|Procfile|\.ci\//.test(file))
    .filter((file) => file !== 'package-lock.json')
    .flatMap((file) => {
      const line = read(file)
        .split('\n')
        .find((one) => inside.test(one))
      return line === undefined ? [] : [`${file}: ${line.trim().slice(0, 120)}`]
    })
  assert.deepEqual(wrong, [])
  // Whoever installs has a registry of their own.
  assert.ok(!read('package-lock.json').includes('"resolved"'))
})
