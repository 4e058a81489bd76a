extension Stylesheet {
    static let components = """
        .bar { display: flex; align-items: center; gap: .25rem 1.25rem; padding: 0 1.5rem;
          min-height: 3.4rem; background: var(--surface); border-bottom: 1px solid var(--line);
          position: sticky; top: 0; z-index: 10; }
        .brand { display: flex; align-items: center; gap: .5rem; font-weight: 700; font-size: 1.1rem;
          letter-spacing: -.01em; color: var(--ink); text-decoration: none; }
        .mark-bird { fill: var(--accent); }
        .mark-perch { fill: none; stroke: var(--warm); stroke-width: 1.6; stroke-linecap: round; }
        .places, .own { display: flex; align-items: center; gap: .15rem; }
        .own { margin-left: auto; }
        .place { padding: .4rem .7rem; border-radius: 7px; color: var(--soft); text-decoration: none;
          font-weight: 550; font-size: .95rem; white-space: nowrap; }
        .place:hover { background: var(--sunken); color: var(--ink); }
        .place[aria-current] { background: var(--accent-soft); color: var(--ink); }
        .inline { display: inline; }
        .title { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.5rem;
          justify-content: space-between; margin-bottom: 1rem; }
        .crumbs { margin: 0 0 .2rem; font-size: var(--small); color: var(--faint);
          overflow-wrap: anywhere; }
        .ranges { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
        .segments { display: flex; background: var(--sunken); border-radius: 8px; padding: 3px;
          overflow-x: auto; }
        .segments a { padding: .3rem .65rem; border-radius: 6px; color: var(--soft);
          text-decoration: none; font-size: var(--small); font-weight: 550; white-space: nowrap; }
        .segments a:hover { color: var(--ink); }
        .segments a[aria-current] { background: var(--surface); color: var(--ink);
          box-shadow: var(--shadow); }
        .custom-range { position: relative; font-size: var(--small); }
        .custom-range > summary { padding: .4rem .7rem; border: 1px solid var(--line);
          border-radius: 8px; background: var(--surface); font-weight: 550; color: var(--soft); }
        .custom-range > summary:hover, .custom-range > summary.chosen { color: var(--ink);
          border-color: var(--accent); }
        .popover { position: absolute; right: 0; top: calc(100% + .4rem); z-index: 8; padding: 1rem;
          display: grid; gap: .7rem; background: var(--surface); border: 1px solid var(--line);
          border-radius: var(--radius); box-shadow: var(--shadow); width: 17rem; }
        .popover label { display: grid; gap: .2rem; color: var(--soft); }
        .popover button { justify-self: start; }
        .filters { display: flex; flex-wrap: wrap; gap: .6rem .75rem; align-items: end;
          margin: 0 0 1rem; }
        .search { flex: 1 1 22rem; position: relative; min-width: 0; }
        .search input { width: 100%; padding-right: 2.4rem; font-family: var(--mono);
          font-size: .9rem; }
        .search kbd { position: absolute; right: .6rem; top: 50%; transform: translateY(-50%);
          pointer-events: none; }
        .search input:focus + kbd { visibility: hidden; }
        .field { display: grid; gap: .2rem; font-size: var(--small); color: var(--soft);
          min-width: 0; }
        .filters .field select { max-width: 16rem; }
        .card > .filters { margin-bottom: 0; }
        .card > .filters .field select { max-width: none; }
        .field.wide { margin-bottom: .9rem; }
        .field.wide input { width: 100%; }
        .filters .field.wide { margin: 0; flex: 1 1 14rem; }
        .check { display: inline-flex; align-items: center; gap: .4rem; min-height: 2.35rem;
          font-size: var(--small); color: var(--soft); }
        .card { background: var(--surface); border: 1px solid var(--line);
          border-radius: var(--radius); box-shadow: var(--shadow); margin-bottom: 1rem; }
        .card > h2:first-child { margin-top: 0; }
        .card.good { border-left: 4px solid var(--good); }
        .narrow { max-width: 30rem; margin: 2rem auto; padding: 1.75rem 2rem; }
        .narrow h1 { margin-bottom: 1rem; }
        .narrow form + p { margin-top: 1.1rem; }
        .notice { background: var(--note); color: var(--note-ink); border-radius: 8px;
          padding: .55rem .9rem; font-size: .9rem; }
        .notice a { color: inherit; }
        .mistake { background: var(--bad-soft); border-left: 3px solid var(--bad);
          border-radius: 4px 8px 8px 4px; padding: .7rem 1rem; margin-bottom: 1rem; }
        .mistake p { margin: 0 0 .35rem; }
        .mistake code { white-space: pre-wrap; overflow-wrap: anywhere; }
        .mistake mark { background: var(--bad); color: var(--surface); border-radius: 3px;
          padding: 0 .15em; }
        .empty { text-align: center; padding: 3rem 1rem; color: var(--soft); }
        .empty h2 { margin-top: 0; color: var(--ink); }
        .empty .button { margin: 0 .2rem; }
        .badge { display: inline-block; font-size: .72rem; font-weight: 600; line-height: 1.5;
          padding: 0 .45rem; border-radius: 5px; background: var(--sunken); color: var(--soft);
          vertical-align: 1px; white-space: nowrap; }
        .badge.bad { background: var(--bad-soft); color: var(--bad); }
        .service { display: inline-flex; align-items: center; gap: .45rem; min-width: 0; }
        .service-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .dot { flex: none; display: inline-block; width: .6rem; height: .6rem; border-radius: 50%; }
        .c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); }
        .c3 { --c: var(--c3); } .c4 { --c: var(--c4); } .c5 { --c: var(--c5); }
        .c6 { --c: var(--c6); } .c7 { --c: var(--c7); }
        .dot { background: var(--c); }
        rect[class^=c] { fill: var(--c); }
        .l-trace { --l: var(--l-trace); --t: var(--t-trace); }
        .l-debug { --l: var(--l-debug); --t: var(--t-debug); }
        .l-info { --l: var(--l-info); --t: var(--t-info); }
        .l-warn { --l: var(--l-warn); --t: var(--t-warn); }
        .l-error { --l: var(--l-error); --t: var(--t-error); }
        .l-fatal { --l: var(--l-fatal); --t: var(--t-fatal); }
        .l-none { --l: var(--l-none); --t: var(--t-none); }
        rect[class^=l-] { fill: var(--l); }
        .level { color: var(--t); font-weight: 600; font-size: .78rem; text-decoration: none;
          white-space: nowrap; }
        a.level:hover { text-decoration: underline; }
        table { width: 100%; border-collapse: separate; border-spacing: 0;
          background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius);
          box-shadow: var(--shadow); margin-bottom: 1rem; }
        th, td { text-align: left; padding: .6rem .9rem; border-bottom: 1px solid var(--line);
          font-weight: 400; vertical-align: middle; }
        thead th { font-size: .75rem; font-weight: 600; color: var(--faint); padding: .55rem .9rem; }
        tbody tr:last-child > * { border-bottom: 0; }
        tbody tr:hover { background: color-mix(in srgb, var(--sunken) 55%, transparent); }
        tbody th a { color: var(--ink); text-decoration: none; font-weight: 550; }
        tbody th a:hover { color: var(--accent); text-decoration: underline; }
        td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
        td a.bad, td .bad { font-weight: 600; }
        td a.some { color: var(--ink); }
        td.act { text-align: right; }
        tr.revoked > * { color: var(--faint); }
        .fields { margin: 0; display: grid; font-size: var(--small); }
        .fields > div { display: grid; grid-template-columns: minmax(8rem, 15rem) 1fr; gap: .75rem;
          padding: .22rem 0; border-bottom: 1px solid color-mix(in srgb, var(--line) 60%, transparent); }
        .fields > div:last-child { border-bottom: 0; }
        .fields dt { color: var(--faint); overflow-wrap: anywhere; font-family: var(--mono); }
        .fields dd { margin: 0; font-family: var(--mono); overflow-wrap: anywhere;
          white-space: pre-wrap; }
        .only { margin-left: .75rem; font-family: var(--text); font-size: .75rem;
          white-space: nowrap; opacity: 0; }
        .fields > div:hover .only, .only:focus-visible { opacity: 1; }
        .snippet { border: 1px solid var(--line); border-radius: 8px; background: var(--surface);
          margin-bottom: .5rem; }
        .snippet > summary { padding: .7rem 1rem; display: flex; flex-wrap: wrap; gap: .2rem .75rem;
          align-items: baseline; }
        .snippet > summary span { color: var(--faint); font-size: var(--small); }
        .snippet > summary::before { content: "▸"; color: var(--faint); }
        .snippet[open] > summary::before { content: "▾"; }
        .snippet > .code { margin: 0 1rem 1rem; }
        .code { position: relative; background: var(--sunken); border-radius: 7px;
          padding: .8rem 1rem; }
        .code pre { white-space: pre; overflow-x: auto; }
        .code .copy { position: absolute; right: .5rem; top: .5rem; background: var(--surface); }
        .teach { max-width: 54rem; margin: 1rem auto; }
        .teach h2 { font-size: 1.3rem; }
        .teach > p { color: var(--soft); }

        """
}
