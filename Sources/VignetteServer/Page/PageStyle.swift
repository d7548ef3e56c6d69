extension Page {
  /// The style sheet: light and dark, wide and narrow, and without motion where that is asked for.
  static let style = #"""
    :root {
      color-scheme: light dark;
      --paper: #faf8f4; --card: #ffffff; --ink: #24232b; --soft: #5d5a66; --line: #d9d4cb;
      --accent: #9c2f1b; --on-accent: #ffffff; --tint: #f6e4dd; --bad: #9b1c31; --bad-tint: #fbe7ea;
      --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
      --serif: "Iowan Old Style", Palatino, "Palatino Linotype", "Liberation Serif", Georgia, serif;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #17161b; --card: #211f27; --ink: #ece9f0; --soft: #aaa5b5; --line: #3b3844;
        --accent: #f0937d; --on-accent: #2a0f08; --tint: #44271f; --bad: #ff9aa8; --bad-tint: #43202a;
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 var(--sans); }
    header, main { max-width: 76rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
    header { padding-top: 2rem; }
    header p { margin: .2rem 0 1.4rem; color: var(--soft); }
    main { padding-bottom: 4rem; }
    h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; margin: 0; }
    h1 { font-size: 2.3rem; letter-spacing: -.015em; }
    h2 { font-size: 1.4rem; }
    h4 { font: 600 .8rem/1.4 var(--sans); color: var(--soft); margin: 0; }

    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    .unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); }
    .skip {
      position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); color: var(--ink);
    }
    .skip:focus { top: .5rem; z-index: 2; }

    button, .button, select, input {
      font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
      padding: .4rem .8rem; min-height: 2.5rem;
    }
    button, .button, select { cursor: pointer; -webkit-tap-highlight-color: transparent; }
    button:hover, .button:hover { border-color: var(--accent); }
    .primary { background: var(--accent); color: var(--on-accent); border-color: var(--accent); font-weight: 600; }
    .button { display: inline-flex; align-items: center; position: relative; }
    .button input { position: absolute; inset: 0; opacity: 0; width: 100%; min-height: 0; padding: 0; cursor: pointer; }
    .button:focus-within { outline: 3px solid var(--accent); outline-offset: 2px; }

    #drop {
      background: var(--card); border: 2px dashed var(--line); border-radius: 1rem; padding: 1.4rem; text-align: center;
    }
    #drop.over { border-color: var(--accent); background: var(--tint); }
    .hint { margin: .3rem 0 .8rem; color: var(--soft); }
    .choices { display: flex; flex-wrap: wrap; gap: .7rem; justify-content: center; }
    #options { display: flex; flex-wrap: wrap; gap: .8rem 1.4rem; justify-content: center; margin-top: 1.3rem; }
    .field { display: grid; gap: .2rem; margin: 0; text-align: left; min-width: 0; }
    .field label { font-size: .85rem; color: var(--soft); }
    .field select, .field input { max-width: 100%; }
    #tokens { width: 12rem; }

    #captions { margin-top: 2.2rem; }
    #captions:focus { outline: none; }
    .heading { display: flex; justify-content: space-between; align-items: center; gap: 1rem; margin-bottom: .9rem; }
    #gallery {
      list-style: none; margin: 0; padding: 0; display: grid; gap: 1.2rem; align-items: start;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr));
    }
    .card { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; overflow: hidden; }
    .view { position: relative; background: var(--line); min-height: 6rem; }
    .view img { display: block; width: 100%; height: auto; }
    .view img.broken { display: none; }
    .view canvas { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
    .text { padding: .9rem 1.1rem 1.1rem; display: grid; gap: .7rem; }
    .text > * { margin: 0; min-width: 0; }
    .name { font: 600 .85rem/1.4 var(--sans); color: var(--soft); overflow-wrap: anywhere; }
    .progress { color: var(--soft); }
    .stream, .words { font: 1.35rem/1.5 var(--serif); overflow-wrap: anywhere; }
    .stream::after {
      content: "▍";
      color: var(--accent);
      animation: blink 1s steps(2, jump-none) infinite;
    }
    @keyframes blink { from { opacity: 1; } to { opacity: .15; } }
    .word {
      font: inherit; background: none; border: 0; padding: 0 .12em; margin: 0 -.06em; min-height: 0; border-radius: .25rem;
      text-decoration: underline dotted var(--soft) 1px; text-underline-offset: .22em; white-space: normal;
    }
    .word:hover, .word:focus-visible { background: var(--tint); }
    .word[aria-pressed="true"] {
      background: var(--accent);
      color: var(--on-accent);
      text-decoration: none;
    }
    .where { font-size: .9rem; color: var(--soft); min-height: 1.5em; }
    .problem {
      margin: 0 0 1rem; padding: .7rem 1rem; border-radius: .6rem; background: var(--bad-tint); color: var(--bad);
    }
    .text .problem { margin: 0; }
    .tools { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; font-size: .9rem; }
    .tools button, .tools select { padding: .25rem .7rem; min-height: 2.2rem; }
    .layers { flex-basis: 100%; display: inline-flex; align-items: center; gap: .5rem; }
    .others ol { margin: .3rem 0 0; padding: 0; list-style: none; display: grid; gap: .3rem; }
    .other { width: 100%; text-align: left; display: flex; gap: .8rem; justify-content: space-between; }
    .other[aria-pressed="true"] {
      border-color: var(--accent);
      background: var(--tint);
    }
    .score { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }

    dialog {
      border: 1px solid var(--line); border-radius: 1rem; background: var(--card); color: var(--ink); max-width: 26rem;
      padding: 1.4rem;
    }
    dialog::backdrop { background: rgb(0 0 0 / .5); }
    dialog input { width: 100%; }
    @media (max-width: 30rem) {
      #options { display: grid; }
      #tokens { width: 100%; }
      .stream, .words { font-size: 1.25rem; }
    }
    @media (prefers-reduced-motion: reduce) { .stream::after { animation: none; } }
    @media (forced-colors: active) { .word[aria-pressed="true"] { outline: 2px solid; } }

    """#
}
