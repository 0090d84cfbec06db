/** `org_lead_party[main_location][email]` as it comes in becomes `org_lead_party[main_location[email]]` (workbooks-api 5.1). */
export const toNestedName = (wireName: string): string => {
  const [first = '', ...inner] = wireName.split(/[[\]]+/).filter((part) => part !== '')
  return inner.length === 0 ? first : `${first}[${inner.join('[')}${']'.repeat(inner.length)}`
}
