extension TrainingReport {
  static let styleSheet = """
    :root {
      --paper: #f7f5f1; --card: #ffffff; --ink: #211f1c; --soft: #6d675e; --line: #e4dfd6; --accent: #a8442a;
      --tint: #fbf0e9; --warn: #fff4d6; --warn-line: #e2b53c; --warn-ink: #574106;
      --series-1: #2f6f9f; --series-2: #c8553d; --series-3: #4f8a4c; --series-4: #8a63a8;
      --series-5: #b58a1c;
      --serif: Charter, "Bitstream Charter", "Iowan Old Style", Georgia, "DejaVu Serif", serif;
      --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #161513; --card: #201e1b; --ink: #ece7de; --soft: #a29a8d; --line: #37332d; --accent: #ee9272;
        --tint: #33251d; --warn: #352b12; --warn-line: #8d7128; --warn-ink: #f3dfa6;
        --series-1: #71b1e0; --series-2: #f0896f; --series-3: #8cc488; --series-4: #c3a0df;
        --series-5: #e0bd5c;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 var(--sans); }
    main { max-width: 1120px; margin: 0 auto; padding: 3.5rem 1.5rem 1rem; }
    h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.15; text-wrap: balance; }
    h1 { font-size: clamp(2rem, 5vw, 3.1rem); margin: 0; letter-spacing: -.015em; overflow-wrap: anywhere; }
    h2 { display: flex; flex-wrap: wrap; gap: 0 .6em; align-items: baseline; font-size: 1.55rem; margin: 0 0 1.1rem; }
    h2 small { font: 400 .9rem var(--sans); color: var(--soft); }
    h3 { font-size: .78rem; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); margin: 0; }
    section { margin-top: 3.2rem; }
    p { margin: 0; }
    .kind { font-size: .8rem; font-weight: 600; letter-spacing: .12em; text-transform: uppercase;
      color: var(--accent); margin-bottom: .6rem; }
    .summary { font-size: 1.1rem; color: var(--soft); max-width: 46em; margin-top: .9rem; overflow-wrap: anywhere; }
    .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1px; overflow: hidden;
      margin: 2rem 0 0; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
    .facts div { box-shadow: 0 0 0 1px var(--line); padding: 1rem 1.2rem 1.05rem; }
    .facts dt { font-size: .85rem; color: var(--soft); }
    .facts dd { margin: .15rem 0 0; font: 600 1.7rem/1.2 var(--serif); font-variant-numeric: tabular-nums lining-nums; }
    .warning { margin-top: 1.25rem; padding: .85rem 1.1rem; border-radius: 14px; background: var(--warn);
      color: var(--warn-ink); border: 1px solid var(--warn-line); overflow-wrap: anywhere; }
    .note { margin-top: .9rem; color: var(--soft); }
    .charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.25rem; }
    figure, article, .scroll, .settings { background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
    figure { display: flex; flex-direction: column; margin: 0; padding: 1.1rem 1.1rem .5rem; }
    figure:first-child:nth-last-child(odd) { grid-column: 1 / -1; }
    figure:first-child:nth-last-child(odd) svg { max-height: 24rem; }
    figcaption { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; align-items: baseline; font-size: .85rem;
      color: var(--soft); margin-bottom: .7rem; }
    figcaption h3 { flex: 1 0 100%; font: 600 1.05rem var(--serif); letter-spacing: 0; text-transform: none;
      color: var(--ink); }
    .key { white-space: nowrap; }
    .key::before { content: ""; display: inline-block; width: .9em; height: .22em; border-radius: 2px;
      background: var(--series); margin-right: .45em; vertical-align: .25em; }
    .key b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
    svg { display: block; width: 100%; height: auto; margin-top: auto; overflow: visible; }
    svg .grid { stroke: var(--line); }
    svg .axis { stroke: var(--soft); stroke-opacity: .6; }
    svg .tick { fill: var(--soft); font: 12px var(--sans); font-variant-numeric: tabular-nums; }
    svg polyline { fill: none; stroke: var(--series); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    svg .over polyline { stroke-dasharray: 7 5; }
    svg .mark { fill: var(--card); stroke: var(--series); stroke-width: 2; opacity: 0; }
    svg .marked .mark, svg .point:hover .mark { opacity: 1; }
    svg .point:hover .mark { fill: var(--series); }
    svg .target { fill: transparent; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    .scroll { overflow-x: auto; }
    .numbers { font-size: .9rem; }
    .numbers th, .numbers td { padding: .55rem .65rem; text-align: right; white-space: nowrap; }
    .numbers th { font-size: .8rem; font-weight: 500; line-height: 1.25; color: var(--soft); vertical-align: bottom;
      white-space: normal; }
    .numbers tbody tr { border-top: 1px solid var(--line); }
    .numbers .best { background: var(--tint); font-weight: 600; }
    .numbers .best td:first-child { box-shadow: inset 3px 0 var(--accent); }
    .images { display: grid; gap: 1.25rem; }
    article { display: grid; grid-template-columns: minmax(0, 19rem) minmax(0, 1fr); overflow: hidden; }
    .image { background: color-mix(in srgb, var(--line) 45%, var(--card)); padding: 1.1rem; }
    .image img { display: block; width: 100%; max-height: 22rem; object-fit: contain; border-radius: 8px; }
    .name { font-size: .8rem; color: var(--soft); margin-top: .6rem; overflow-wrap: anywhere; }
    .missing { padding: 3rem 1rem; text-align: center; color: var(--soft); border: 1px dashed var(--line); border-radius: 8px; }
    .texts { padding: 1.2rem 1.5rem 1.35rem; }
    .texts ol, .texts ul { list-style: none; margin: .55rem 0 1.2rem; padding: 0; overflow-wrap: anywhere; }
    .texts details { margin-top: .55rem; }
    .texts summary { cursor: pointer; color: var(--soft); font-size: .9rem; }
    .texts details ol { margin-bottom: 0; }
    .texts details + ol { margin-top: 0; }
    .texts ul { margin-bottom: 0; color: var(--soft); font: italic 1rem/1.45 var(--serif); }
    .texts ul li { padding: .12rem 0; }
    .texts ol li { display: flex; gap: .75rem; padding: .22rem .5rem; margin: 0 -.5rem; border-radius: 8px; }
    .texts ol li span:last-child { min-width: 0; }
    .texts .kept { background: var(--tint); font-weight: 600; }
    .epoch { flex: none; min-width: 3.2em; text-align: right; color: var(--soft); font-weight: 400;
      font-variant-numeric: tabular-nums; }
    .kept .epoch { color: var(--accent); font-weight: 600; }
    .settings { border-collapse: separate; border-spacing: 0; overflow: hidden; font-size: .93rem; }
    .settings tbody { display: grid; grid-template-columns: repeat(auto-fill, minmax(21rem, 1fr)); gap: 1px; }
    .settings tr { display: flex; gap: 1rem; padding: .5rem 1.1rem; box-shadow: 0 0 0 1px var(--line); }
    .settings th { font-weight: 400; text-align: left; color: var(--soft); flex: none; padding: 0; }
    .settings td { text-align: right; flex: 1; padding: 0; min-width: 0; overflow-wrap: anywhere; }
    footer { max-width: 1120px; margin: 0 auto; padding: 2.5rem 1.5rem 3rem; color: var(--soft); font-size: .85rem; }
    @media (max-width: 720px) {
      main { padding: 2.2rem 1rem .5rem; }
      section { margin-top: 2.4rem; }
      .facts { grid-template-columns: repeat(2, 1fr); }
      .facts dd { font-size: 1.4rem; }
      .charts { grid-template-columns: minmax(0, 1fr); }
      svg .tick { font-size: 14.5px; }
      .numbers th, .numbers td { padding: .55rem .6rem; }
      article { grid-template-columns: minmax(0, 1fr); }
      .texts { padding: 1.1rem; }
      .settings tbody { grid-template-columns: minmax(0, 1fr); }
      footer { padding: 2rem 1rem; }
    }
    @media print {
      :root { --paper: #fff; }
      figure, article { break-inside: avoid; }
    }
    """
}
