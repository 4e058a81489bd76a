extension Stylesheet {
    static let pages = """
        .tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: .75rem;
          margin-bottom: 1rem; }
        .tile { background: var(--surface); border: 1px solid var(--line);
          border-radius: var(--radius); box-shadow: var(--shadow); padding: .75rem 1rem;
          display: grid; gap: .1rem; }
        .tile-words { font-size: var(--small); color: var(--faint); }
        .tile-value { font-size: 1.55rem; font-weight: 650; letter-spacing: -.02em;
          font-variant-numeric: tabular-nums; line-height: 1.2; }
        .tile.bad .tile-value { color: var(--bad); }
        .services th .badge { margin-left: .5rem; }
        .spark { width: 6rem; height: 1.5rem; vertical-align: middle; margin-right: .7rem;
          overflow: visible; }
        .spark polyline { fill: none; stroke: var(--accent); stroke-width: 1.5;
          vector-effect: non-scaling-stroke; stroke-linejoin: round; }
        .spark-area { fill: var(--accent-soft); }
        .level-cell { display: grid; gap: .25rem; min-width: 9rem; }
        .level-cell > a { display: block; line-height: 0; }
        .level-bar { width: 100%; height: 6px; border-radius: 3px; background: var(--sunken); }
        .level-counts { display: flex; flex-wrap: wrap; gap: 0 .7rem; }
        .legend { display: flex; flex-wrap: wrap; gap: .15rem 1rem; align-items: baseline;
          padding: .7rem 1rem 0; font-size: .9rem; }
        .legend .level::before { content: ""; display: inline-block; width: .6rem; height: .6rem;
          border-radius: 2px; background: var(--l); margin-right: .35rem; }
        .histogram { padding: .4rem 1rem .6rem; position: relative; }
        .bars { display: block; width: 100%; height: 6.5rem; border-bottom: 1px solid var(--line); }
        .hit { fill: transparent; }
        .bars a:hover .hit, .bars a:focus-visible .hit { fill: var(--sunken); }
        .bars a { outline: none; }
        .peak { position: absolute; left: 1rem; top: .1rem; font-size: .72rem;
          color: var(--faint); }
        .axis { display: flex; justify-content: space-between; font-size: .75rem;
          color: var(--faint); padding-top: .25rem; }
        .logs { background: var(--surface); border: 1px solid var(--line);
          border-radius: var(--radius); box-shadow: var(--shadow); overflow: hidden; }
        .log { border-bottom: 1px solid color-mix(in srgb, var(--line) 65%, transparent);
          box-shadow: inset 3px 0 0 var(--l); }
        .log > summary { display: grid; grid-template-columns: 11.5rem 3.2rem 9rem 1fr; gap: .75rem;
          align-items: baseline; padding: .32rem 1rem .32rem 1.1rem; font-size: var(--small); }
        .log > summary:hover, .log[open] > summary { background: var(--sunken); }
        .log > summary time { color: var(--faint); font-family: var(--mono); font-size: .78rem; }
        .log > summary .level { text-transform: uppercase; font-size: .72rem; overflow: hidden;
          text-overflow: ellipsis; }
        .log .service { color: var(--soft); overflow: hidden; align-items: center; }
        .log .body { font-family: var(--mono); overflow: hidden; text-overflow: ellipsis;
          white-space: nowrap; }
        .record { padding: .7rem 1.1rem 1.1rem 1.3rem; background:
          color-mix(in srgb, var(--sunken) 45%, var(--surface)); }
        .whole { font-size: .87rem; max-height: 28rem; overflow: auto; }
        .links { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center;
          margin: .8rem 0 0; font-size: var(--small); }
        .links .button { padding: .35rem .7rem; font-size: var(--small); }
        .end { text-align: center; padding: 1rem; margin: 0; color: var(--faint);
          font-size: var(--small); }
        .traces th a { display: inline-flex; gap: .75rem; align-items: baseline; max-width: 100%; }
        .traces .service { color: var(--faint); font-weight: 400; min-width: 9rem; }
        .length { width: 8rem; height: 6px; margin-right: .7rem; vertical-align: 2px;
          background: var(--sunken); border-radius: 3px; }
        .length rect { fill: var(--accent); }
        .length rect.bad, .bar rect.bad { fill: var(--l-error); }
        .facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0 0 1rem; }
        .facts dt { font-size: var(--small); color: var(--faint); }
        .facts dd { margin: 0; font-size: 1.05rem; font-weight: 600; display: flex; flex-wrap: wrap;
          gap: 0 1rem; }
        .facts .service { font-weight: 500; font-size: .95rem; }
        .waterfall { overflow: hidden; }
        .ruler, .span > summary { display: grid; grid-template-columns: minmax(14rem, 34%) 1fr;
          gap: 1rem; align-items: center; padding: 0 1rem; }
        .ruler { font-size: .75rem; color: var(--faint); padding: .5rem 1rem;
          border-bottom: 1px solid var(--line); }
        .ticks { display: flex; justify-content: space-between; }
        .span > summary:hover, .span[open] > summary { background: var(--sunken); }
        .span-name { display: flex; gap: .5rem; align-items: center; min-width: 0;
          font-size: .9rem; padding: .28rem 0; }
        .span-name .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .span-name .faint { font-size: .78rem; white-space: nowrap; overflow: hidden;
          text-overflow: ellipsis; }
        .span.error .name { color: var(--bad); }
        .d1 { padding-left: 1rem; } .d2 { padding-left: 2rem; } .d3 { padding-left: 3rem; }
        .d4 { padding-left: 4rem; } .d5 { padding-left: 5rem; } .d6 { padding-left: 6rem; }
        .d7 { padding-left: 7rem; } .d8 { padding-left: 8rem; } .d9 { padding-left: 9rem; }
        .d10 { padding-left: 10rem; } .d11 { padding-left: 11rem; } .d12 { padding-left: 12rem; }
        svg.bar { display: block; position: static; min-height: 0; padding: 0; border: 0;
          background: none; overflow: visible; }
        svg.bar line { stroke: color-mix(in srgb, var(--line) 70%, transparent); }
        svg.bar text { font-size: .75rem; fill: var(--soft); font-variant-numeric: tabular-nums; }
        svg.bar text.inside { fill: var(--surface); font-weight: 600; }
        .events { margin: 0; padding: 0; list-style: none; font-size: var(--small); }
        .events li { padding: .35rem 0 .35rem .75rem; border-left: 2px solid var(--line); }
        .events p { margin: 0; }
        .labels { order: 9; flex-basis: 100%; display: flex; flex-wrap: wrap; gap: .5rem .9rem; }
        .label-field { display: flex; align-items: end; gap: .4rem; padding: .45rem .65rem;
          border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
        .label-field .field > span { font-family: var(--mono); }
        .label-field select { min-height: 2rem; padding: .25rem .4rem; max-width: 13rem; }
        .label-field .check { min-height: 2rem; }
        .plot { padding: .5rem 1rem 1rem; min-height: 17rem; }
        .plot-fallback { position: relative; }
        .lines svg, svg.lines { display: block; width: 100%; height: 15rem;
          border-bottom: 1px solid var(--line); }
        svg.lines polyline { fill: none; stroke: var(--c); stroke-width: 1.6;
          stroke-linejoin: round; stroke-linecap: round; }
        table.lines .dot { margin-right: .5rem; }
        table.lines .name { overflow-wrap: anywhere; }
        .metrics code { overflow-wrap: anywhere; }
        .metrics .help { color: var(--soft); }
        .uplot, .uplot * { font-family: var(--text); }
        .u-legend { font-size: var(--small); color: var(--soft); text-align: left !important; }
        .u-legend, .u-legend tr { display: block; border: 0; box-shadow: none; background: none; }
        .u-legend th, .u-legend td { border: 0; padding: .1rem .3rem; }
        .u-legend.u-inline .u-series { display: inline-block; }
        @media (max-width: 860px) {
          main { padding: 1rem .9rem 3rem; }
          .bar { flex-wrap: wrap; padding: .5rem .9rem 0; }
          .places { order: 3; flex-basis: 100%; overflow-x: auto; padding-bottom: .4rem; }
          .place { padding: .35rem .6rem; }
          .tiles { grid-template-columns: repeat(2, 1fr); }
          .tile:first-child { display: none; }
          .custom-range { position: static; }
          .segments a { padding: .3rem .4rem; }
          .traces .service { min-width: 0; }
          .popover { left: .9rem; right: .9rem; top: auto; width: auto; }
          .narrow { margin: 1rem auto; padding: 1.25rem; }
          .cards thead { display: none; }
          .cards, .cards tbody { display: block; }
          .cards tr { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem 1rem;
            padding: .8rem .9rem; border-bottom: 1px solid var(--line); }
          .cards tr:last-child { border-bottom: 0; }
          .cards th, .cards td { border: 0; padding: 0; min-width: 0; }
          .cards th, .cards .levels, .cards .help { grid-column: 1 / -1; }
          .cards td::before { content: attr(data-label); display: block; font-size: .72rem;
            color: var(--faint); }
          .cards td.act { text-align: left; }
          .cards .levels, .cards .help { order: 9; }
          .spark { width: 4rem; }
          .length { width: 5rem; }
          .filters > button { flex: 1; justify-content: center; }
          .filters .field { flex: 1 1 8rem; }
          .filters .field select, .filters .field input { width: 100%; max-width: none; }
          .log > summary { grid-template-columns: auto auto 1fr; gap: .1rem .6rem; }
          .log .body { grid-column: 1 / -1; white-space: normal; display: -webkit-box;
            -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
          .fields > div { grid-template-columns: 1fr; gap: 0; }
          .only { opacity: 1; margin-left: .5rem; }
          .ruler { display: none; }
          .span > summary { grid-template-columns: 1fr; gap: 0; padding: .2rem .9rem; }
          .span { border-bottom: 1px solid color-mix(in srgb, var(--line) 60%, transparent); }
          .d3, .d4, .d5 { padding-left: 2.5rem; }
          .d6, .d7, .d8, .d9, .d10, .d11, .d12 { padding-left: 3rem; }
          .facts { gap: .5rem 1.25rem; }
        }

        """
}
