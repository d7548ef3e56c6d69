extension Page {
  /// The document. What it refers to is an asset, by a path that also works behind a proxy's prefix.
  static let markup = #"""
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="description" content="Captions for images, and where the model looked for each word.">
    <title>Vignette: captions for images</title>
    <link rel="icon" href="icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="page.css">
    <script type="module" src="page.js"></script>
    </head>
    <body>
    <a class="skip" href="#captions">Skip to the captions</a>
    <header>
    <h1>Vignette</h1>
    <p>Captions for images, and where the model looked for each word.</p>
    </header>
    <main>
    <noscript><p class="problem">This page needs JavaScript, which is switched off here.</p></noscript>
    <p id="problem" class="problem" role="alert" hidden></p>
    <section id="drop" aria-labelledby="drop-title">
    <h2 id="drop-title">Add images</h2>
    <p class="hint">Drop them here, paste them, or</p>
    <div class="choices">
    <label class="button primary"><input id="files" type="file" multiple
    accept="image/jpeg,image/png,image/webp,image/gif,image/bmp">Choose images</label>
    <label class="button" id="camera-label" hidden><input id="camera" type="file" capture="environment"
    accept="image/jpeg,image/png,image/webp">Take a photo</label>
    </div>
    <form id="options" aria-label="Options">
    <p class="field" id="model-field" hidden><label for="model">Model</label><select id="model"></select></p>
    <p class="field"><label for="search">Search</label><select id="search">
    <option value="1">Greedy, word by word</option>
    <option value="3">3 beams</option>
    <option value="5">5 beams</option>
    <option value="8">8 beams</option>
    </select></p>
    <p class="field"><label for="count">Captions an image</label><select id="count">
    <option>1</option><option>2</option><option>3</option><option>5</option>
    </select></p>
    <p class="field"><label for="tokens">New tokens at most</label><input id="tokens" type="number"
    inputmode="numeric" min="1" max="999" placeholder="as the model says"></p>
    </form>
    </section>
    <section id="captions" aria-labelledby="captions-title" tabindex="-1" hidden>
    <div class="heading">
    <h2 id="captions-title">Captions</h2>
    <button type="button" id="clear">Remove all</button>
    </div>
    <ul id="gallery"></ul>
    </section>
    <p id="status" class="unseen" role="status"></p>
    </main>
    <dialog id="key" aria-labelledby="key-title">
    <form method="dialog">
    <h2 id="key-title">API key</h2>
    <p>This server answers those that have its key. It is kept until the window is closed.</p>
    <p class="field"><label for="key-value">Key</label><input id="key-value" type="password" autocomplete="off"
    required></p>
    <p class="tools"><button class="primary" value="use">Use it</button>
    <button value="" formnovalidate>Cancel</button></p>
    </form>
    </dialog>
    <template id="card">
    <li class="card" aria-busy="true">
    <div class="view"><img alt=""><canvas aria-hidden="true"></canvas></div>
    <div class="text">
    <h3 class="name"></h3>
    <p class="progress">Waiting</p>
    <p class="stream" aria-hidden="true" hidden></p>
    <div class="words" role="toolbar" aria-label="Words of the caption: arrow keys move between them" hidden></div>
    <p class="where" aria-live="polite" hidden></p>
    <p class="problem" hidden></p>
    <div class="others" hidden>
    <h4>Captions, the best first</h4>
    <ol></ol>
    </div>
    <div class="tools">
    <label class="layers" hidden><span>Looked at by</span> <select></select></label>
    <button type="button" class="copy-text" hidden>Copy text</button>
    <button type="button" class="copy-alt" hidden>Copy alt</button>
    <button type="button" class="again" hidden>Try again</button>
    <button type="button" class="remove">Remove</button>
    </div>
    </div>
    </li>
    </template>
    </body>
    </html>

    """#
}
