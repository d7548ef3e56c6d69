import VignetteFiles

/// The page of a ``CaptionReport`` around its rows.
///
/// A row is an object of JSON: `n` the image's name, `c` its caption, `o` others, `s` the score, `f` why there is none, `t` the
/// thumbnail's address, `l` the image's.
enum ReportPage {
  /// Up to the first row.
  static func head(title: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src * data: blob: file:; \
    style-src 'unsafe-inline'; script-src 'unsafe-inline'">
    <title>\(escaped(title)) – captions</title>
    <style>
    \(styleSheet)
    </style>
    </head>
    <body>
    <header>
    <div class="bar">
    <h1>\(escaped(title))</h1>
    <p id="summary" role="status" aria-live="polite"></p>
    </div>
    \(controls)
    </header>
    <main id="cards" aria-label="Images"></main>
    <nav class="pages" aria-label="Pages">
    <button type="button" id="previous">Previous</button>
    <span id="page" aria-live="polite"></span>
    <button type="button" id="next">Next</button>
    </nav>
    <footer>Written by Vignette. Keys: <kbd>/</kbd> filter, <kbd>n</kbd> and <kbd>p</kbd> turn pages, \
    <kbd>Ctrl</kbd> <kbd>Enter</kbd> goes to the next caption, <kbd>Esc</kbd> undoes an edit.</footer>
    <noscript><p>This page shows its images by a script of its own, which the browser doesn’t run.</p></noscript>
    <script type="application/json" id="rows">[
    """
  }

  /// Behind the last row.
  static let tail = "\n]</script>\n<script>\n\(script)\n</script>\n</body>\n</html>\n"

  private static let controls = """
    <form class="controls" id="controls" role="search">
    <label class="wide">Filter <input type="search" id="query" placeholder="words in names and captions" autocomplete="off"></label>
    <label>Show <select id="show">
    <option value="all">all</option>
    <option value="edited">edited</option>
    <option value="long">over 125 characters</option>
    <option value="failed">failed</option>
    </select></label>
    <label>Order <select id="order">
    <option value="given">as captioned</option>
    <option value="name">by name</option>
    <option value="low">lowest score first</option>
    <option value="high">highest score first</option>
    </select></label>
    <label>Score at most <input type="number" id="most" step="0.05" placeholder="any"></label>
    <span class="export">
    <label class="check"><input type="checkbox" id="only"> edited only</label>
    <button type="button" id="jsonl">Save JSONL</button>
    <button type="button" id="csv">Save CSV</button>
    </span>
    </form>
    """

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where scalar.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  private static let styleSheet = """
    :root {
      --paper: #f7f5f1; --card: #fff; --ink: #211f1c; --soft: #6d675e; --line: #e0d9cd; --accent: #a8442a;
      --tint: #fbf0e9; --warn: #8a5a00; --field: #fffdf9;
      --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
      --serif: Charter, "Bitstream Charter", Georgia, "DejaVu Serif", serif;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #161513; --card: #201e1b; --ink: #ece7de; --soft: #a29a8d; --line: #3a362f; --accent: #ee9272;
        --tint: #33251d; --warn: #e9b949; --field: #1a1815;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.45 var(--sans); }
    header { position: sticky; top: 0; z-index: 1; padding: .8rem 1.25rem; background: var(--paper);
      border-bottom: 1px solid var(--line); }
    .bar { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1.2rem; }
    h1 { margin: 0; font: 600 1.5rem/1.2 var(--serif); overflow-wrap: anywhere; }
    p { margin: 0; }
    #summary { color: var(--soft); font-variant-numeric: tabular-nums; }
    .controls { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: end; margin-top: .6rem; }
    .controls label { display: grid; gap: .15rem; font-size: .78rem; color: var(--soft); }
    .controls .wide { flex: 1 1 14rem; }
    .controls .check { display: flex; align-items: center; gap: .35rem; font-size: .85rem; }
    .export { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
    input, select, button, textarea { font: inherit; color: inherit; background: var(--field);
      border: 1px solid var(--line); border-radius: 8px; padding: .38rem .6rem; }
    .controls input, .controls select, .controls button { font-size: .9rem; }
    input[type=number] { width: 7rem; }
    button { cursor: pointer; background: var(--card); }
    button:hover:not(:disabled) { border-color: var(--accent); color: var(--accent); }
    button:disabled { opacity: .45; cursor: default; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    main { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; padding: 1.25rem; }
    article { display: flex; flex-direction: column; background: var(--card); border: 1px solid var(--line);
      border-radius: 12px; overflow: hidden; }
    article.edited { border-color: var(--accent); box-shadow: inset 0 3px var(--accent); }
    .image { display: grid; place-items: center; height: 13rem; background: var(--tint); }
    .image img { max-width: 100%; max-height: 13rem; object-fit: contain; display: block; }
    .image span { color: var(--soft); padding: 1rem; text-align: center; }
    .text { display: flex; flex-direction: column; gap: .45rem; padding: .75rem .85rem .85rem; flex: 1; }
    .name { font-size: .78rem; color: var(--soft); overflow-wrap: anywhere; text-decoration: none; }
    a.name:hover { text-decoration: underline; }
    textarea { width: 100%; min-height: 6.4rem; resize: vertical; flex: 1; }
    .facts { display: flex; justify-content: space-between; gap: .6rem; align-items: center; min-height: 1.9rem;
      font-size: .8rem; color: var(--soft); font-variant-numeric: tabular-nums; }
    .facts button { padding: .15rem .5rem; font-size: .8rem; }
    .facts .long { color: var(--warn); font-weight: 600; }
    .others { display: grid; gap: .3rem; }
    .others button { text-align: left; font-size: .85rem; }
    .failure { color: var(--warn); overflow-wrap: anywhere; }
    .none { grid-column: 1 / -1; padding: 3rem; text-align: center; color: var(--soft); }
    .pages { display: flex; justify-content: center; align-items: center; gap: 1rem; padding: .5rem 1rem 1rem; }
    footer { padding: .5rem 1.25rem 2rem; color: var(--soft); font-size: .85rem; text-align: center; }
    kbd { font: .9em var(--sans); border: 1px solid var(--line); border-radius: 4px; padding: 0 .3em; }
    @media (max-width: 640px) { header { position: static; } }
    """

  /// No framework: rows are read once, and the cards of one page are made at a time. Edits are kept in the browser until the page's
  /// captions change.
  private static let script = #"""
    'use strict';
    const rows = JSON.parse(document.getElementById('rows').textContent);
    const element = (id) => document.getElementById(id);
    const pageSize = 60;
    const storeKey = 'vignette-captions:' + location.pathname;
    const edits = new Map();
    let shown = [];
    let page = 0;

    rows.forEach((row, index) => { row.index = index; row.c = row.c ?? ''; });

    function load() {
      try {
        const known = new Map(rows.map((row) => [row.n + '\n' + row.c, row]));
        for (const [name, before, after] of JSON.parse(localStorage.getItem(storeKey) ?? '[]')) {
          const row = known.get(name + '\n' + before);
          if (row) edits.set(row.index, after);
        }
      } catch { /* A browser without a store keeps edits while the page is open. */ }
    }

    function store() {
      try {
        const list = [...edits].map(([index, text]) => [rows[index].n, rows[index].c, text]);
        localStorage.setItem(storeKey, JSON.stringify(list));
      } catch { /* As above. */ }
    }

    const caption = (row) => edits.get(row.index) ?? row.c;
    const printed = (name) => name.replace(/\p{Surrogate}/gu, (unit) => '\\u' + unit.charCodeAt(0).toString(16));

    function edit(row, text) {
      if (text === row.c) edits.delete(row.index); else edits.set(row.index, text);
      store();
      summarize();
    }

    function summarize() {
      const failed = rows.filter((row) => row.f !== undefined).length;
      const parts = [rows.length === 1 ? '1 image' : `${rows.length} images`];
      if (shown.length !== rows.length) parts.push(`${shown.length} shown`);
      if (failed) parts.push(`${failed} failed`);
      parts.push(`${edits.size} edited`);
      element('summary').textContent = parts.join(' · ');
    }

    function select() {
      const words = element('query').value.toLowerCase().split(/\s+/).filter(Boolean);
      const show = element('show').value;
      const most = parseFloat(element('most').value);
      shown = rows.filter((row) => {
        if (show === 'edited' && !edits.has(row.index)) return false;
        if (show === 'failed' && row.f === undefined) return false;
        if (show === 'long' && [...caption(row)].length <= 125) return false;
        if (!Number.isNaN(most) && !(row.s <= most)) return false;
        if (!words.length) return true;
        const text = (row.n + ' ' + caption(row)).toLowerCase();
        return words.every((word) => text.includes(word));
      });
      const order = element('order').value;
      const score = (row, none) => row.s ?? none;
      if (order === 'name') shown.sort((a, b) => (a.n < b.n ? -1 : a.n > b.n ? 1 : 0));
      if (order === 'low') shown.sort((a, b) => score(a, Infinity) - score(b, Infinity) || a.index - b.index);
      if (order === 'high') shown.sort((a, b) => score(b, -Infinity) - score(a, -Infinity) || a.index - b.index);
      turn(0);
    }

    function make(tag, properties, ...children) {
      const node = Object.assign(document.createElement(tag), properties);
      node.append(...children);
      return node;
    }

    function card(row) {
      const picture = row.t
        ? make('img', { src: row.t, alt: caption(row), loading: 'lazy', decoding: 'async' })
        : make('span', { textContent: 'no image to show' });
      const name = row.l
        ? make('a', { className: 'name', href: row.l, target: '_blank', rel: 'noopener', textContent: printed(row.n) })
        : make('span', { className: 'name', textContent: printed(row.n) });
      const text = make('div', { className: 'text' }, name);
      const node = make('article', {}, make('div', { className: 'image' }, picture), text);
      if (row.f !== undefined) {
        text.append(make('p', { className: 'failure', textContent: row.f }));
        if (!row.c) return node;
      }
      const field = make('textarea', { value: caption(row), spellcheck: true });
      field.setAttribute('aria-label', 'Caption of ' + printed(row.n));
      const length = make('span', {});
      const undo = make('button', { type: 'button', textContent: 'Undo' });
      const update = () => {
        const count = [...field.value].length;
        length.textContent = `${count} characters` + (row.s === undefined ? '' : ` · score ${row.s.toFixed(3)}`);
        length.className = count > 125 ? 'long' : '';
        undo.hidden = !edits.has(row.index);
        node.classList.toggle('edited', edits.has(row.index));
        if (row.t) picture.alt = field.value;
      };
      const set = (value) => { field.value = value; edit(row, value); update(); };
      field.addEventListener('input', () => { edit(row, field.value); update(); });
      field.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') { set(row.c); event.stopPropagation(); }
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          const fields = [...document.querySelectorAll('textarea')];
          const next = fields[fields.indexOf(field) + 1];
          if (next) next.focus(); else if (turn(page + 1)) document.querySelector('textarea')?.focus();
        }
      });
      undo.addEventListener('click', () => { set(row.c); field.focus(); });
      text.append(field, make('div', { className: 'facts' }, length, undo));
      if (row.o) {
        text.append(make('div', { className: 'others' }, ...row.o.map((other) => {
          const button = make('button', { type: 'button', textContent: other, title: 'Take this caption' });
          button.addEventListener('click', () => set(other));
          return button;
        })));
      }
      update();
      return node;
    }

    function turn(to) {
      const pages = Math.max(1, Math.ceil(shown.length / pageSize));
      if (to < 0 || to >= pages) return false;
      page = to;
      const cards = shown.slice(page * pageSize, (page + 1) * pageSize).map(card);
      if (!cards.length) cards.push(make('p', { className: 'none', textContent: 'No image is like that.' }));
      element('cards').replaceChildren(...cards);
      element('page').textContent = `Page ${page + 1} of ${pages}`;
      element('previous').disabled = page === 0;
      element('next').disabled = page === pages - 1;
      window.scrollTo(0, 0);
      summarize();
      return true;
    }

    function exported() {
      const only = element('only').checked;
      return rows.filter((row) => row.f === undefined && (!only || edits.has(row.index)));
    }

    function save(name, type, text) {
      const link = make('a', { href: URL.createObjectURL(new Blob([text], { type })), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }

    const stem = decodeURIComponent(location.pathname.split('/').pop() || 'captions').replace(/\.html?$/, '');
    element('jsonl').addEventListener('click', () => {
      const lines = exported().map((row) => {
        const record = { file: row.n, caption: caption(row), score: row.s ?? null };
        if (edits.has(row.index)) record.original = row.c;
        return JSON.stringify(record) + '\n';
      });
      save(stem + '-edited.jsonl', 'application/jsonl', lines.join(''));
    });
    element('csv').addEventListener('click', () => {
      const quoted = (field) => (/[",\r\n]/.test(field) ? '"' + field.replaceAll('"', '""') + '"' : field);
      const lines = exported().map((row) => [printed(row.n), caption(row), String(row.s ?? '')].map(quoted).join(','));
      save(stem + '-edited.csv', 'text/csv', ['file,caption,score', ...lines].join('\n') + '\n');
    });
    for (const id of ['query', 'show', 'order', 'most']) element(id).addEventListener('input', select);
    element('controls').addEventListener('submit', (event) => event.preventDefault());
    element('previous').addEventListener('click', () => turn(page - 1));
    element('next').addEventListener('click', () => turn(page + 1));
    document.addEventListener('keydown', (event) => {
      if (event.target.closest('input, textarea, select') || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') { event.preventDefault(); element('query').focus(); }
      if (event.key === 'n') turn(page + 1);
      if (event.key === 'p') turn(page - 1);
    });
    load();
    select();
    """#
}
