type Row = { readonly lockVersion: number; readonly isDeleted: boolean }

/**
 * The version of a Workbooks record: its `lock_version`, and whether it is deleted, for that need not
 * move the number (workbooks-api 5.4).
 */
export function versionOfRow({ lockVersion, isDeleted }: Row): string {
  return isDeleted ? `${lockVersion} deleted` : String(lockVersion)
}
