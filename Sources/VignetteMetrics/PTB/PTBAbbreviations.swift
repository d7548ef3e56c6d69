/// Abbreviations that keep their period, in lower case, by how the tokenizer treats them.
enum PTBAbbreviations {
  /// Kept in any spelling: titles, ranks, offices.
  static let anywhere = words(
    """
    adj adm adv alex asst assoc atty attys ave brig capt cf cie cmdr col comdr cpl dept det dr drs elec ens ft \
    gen gov govs hon insp invt jos lieut lt maj messrs mlle mme mr mrs ms msgr mt natl pfc ph pres prof profs pvt \
    rep reps rev sen sens sfc sgt spc st ste supt supts treas vs wm
    """)

  /// Kept unless written in capitals.
  static let notCapitals = words("mfg mtg")

  /// Kept in any spelling, and often at a sentence's end: months, days, states, companies.
  static let endingSentence = words(
    """
    al ala apr ariz assn aug bancorp bhd bldg blvd bros calif co colo conn corp cos ct dak dec esq est etc ext feb \
    fla fri ga inc ind intl jan jr jul jun kan kans ky ltd mar md mich minn mo mon mont neb nev nov oct okla penn \
    plc rd rt sep sept seq sq sr sys tel tenn thu thurs tue tues univ va vt wed wis wisc wyo
    """)

  /// As `endingSentence`, but only with a capital: in lower case they are words.
  static let endingSentenceCapitalised = words("ark az del ill la mass miss ore pa tex wash")

  /// As `endingSentence`, unless written in capitals.
  static let endingSentenceNotCapitals = words("ppte pptes ppty pptys pte ptes pty ptys")

  /// Kept only before a number.
  static let beforeNumber = words("art ca fig figs no nos op pp prop")

  /// Words that, capitalised after a single letter and its period, show that a sentence ended there.
  static let sentenceStarters = words(
    """
    a about according additionally after an as at but earlier he her here however if in it last many more mr. ms. now once \
    one other our she since so some such that the their then there these they this we what when while yet you
    """)

  /// Endings of file names.
  static let fileEndings: [StaticString] = [
    "bat", "bmp", "c", "cgi", "cpp", "dll", "doc", "docx", "exe", "gif", "gz", "h", "htm", "html", "jar",
    "java",
    "jpeg", "jpg", "mov", "pdf", "php", "pl", "png", "ppt", "ps", "py", "sql", "tar", "txt", "wav", "x",
    "xml", "zip",
  ]

  private static func words(_ list: String) -> Set<String> {
    Set(list.split(separator: " ").map(String.init))
  }
}
