import Foundation

/// Lets two folders change places in one step.
enum FolderExchange {
  /// Gives each of two folders the other's name; false if the system or the file system can't.
  static func exchange(_ left: URL, _ right: URL) -> Bool {
    #if os(Linux)
      // Glibc's headers hide renameat2 from Swift.
      guard let symbol = dlsym(nil, "renameat2") else { return false }
      typealias Function =
        @convention(c) (
          CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt
        ) -> CInt
      let exchangeFlag: CUnsignedInt = 2
      return unsafeBitCast(symbol, to: Function.self)(
        AT_FDCWD, left.path, AT_FDCWD, right.path, exchangeFlag) == 0
    #else
      return renamex_np(left.path, right.path, UInt32(RENAME_SWAP)) == 0
    #endif
  }
}
