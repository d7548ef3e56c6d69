import Testing
import Vignette

/// Texts as the programs of readers' authors show them; for manga-ocr, with jaconv 0.5.
@Suite struct TextCleanupTests {
  @Test(arguments: [
    (" あ い\u{3000}う\t", "あいう"), ("え…", "え．．．"), ("お・・・。", "お．．．。"), ("カ・キ", "カ・キ"), ("・.", "．．"),
    ("No.1!?", "Ｎｏ．１！？"), ("a~\\\"'", "ａ～＼＂＇"), ("ｶﾞｷﾞﾊﾟﾎﾟｳﾞ", "ガギパポヴ"), ("ｯﾞｱﾟｰ｡", "ッﾞアﾟー。"), ("漢字", "漢字"),
    ("", ""), ("\u{1C}x\u{85}y", "ｘｙ"),
  ])
  func manga(text: String, cleaned: String) {
    #expect(TextCleanup.mangaOCR.clean(text) == cleaned)
  }

  @Test func namesAreTheProgramsOwn() {
    #expect(TextCleanup.allCases.map(\.rawValue) == ["manga-ocr"])
  }
}
