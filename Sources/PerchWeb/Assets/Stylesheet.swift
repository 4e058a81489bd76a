/// The look of every page, in one file for the browser.
///
/// Colours, sizes and shadows are named once, in the tokens, for a light and a dark surrounding.
enum Stylesheet {
    static let text = tokens + base + components + pages

    static let tokens = """
        :root {
          color-scheme: light dark;
          --ground: #f6f7f6; --surface: #ffffff; --sunken: #eef1ef; --line: #dde3df;
          --ink: #17211d; --soft: #4b5a53; --faint: #5d6b64;
          --accent: #0f766e; --accent-ink: #ffffff; --accent-soft: #d9efeb; --warm: #b45309;
          --good: #116e33; --bad: #b91c1c; --bad-soft: #fdeaea; --note: #fdf3dc; --note-ink: #6b4309;
          --l-trace: #9aa7a0; --l-debug: #64748b; --l-info: #0e7fa8; --l-warn: #d08700;
          --l-error: #d4332c; --l-fatal: #a21caf; --l-none: #b4bfb9;
          --t-trace: #56635c; --t-debug: #52607a; --t-info: #0b6484; --t-warn: #8a5600;
          --t-error: #b3231d; --t-fatal: #86198f; --t-none: #5d6a63;
          --c0: #0f8f85; --c1: #3b6fd4; --c2: #c2710c; --c3: #8b5cc7; --c4: #c03a72;
          --c5: #5d8a1c; --c6: #0f8cb8; --c7: #a0673a;
          --shadow: 0 1px 2px rgb(16 32 25 / 6%), 0 4px 16px rgb(16 32 25 / 5%);
          --radius: 10px; --small: .8125rem;
          --text: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
          --mono: ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas,
            "DejaVu Sans Mono", monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #0e1413; --surface: #161e1c; --sunken: #1d2725; --line: #2b3735;
            --ink: #e7eeeb; --soft: #b3c1bb; --faint: #8fa099;
            --accent: #4fc9ba; --accent-ink: #06201d; --accent-soft: #163b37; --warm: #f0b35a;
            --good: #5cc98a; --bad: #ff8a80; --bad-soft: #3a1f1e; --note: #33291a; --note-ink: #f3d9a4;
            --l-trace: #6d7b75; --l-debug: #7d8da6; --l-info: #3fa9d1; --l-warn: #e0a526;
            --l-error: #f0625a; --l-fatal: #d66ae0; --l-none: #56645e;
            --t-trace: #a0aea8; --t-debug: #a9b8cf; --t-info: #73c7e8; --t-warn: #f0bf55;
            --t-error: #ff8f87; --t-fatal: #eba1f2; --t-none: #9aa8a2;
            --c0: #3fbfb1; --c1: #7aa5f5; --c2: #e89a45; --c3: #b795ea; --c4: #ea7fa8;
            --c5: #9cc653; --c6: #4fb9e0; --c7: #cf9a6d;
            --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 4px 16px rgb(0 0 0 / 25%);
          }
        }

        """

    static let base = """
        *, *::before, *::after { box-sizing: border-box; }
        html { font-size: 15px; -webkit-text-size-adjust: 100%; overflow-y: scroll; }
        body { margin: 0; background: var(--ground); color: var(--ink); font-family: var(--text);
          line-height: 1.45; }
        main { max-width: 1440px; margin: 0 auto; padding: 1.25rem 1.5rem 4rem; }
        h1 { font-size: 1.5rem; line-height: 1.2; margin: 0; letter-spacing: -.01em;
          overflow-wrap: anywhere; }
        h2 { font-size: 1.05rem; margin: 1.5rem 0 .6rem; }
        h3 { font-size: .75rem; margin: 1rem 0 .35rem; color: var(--faint); font-weight: 600;
          letter-spacing: .05em; text-transform: uppercase; }
        p { margin: 0 0 .7rem; }
        a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
        code, pre, kbd { font-family: var(--mono); font-size: .92em; }
        pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
        .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
          clip-path: inset(50%); white-space: nowrap; }
        .skip { position: absolute; left: 1rem; top: -4rem; z-index: 20; padding: .5rem 1rem;
          background: var(--surface); border-radius: 0 0 6px 6px; }
        .skip:focus { top: 0; }
        .small, small { font-size: var(--small); color: var(--faint); }
        .faint { color: var(--faint); }
        .bad { color: var(--bad); }
        .pad { padding: 1rem 1.25rem; }
        button, .button { font: inherit; font-size: .93rem; font-weight: 550; line-height: 1.2;
          display: inline-flex; align-items: center; padding: .5rem .9rem; cursor: pointer;
          border: 1px solid var(--line); border-radius: 7px; background: var(--surface);
          color: var(--ink); text-decoration: none; }
        button:hover, .button:hover { border-color: var(--accent); }
        button.primary { background: var(--accent); color: var(--accent-ink);
          border-color: transparent; }
        button.quiet { padding: .3rem .6rem; font-size: var(--small); background: transparent; }
        button.danger { color: var(--bad); }
        input, select { font: inherit; font-size: .93rem; color: var(--ink); max-width: 100%;
          background: var(--surface); border: 1px solid var(--line); border-radius: 7px;
          padding: .45rem .6rem; min-height: 2.35rem; }
        input:hover, select:hover { border-color: var(--faint); }
        input::placeholder { color: var(--faint); opacity: 1; }
        input[type=checkbox] { min-height: 0; width: 1rem; height: 1rem; margin: 0;
          accent-color: var(--accent); }
        kbd { border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px;
          padding: 0 .35rem; background: var(--sunken); color: var(--faint); }
        summary { cursor: pointer; list-style: none; }
        summary::-webkit-details-marker { display: none; }
        time { font-variant-numeric: tabular-nums; white-space: nowrap; }
        @media (prefers-reduced-motion: no-preference) {
          a, button, .button, input, select, summary { transition: background-color .12s,
            border-color .12s, color .12s; }
        }

        """
}
