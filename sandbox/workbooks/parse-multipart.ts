type Part = readonly [name: string, value: string]

const nameForm = /;\s*name="([^"]*)"/i
const fileForm = /;\s*filename="([^"]*)"/i

const parsePart = (part: string): readonly Part[] => {
  const end = part.indexOf('\r\n\r\n')
  const headers = part.slice(0, Math.max(0, end))
  const name = nameForm.exec(headers)?.[1]
  if (end < 0 || name === undefined) return []
  const file = fileForm.exec(headers)?.[1]
  const value = Buffer.from(part.slice(end + 4).replace(/\r\n$/, ''), 'latin1').toString('utf8')
  // Files are accepted and named, not kept: no simulated record has any.
  return [
    [Buffer.from(name, 'latin1').toString('utf8'), file === undefined ? value : `[file:${file}]`],
  ]
}

/** The fields of a multipart form, in their order. */
export const parseMultipart = (body: Buffer, contentType: string): readonly Part[] => {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined) throw new Error('a multipart body without a boundary')
  return `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`).slice(1).flatMap(parsePart)
}
