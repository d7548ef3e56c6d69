/// The page at `/`: drop images, read captions, see where the model looked for each word.
///
/// A document, a script, a style sheet and an icon. Nothing comes from elsewhere, and nothing stands inline, so that the
/// strictest content security policy holds. It speaks to the server's own endpoint alone.
package enum Page {
  /// By the path that each is served at.
  package static let assets: [String: (contentType: String, body: String)] = [
    "/": ("text/html; charset=utf-8", markup),
    "/page.js": ("text/javascript; charset=utf-8", serverScript + heatScript + cardScript + galleryScript),
    "/page.css": ("text/css; charset=utf-8", style),
    "/icon.svg": ("image/svg+xml", icon),
  ]

  private static let icon = #"""
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
    <rect width="32" height="32" rx="7" fill="#9c2f1b"/>
    <ellipse cx="16" cy="16" rx="9.5" ry="11.5" fill="#faf8f4"/>
    <path d="M8 21l5-6 4 4 3-3 4 5a9.5 11.5 0 0 1-16 0z" fill="#9c2f1b"/>
    <circle cx="19.5" cy="11.5" r="2" fill="#9c2f1b"/>
    </svg>

    """#
}
