/// Rules for words that keep their period: abbreviations, initials and acronyms.
extension PTBText {
  /// An abbreviation of the lists, or a single letter, with its period.
  func abbreviation(at start: Int) -> PTBMatch? {
    guard self[start].isASCIILetter else { return nil }
    let end = run(from: start) { $0.isASCIILetter }
    guard self[end] == ".", end - start <= 7 else { return nil }
    let length = end + 1 - start
    if length == 2 { return PTBMatch(length: 2) }
    let word = String(String.UnicodeScalarView(scalars[start..<end]))
    let lowercased = word.lowercased()
    let isCapitals = word == word.uppercased()
    if PTBAbbreviations.anywhere.contains(lowercased)
      || PTBAbbreviations.notCapitals.contains(lowercased) && !isCapitals
    {
      return PTBMatch(length: length)
    }
    let endsSentence =
      PTBAbbreviations.endingSentence.contains(lowercased)
      || PTBAbbreviations.endingSentenceCapitalised.contains(lowercased) && word != lowercased
      || PTBAbbreviations.endingSentenceNotCapitals.contains(lowercased) && !isCapitals
    // These look two characters further, and so win over a longer word that their period would join.
    if endsSentence { return PTBMatch(length: length, extent: length + 2) }
    let digit = kind(end + 1) == .space ? end + 2 : end + 1
    if PTBAbbreviations.beforeNumber.contains(lowercased), kind(digit) == .digit {
      return PTBMatch(length: length, extent: digit + 1 - start)
    }
    return nil
  }

  /// A word with its period before a comma, semicolon or colon, where no sentence can end.
  func wordInsideSentence(at start: Int) -> PTBMatch? {
    let words = [word, hyphenated, dottedWord, company, apostropheWord]
    guard let length = words.compactMap({ $0(start)?.length }).max() else { return nil }
    let end = start + length
    guard self[end] == ".", self[end + 1] == "," || self[end + 1] == ";" || self[end + 1] == ":"
    else { return nil }
    return PTBMatch(length: end + 1 - start, extent: end + 2 - start)
  }

  /// A single letter before a tag or a word that begins sentences, which is a word and no initial.
  func letterAtSentenceEnd(at start: Int) -> PTBMatch? {
    guard self[start].isASCIILetter, self[start + 1] == ".", kind(start + 2) == .space else { return nil }
    var next = start + 2
    while next < scalars.count, kind(next) == .space { next += 1 }
    if let tag = markup(at: next) { return PTBMatch(length: 1, extent: next + tag.length - start) }
    let end = run(from: next) { $0.isASCIILetter || $0 == "." }
    guard ("A"..."Z").contains(self[next]), kind(end) == .space, end < scalars.count,
      PTBAbbreviations.sentenceStarters.contains(lowercasedWord(next..<end))
    else { return nil }
    return PTBMatch(length: 1, extent: end + 1 - start)
  }

  private func lowercasedWord(_ range: Range<Int>) -> String {
    String(String.UnicodeScalarView(scalars[range])).lowercased()
  }

  /// A name with the ending of a kind of file, whose other parts may begin with digits.
  func fileName(at start: Int) -> PTBMatch? {
    var end = alphanumericEnd(from: start)
    var found: PTBMatch?
    while end > start, self[end] == "." {
      for ending in PTBAbbreviations.fileEndings where matches(ending, at: end + 1) {
        let length = end + 1 + ending.utf8CodeUnitCount - start
        let endsHere = kind(start + length) == .space || ".,!?".unicodeScalars.contains(self[start + length])
        if endsHere { found = PTBMatch(length: length, extent: length + 1) }
      }
      let next = alphanumericEnd(from: end + 1)
      if next == end + 1 { break }
      end = next
    }
    return found
  }

  /// Single letters with periods, the last included: `U.S.`, `p.m.`; and `Ph.D.`.
  func acronym(at start: Int) -> PTBMatch? {
    if matches("ph.d.", at: start) || matches("ed.d.", at: start) { return PTBMatch(length: 5) }
    return acronymEnd(from: start).map { PTBMatch(length: $0 - start) }
  }

  /// The end of two or more letters, each followed by a period.
  func acronymEnd(from start: Int) -> Int? {
    var end = start
    while self[end].isASCIILetter, self[end + 1] == "." { end += 2 }
    return end - start >= 4 ? end : nil
  }
}

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
